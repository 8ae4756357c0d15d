using System.Net;
using System.Text.Json;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>What customers see of an account before they come in, and while they cannot.</summary>
[Trait("Catalogue", "RCC-20")]
public sealed class WidgetTests(RunningServer server)
{
    const string Text = "We are back on Monday: +1 555 0100.";

    [Fact]
    public async Task Anybody_sees_how_the_account_of_an_inbox_looks_and_nothing_that_is_secret()
    {
        var tenant = await Tenant.MakeAsync(server);
        Assert.Equal((tenant.Slug, "open", null), Front(await server.Api().GetAsync(Path(tenant))));
        await BrandAsync(tenant, new { name = "Acme", primary_color = "#102030", logo_url = "https://acme.example/logo.svg", suspended_message = Text });
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { hmac_mandatory = true })).Ok();
        var seen = (await server.Api().GetAsync(Path(tenant))).Ok();
        Assert.Equal(
            """{"name":"Acme","primary_color":"#102030","accent_color":null,"logo_url":"https://acme.example/logo.svg","hmac_mandatory":true,"status":"open","suspended_message":null,"departments":[]}""", seen.Body);
        (await tenant.Administrator.Api.PostAsync($"{tenant.Path}/inboxes/{tenant.Inbox}/archive", new { })).Ok();
        Assert.Equal("archived", (await server.Api().GetAsync(Path(tenant))).Ok().Text("status"));
        (await server.Api().GetAsync("/public/api/v1/inboxes/nowhere")).Refused(HttpStatusCode.NotFound, "notFound");
        (await server.Api().GetAsync($"/public/api/v1/inboxes/{new string('x', 101)}")).Refused(HttpStatusCode.NotFound, "notFound");

        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { allowed_origins = new[] { "https://shop.example" } })).Ok();
        (await server.Api().SendAsync(HttpMethod.Get, Path(tenant), null, ("Origin", "https://evil.example"))).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await server.Api().SendAsync(HttpMethod.Get, Path(tenant), null, ("Origin", "https://shop.example"))).Ok();
    }

    [Fact]
    [Trait("Catalogue", "RCC-8")]
    public async Task A_customer_chooses_a_department_and_waits_in_its_queue()
    {
        var tenant = await Tenant.MakeAsync(server);
        var departments = new[] { new { id = tenant.Queue, name = "Sales" }, new { id = tenant.Id, name = "All else" } };
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { departments })).Ok();
        Assert.Equal(
            $$"""[{"id":"{{tenant.Queue}}","name":"Sales"},{"id":"{{tenant.Id}}","name":"All else"}]""", (await server.Api().GetAsync(Path(tenant))).Ok().Json.GetProperty("departments").GetRawText());

        // From the widget, and by an agent or application that opens it in a customer's name.
        await using var phone = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        var live = Guid.CreateVersion7();
        Assert.Equal("ok", (await phone.CallAsync("OpenConversation", new { number = 1, conversationId = live, departmentId = tenant.Queue })).GetProperty("code").GetString());
        var waiting = (await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations", new { inbox_id = tenant.Inbox, contact_id = tenant.OtherContact, unassigned = true, department_id = tenant.Queue })).Id();
        var other = (await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations", new { department_id = tenant.Id })).Id();
        var none = (await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        foreach (var (conversation, queue) in new[] { (live, tenant.Queue), (waiting, tenant.Queue), (other, tenant.Id), (none, tenant.Id) })
        {
            Assert.Equal(queue, (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/conversations/{conversation}/handling")).Ok().Id("queue_id"));
        }

        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", new { department_id = Guid.CreateVersion7() })).Refused(HttpStatusCode.NotFound, "notFound");
        Assert.Contains("leads into", (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/queues/{tenant.Queue}")).Refused(HttpStatusCode.Conflict, "conflict").Text("detail"), StringComparison.Ordinal);

        // What is wrong is named, and nothing is changed.
        foreach (var (wrong, code, word) in new (object Wrong, string Code, string Word)[]
        {
            (new[] { new { id = tenant.Queue, name = "" } }, "malformed", "departments.name"),
            (new[] { new { id = tenant.Queue, name = "A" }, new { id = tenant.Queue, name = "B" } }, "malformed", "departments.id"),
            (new[] { new { id = tenant.Queue, name = "A" }, new { id = tenant.Id, name = "a" } }, "malformed", "departments.name"),
            (Enumerable.Range(0, 21).Select(n => new { id = Guid.CreateVersion7(), name = $"{n}" }), "tooLarge", "MaxDepartments is 20"),
            (new[] { new { id = Guid.CreateVersion7(), name = "A" } }, "notFound", "queue"),
        })
        {
            var refused = await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { departments = wrong });
            Assert.Equal((code, true), (refused.Code, refused.Text("detail")!.Contains(word, StringComparison.Ordinal)));
        }

        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { name = "Shop" })).Ok();
        Assert.Equal(2, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/inboxes/{tenant.Inbox}")).Ok().Json.GetProperty("departments").GetArrayLength());
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { departments = Array.Empty<object>() })).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/queues/{tenant.Queue}")).Ok();
    }

    [Fact]
    public async Task Customers_of_a_suspended_account_are_told_its_own_words_wherever_they_come()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var phone = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);
        await SuspendAsync(tenant);
        Assert.All(await RefusedAsync(tenant), refused => Assert.DoesNotContain("Monday", refused.Body, StringComparison.Ordinal));
        await phone.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        (await server.Api(server.Operator).PostAsync($"/platform/api/v1/accounts/{tenant.Id}/resume", new { })).Ok();

        await BrandAsync(tenant, new { name = "Acme", suspended_message = Text });
        await SuspendAsync(tenant);
        Assert.All(await RefusedAsync(tenant), refused => Assert.Equal(Text, refused.Text("detail")));
        Assert.Equal(("Acme", "suspended", Text), Front(await server.Api().GetAsync(Path(tenant))));
        Assert.NotEqual(Text, (await tenant.Agent.Api.GetAsync($"{tenant.Path}/profile")).Refused(HttpStatusCode.Forbidden, "suspended").Text("detail"));
    }

    [Fact]
    public async Task An_account_that_has_ended_has_no_inbox_and_an_address_asks_only_so_often()
    {
        await using var narrow = await RunningServer.WithAsync("--Rcc:SignIn:InboxLooksPerMinuteAndAddress=3", "--Rcc:Tenants:DeletionWait=00:00:00", "--Rcc:Tenants:ErasureInterval=00:00:00.05");
        var tenant = await Tenant.MakeAsync(narrow);
        (await narrow.Api().GetAsync(Path(tenant))).Ok();
        var platform = narrow.Api(narrow.Operator);
        (await platform.SendAsync(HttpMethod.Delete, $"/platform/api/v1/accounts/{tenant.Id}")).Ok();
        await Until.TrueAsync(async () => (await platform.GetAsync($"/platform/api/v1/accounts/{tenant.Id}")).Status == HttpStatusCode.NotFound, () => "the account has ended");
        (await narrow.Api().GetAsync(Path(tenant))).Refused(HttpStatusCode.NotFound, "notFound");
        List<ApiAnswer> answers = [];
        while (answers.Count < 4) answers.Add(await narrow.Api().GetAsync(Path(tenant)));
        Assert.Contains(answers, answer => answer.Code == "rateLimited");
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("long")]
    public async Task A_text_of_the_wrong_form_is_refused(string text)
    {
        var tenant = await Tenants.FirstAsync(server);
        var refused = await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, tenant.Path, new { branding = new { suspended_message = text == "long" ? new string('x', 501) : text } });
        Assert.Contains("suspended_message", refused.Text("detail"), StringComparison.Ordinal);
    }

    /// <summary>Everything a customer tries: its session, the hub, a ticket for it, and coming in anew.</summary>
    async Task<IReadOnlyList<ApiAnswer>> RefusedAsync(Tenant tenant)
    {
        ApiAnswer[] answers =
        [
            await tenant.Customer.Api.GetAsync($"{tenant.Path}/conversations"),
            await tenant.Customer.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", new { }),
            await tenant.Customer.Api.SendAsync(HttpMethod.Post, "/hubs/v1/device/negotiate?negotiateVersion=1"),
            await tenant.Customer.Api.SendAsync(HttpMethod.Post, "/api/v1/auth/ticket", new { }),
            await server.Api().SendAsync(HttpMethod.Post, $"{Path(tenant)}/contacts", new { }),
        ];
        return [.. answers.Select(answer => answer.Refused(HttpStatusCode.Forbidden, "suspended"))];
    }

    static string Path(Tenant tenant) => $"/public/api/v1/inboxes/{tenant.InboxIdentifier}";

    static (string?, string?, string?) Front(ApiAnswer answer) =>
        (answer.Ok().Text("name"), answer.Text("status"), answer.Json.GetProperty("suspended_message") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null);

    static async Task BrandAsync(Tenant tenant, object branding) => (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, tenant.Path, new { branding })).Ok();

    async Task SuspendAsync(Tenant tenant) => (await server.Api(server.Operator).SendAsync(HttpMethod.Post, $"/platform/api/v1/accounts/{tenant.Id}/suspend")).Ok();
}
