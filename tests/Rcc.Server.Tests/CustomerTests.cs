using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>How customers come in: anonymous or verified, and from which pages.</summary>
[Trait("Catalogue", "RCC-19")]
public sealed class CustomerTests(RunningServer server)
{
    const string Allowed = "https://shop.example";

    [Fact]
    public async Task A_signed_identifier_leads_to_the_same_contact_again()
    {
        var tenant = await Tenants.FirstAsync(server);
        var body = new { identifier = "customer-1", identifier_hash = tenant.Sign("customer-1"), name = "Ida" };
        var first = (await server.Api().PostAsync(Sessions(tenant), body)).Id("person_id");
        var second = (await server.Api().PostAsync(Sessions(tenant), body)).Id("person_id");
        Assert.Equal(first, second);
        Assert.Equal("customer-1", (await tenant.Agent.Api.GetAsync($"{tenant.Path}/contacts/{first}")).Ok().Text("identifier"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no hex")]
    [InlineData("00")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task An_identifier_without_its_right_signature_is_refused(string? hash)
    {
        var tenant = await Tenants.FirstAsync(server);
        (await server.Api().SendAsync(HttpMethod.Post, Sessions(tenant), new { identifier = "customer-2", identifier_hash = hash })).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_rotated_secret_signs_at_once_and_the_one_before_until_its_overlap_ends()
    {
        var tenant = await Tenant.MakeAsync(server);
        var inbox = $"{tenant.Path}/inboxes/{tenant.Inbox}";
        var rotated = await tenant.Administrator.Api.PostAsync($"{inbox}/rotate_secret", new { overlap_seconds = 600 });
        var second = rotated.Text("identity_secret");
        Assert.NotEqual(tenant.IdentitySecret, second);
        Assert.Equal(second, (await tenant.Application.Api.GetAsync(inbox)).Ok().Text("identity_secret"));
        Assert.InRange(rotated.Json.GetProperty("previous_secret_valid_until").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddSeconds(300), DateTimeOffset.UtcNow.AddSeconds(660));
        Assert.Equal((await BeginAsync(tenant.IdentitySecret)).Ok().Id("person_id"), (await BeginAsync(second)).Ok().Id("person_id"));

        // One that leaked ends at once, and so does one before it, whatever it was promised.
        var third = (await tenant.Administrator.Api.PostAsync($"{inbox}/rotate_secret", new { overlap_seconds = 0 })).Text("identity_secret");
        (await BeginAsync(tenant.IdentitySecret)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await BeginAsync(second)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await BeginAsync(third)).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{inbox}/rotate_secret", new { overlap_seconds = -1 })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{inbox}/rotate_secret", new { overlap_seconds = 1_000_000 })).Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge");
        Assert.Equal(JsonValueKind.Null, (await tenant.Agent.Api.GetAsync(inbox)).Ok().Json.GetProperty("identity_secret").ValueKind);

        Task<ApiAnswer> BeginAsync(string secret) =>
            server.Api().SendAsync(HttpMethod.Post, Sessions(tenant), new { identifier = "customer-9", identifier_hash = Tenant.Sign("customer-9", secret) });
    }

    [Fact]
    public async Task A_flood_of_anonymous_customers_is_slowed_down_for_the_tenant_it_comes_to_and_nobody_else()
    {
        await using var narrow = await RunningServer.WithAsync("--Rcc:Access:NewContactsPerMinute=4");
        var (tenant, other) = (await Tenant.MakeAsync(narrow), await Tenant.MakeAsync(narrow));
        List<ApiAnswer> answers = [];
        while (answers.Count < 8) answers.Add(await narrow.Api().SendAsync(HttpMethod.Post, Sessions(tenant), new { }));
        var refused = answers.Last(answer => !answer.IsSuccess);
        Assert.Contains("NewContactsPerMinute", refused.Refused(HttpStatusCode.TooManyRequests, "rateLimited").Text("detail"), StringComparison.Ordinal);
        Assert.Contains("Retry-After", refused.Headers.Keys);
        await narrow.Api().PostAsync(Sessions(tenant), new { identifier = "customer-1", identifier_hash = tenant.Sign("customer-1") });
        await narrow.Api().PostAsync(Sessions(other), new { });
    }

    [Fact]
    public async Task A_customer_has_so_many_devices_and_one_more_signs_the_oldest_out()
    {
        await using var narrow = await RunningServer.WithAsync("--Rcc:Customers:MaxDevices=2");
        var tenant = await Tenant.MakeAsync(narrow);
        List<string> credentials = [];
        for (var i = 0; i < 4; i++)
        {
            var session = await narrow.Api().PostAsync(Sessions(tenant), new { identifier = "customer-1", identifier_hash = tenant.Sign("customer-1") });
            credentials.Add(session.Text("access_token"));
        }

        foreach (var old in credentials[..2]) (await narrow.Api(old).GetAsync($"{tenant.Path}/conversations")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        foreach (var live in credentials[2..]) (await narrow.Api(live).GetAsync($"{tenant.Path}/conversations")).Ok();
    }

    [Fact]
    public async Task No_secret_of_an_account_stands_in_its_archive_for_all_to_read()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = "https://crm.example/" })).Ok();
        var lookup = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/context_lookup")).Ok().Text("secret");
        const string Password = "password of the XDMS";
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile_lookup", new { xcap_root = "https://xcap.example", username = "rcc", password = Password })).Ok();
        await using var archive = new GZipStream(new MemoryStream(await Archives.ExportAsync(server.Api(server.Operator), tenant.Id)), CompressionMode.Decompress);
        using var all = new MemoryStream();
        await archive.CopyToAsync(all, TestContext.Current.CancellationToken);
        Assert.NotEqual(-1, all.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(tenant.InboxIdentifier)));
        foreach (var secret in new[] { tenant.IdentitySecret, lookup, Password })
        {
            // States of items stand there in hex.
            Assert.Equal(-1, all.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)));
            Assert.Equal(-1, all.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret)))));
        }
    }

    [Fact]
    public async Task Another_inboxs_secret_signs_nothing_here()
    {
        var (tenant, other) = (await Tenants.FirstAsync(server), await Tenants.SecondAsync(server));
        (await server.Api().SendAsync(HttpMethod.Post, Sessions(tenant), new { identifier = "customer-3", identifier_hash = other.Sign("customer-3") }))
            .Refused(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task An_inbox_that_wants_identities_refuses_anonymous_customers()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { hmac_mandatory = true })).Ok();
        (await server.Api().SendAsync(HttpMethod.Post, Sessions(tenant), new { })).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        await server.Api().PostAsync(Sessions(tenant), new { identifier = "customer-4", identifier_hash = tenant.Sign("customer-4") });
    }

    [Fact]
    public async Task Customers_come_from_the_inboxs_pages_only()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { allowed_origins = new[] { Allowed } })).Ok();
        (await server.Api().SendAsync(HttpMethod.Post, Sessions(tenant), new { }, ("Origin", "https://evil.example"))).Refused(HttpStatusCode.Forbidden, "forbidden");
        var session = (await server.Api().SendAsync(HttpMethod.Post, Sessions(tenant), new { }, ("Origin", Allowed))).Ok();
        Assert.Equal("*", session.Headers["Access-Control-Allow-Origin"]);
        var credential = session.Text("access_token");

        (await server.Api(credential).SendAsync(HttpMethod.Get, $"{tenant.Path}/conversations", null, ("Origin", "https://evil.example"))).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await server.Api(credential).SendAsync(HttpMethod.Get, $"{tenant.Path}/conversations", null, ("Origin", Allowed))).Ok();
        Assert.Equal(403, await HubSocket.RefusedWithAsync(server.Address, credential, origin: "https://evil.example"));
        await using var hub = await HubSocket.ConnectAsync(server.Address, credential, origin: Allowed);
    }

    [Fact]
    public async Task A_refused_page_uses_no_ticket_up_for_the_right_one_to_miss()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/inboxes/{tenant.Inbox}", new { allowed_origins = new[] { Allowed } })).Ok();
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, "/api/v1/auth/ticket", new { }, ("Origin", "https://evil.example"))).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, "/api/v1/auth/ticket", new { }, ("Origin", Allowed))).Ok();
    }

    [Fact]
    public async Task An_unknown_inbox_is_not_found() =>
        (await server.Api().SendAsync(HttpMethod.Post, "/public/api/v1/inboxes/no-such-inbox/contacts", new { })).Refused(HttpStatusCode.NotFound, "notFound");

    [Fact]
    public async Task Customers_neither_see_nor_count_what_agents_say_among_themselves()
    {
        var tenant = await Tenant.MakeAsync(server);
        var messages = $"{tenant.Path}/conversations/{tenant.Conversation}/messages";
        await tenant.Agent.Api.PostAsync(messages, new { content = "Between us", @private = true });
        await tenant.Agent.Api.PostAsync(messages, new { content = "To you" });
        var seen = (await tenant.Customer.Api.GetAsync(messages)).Ok();
        Assert.DoesNotContain("Between us", seen.Body, StringComparison.Ordinal);
        Assert.Equal([1, 2], seen.Json.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("seq").GetInt64()));
        (await tenant.Customer.Api.GetAsync($"{messages}?private=true")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, messages, new { content = "x", @private = true })).Refused(HttpStatusCode.Forbidden, "forbidden");
        Assert.Contains("Between us", (await tenant.Agent.Api.GetAsync($"{messages}?private=true")).Ok().Body, StringComparison.Ordinal);
    }

    static string Sessions(Tenant tenant) => $"/public/api/v1/inboxes/{tenant.InboxIdentifier}/contacts";
}
