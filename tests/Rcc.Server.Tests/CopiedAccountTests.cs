using System.Net;
using System.Text.Json;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>An account is taken in a second time, beside itself: all of it is there twice, and neither meets the other.</summary>
[Trait("Catalogue", "RCC-32")]
[Trait("Catalogue", "RCC-28")]
[Trait("Catalogue", "RCC-29")]
public sealed class CopiedAccountTests(RunningServer server)
{
    [Fact]
    public async Task A_copy_has_the_history_contacts_and_queues_of_its_original_and_names_itself()
    {
        var tenant = await Tenant.MakeAsync(server);
        var waiting = (await (await tenant.BeginAsync("customer-1")).Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        var (copy, _) = await CopyAsync(tenant);
        var administrator = await SignInAsync(copy, $"administrator@{tenant.Slug}.example");

        var master = await SignInAsync(copy, tenant.MasterEmail);
        foreach (var list in new[]
        {
            "conversations", "contacts", "queues", "teams", "labels", "custom_attribute_definitions", "canned_responses", "macros", $"conversations/{tenant.Conversation}/messages",
            $"conversations/{tenant.Conversation}/handling", $"conversations/{waiting}/handling", $"contacts/{tenant.Customer.Id}", "agents",
        })
        {
            var (before, after) = (await tenant.Master.Api.GetAsync($"{tenant.Path}/{list}"), await master.GetAsync($"{copy.Path}/{list}"));
            Assert.Equal(Lines(before).Select(line => line.Replace(tenant.Id.ToString(), copy.Id.ToString(), StringComparison.Ordinal)).Order(StringComparer.Ordinal), Lines(after).Order(StringComparer.Ordinal));
        }

        // The queue that every account has bears the account's id.
        Assert.Equal(copy.Id, (await master.GetAsync($"{copy.Path}/conversations/{waiting}/handling")).Ok().Id("queue_id"));
        var acts = (await administrator.GetAsync($"{copy.Path}/audit_logs?limit=100")).Ok().Json.GetProperty("data").EnumerateArray().ToList();
        Assert.Contains($"copy_of: {tenant.Id}", acts.Single(act => act.GetProperty("action").GetString() == "import").GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains(acts, act => act.GetProperty("object_id").GetGuid() == tenant.Team);

        // A new message goes on in the history, and customers the account knows come in as themselves.
        var inbox = (await administrator.GetAsync($"{copy.Path}/inboxes/{tenant.Inbox}")).Ok();
        var identifier = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(System.Text.Encoding.UTF8.GetBytes(inbox.Text("identity_secret")), "customer-1"u8));
        var customer = await server.Api().PostAsync($"/public/api/v1/inboxes/{inbox.Text("identifier")}/contacts", new { identifier = "customer-1", identifier_hash = identifier });
        var posted = await server.Api(customer.Text("access_token")).PostAsync($"{copy.Path}/conversations/{waiting}/messages", new { content = "I am here as well" });
        Assert.Equal(1, posted.Json.GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task What_opens_a_way_into_the_original_opens_none_into_its_copy_and_what_must_be_handed_out_anew_is_listed()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = "https://crm.example/" })).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile_lookup", new { xcap_root = "https://xcap.example", username = "rcc", password = "secret" })).Ok();
        var (secret, _) = await Authenticator.EnrolAsync(tenant);
        var (copy, lost) = await CopyAsync(tenant);

        Assert.Equal(
            [
                ("access_token", tenant.Application.Id, "token"), ("agent", tenant.InvitedAgent, "invitation"), ("context_lookup", copy.Id, "secret"), ("inbox", tenant.Inbox, "identifier"),
            ],
            lost.Order());
        foreach (var person in new[] { tenant.Administrator, tenant.Master, tenant.Agent, tenant.Application, tenant.Customer })
        {
            (await person.Api.GetAsync($"{copy.Path}")).Refused(HttpStatusCode.NotFound, "notFound");
        }

        // What this server has sealed is sealed for the copy.
        (await SignInAnswerAsync(copy, tenant.AgentEmail, null)).Refused(HttpStatusCode.Unauthorized, "secondFactorRequired");
        var agent = server.Api((await SignInAnswerAsync(copy, tenant.AgentEmail, Authenticator.Code(secret, 1))).Ok().Text("access_token"));
        (await agent.GetAsync(tenant.Path)).Refused(HttpStatusCode.NotFound, "notFound");
        Assert.NotEqual("secretLost", (await server.Api().GetAsync($"/api/v1/auth/oidc/start?account={copy.Slug}&return_url=https://desk.example/&code_challenge={new string('A', 43)}")).Code);

        var administrator = await SignInAsync(copy, $"administrator@{tenant.Slug}.example");
        Assert.True((await administrator.GetAsync($"{copy.Path}/profile_lookup")).Ok().Json.GetProperty("has_password").GetBoolean());
        foreach (var (path, member) in new[] { ($"inboxes/{tenant.Inbox}", "identifier"), ($"inboxes/{tenant.Inbox}", "identity_secret"), ("context_lookup", "secret") })
        {
            Assert.NotEqual((await tenant.Administrator.Api.GetAsync($"{tenant.Path}/{path}")).Ok().Text(member), (await administrator.GetAsync($"{copy.Path}/{path}")).Ok().Text(member));
        }

        Assert.Equal(tenant.Slug, (await server.Api().PostAsync("/api/v1/auth/invitation", new { token = tenant.Invitation })).Text("account"));
        var invited = await administrator.PostAsync($"{copy.Path}/agents/{tenant.InvitedAgent}/invitation", new { });
        Assert.Equal(copy.Slug, (await server.Api().PostAsync("/api/v1/auth/invitation", new { token = invited.Text("token") })).Text("account"));
    }

    [Fact]
    public async Task A_command_that_was_answered_before_the_archive_gets_its_first_answer_in_the_copy_and_an_old_position_a_resync()
    {
        var tenant = await Tenant.MakeAsync(server);
        var messages = $"conversations/{tenant.Conversation}/messages";
        var first = (await PostAsync(tenant.Application.Api, tenant.Path)).Ok();
        await using var before = await HubSocket.ConnectAsync(server.Address, tenant.Agent.Credential);
        await before.CallAsync("Synchronize", new { });
        var token = (await before.NextPushAsync()).GetProperty("to").GetString();
        var (copy, _) = await CopyAsync(tenant);

        var administrator = await SignInAsync(copy, $"administrator@{tenant.Slug}.example");
        var application = server.Api((await administrator.PostAsync($"{copy.Path}/access_tokens/{tenant.Application.Id}/rotate", new { })).Text("token"));
        Assert.Equal(first.Body, (await PostAsync(application, copy.Path)).Ok().Body);
        Assert.Equal(2, await CountAsync(administrator, copy.Path));
        Assert.Equal(2, await CountAsync(tenant.Master.Api, tenant.Path));

        var session = (await SignInAnswerAsync(copy, tenant.AgentEmail, null)).Ok();
        await using var after = await HubSocket.ConnectAsync(server.Address, session.Text("access_token"));
        await after.CallAsync("Synchronize", new { token });
        Assert.True((await after.NextPushAsync()).GetProperty("resync").GetProperty("discard").GetBoolean());

        Task<ApiAnswer> PostAsync(Api api, string account) => api.SendAsync(HttpMethod.Post, $"{account}/{messages}", new { content = "Once" }, ("Idempotency-Key", "before-the-archive"));

        async Task<int> CountAsync(Api api, string account) => (await api.GetAsync($"{account}/{messages}")).Ok().Json.GetProperty("data").GetArrayLength();
    }

    [Fact]
    public async Task Neither_hears_of_the_other_and_the_end_of_one_is_not_the_others()
    {
        var tenant = await Tenant.MakeAsync(server);
        var archive = await Archives.ExportAsync(server.Api(server.Operator), tenant.Id);
        await using var fleeting = await RunningServer.WithAsync("--Rcc:Tenants:DeletionWait=00:00:00", "--Rcc:Tenants:ErasureInterval=00:00:00.05");
        var platform = fleeting.Api(fleeting.Operator);
        (await Archives.ImportAsync(platform, archive)).Ok();
        var copy = new Account((await Archives.ImportAsync(platform, archive, $"?copy=true&slug=copy-{tenant.Slug}")).Ok().Id(), $"copy-{tenant.Slug}");
        (await Archives.ImportAsync(platform, archive, $"?copy=true&slug=copy-{tenant.Slug}")).Refused(HttpStatusCode.Conflict, "taken");

        var original = fleeting.Api(tenant.Agent.Credential);
        var credential = (await fleeting.Api().PostAsync("/api/v1/auth/sign_in", new { account = copy.Slug, email = tenant.AgentEmail, password = Tenant.Password })).Text("access_token");
        await using var here = await HubSocket.SynchronizeAsync(fleeting.Address, tenant.Agent.Credential);
        await using var there = await HubSocket.SynchronizeAsync(fleeting.Address, credential);

        // The same person in the same conversation, by the same ids.
        await here.CallAsync("PostMessage", new { number = 1, conversationId = tenant.Conversation, content = "in the original" });
        await there.CallAsync("PostMessage", new { number = 1, conversationId = tenant.Conversation, content = "in the copy" });
        await here.NextItemAsync(item => IsMessage(item, "in the original"));
        await there.NextItemAsync(item => IsMessage(item, "in the copy"));
        await here.CallAsync("SetDraft", new { number = 2, conversationId = tenant.Conversation, text = "drafted in the original" });
        await there.CallAsync("SetDraft", new { number = 2, conversationId = tenant.Conversation, text = "drafted in the copy" });
        await here.NextItemAsync(item => item.GetProperty("kind").GetString() == "draft");
        await there.NextItemAsync(item => item.GetProperty("kind").GetString() == "draft");
        Assert.DoesNotContain("in the copy", here.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("in the original", there.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain(tenant.Id.ToString(), there.Wire, StringComparison.Ordinal);
        foreach (var route in RouteAccess.Entries.Keys.Where(route => route.Contains("{account_id:guid}", StringComparison.Ordinal) && !route.Contains("/platform/", StringComparison.Ordinal)))
        {
            var path = RouteAccess.PathOf(route, tenant, tenant).Replace(tenant.Id.ToString(), copy.Id.ToString(), StringComparison.Ordinal);
            (await original.SendAsync(RouteAccess.MethodOf(route), path, RouteAccess.Entries[route].Body?.Invoke(tenant))).Refused(HttpStatusCode.NotFound, "notFound");
        }

        (await platform.SendAsync(HttpMethod.Delete, $"/platform/api/v1/accounts/{copy.Id}")).Ok();
        await there.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Until.TrueAsync(async () => (await platform.GetAsync($"/platform/api/v1/audit_logs?account_id={copy.Id}")).Ok().Json.GetProperty("data")[0].GetProperty("action").GetString() == "erase", () => "the copy is erased");
        Assert.False(here.Closed.IsCompleted);
        var contents = (await original.GetAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages")).Ok().Json.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("content").GetString());
        Assert.Equal(["Hello", "in the original"], contents);

        static bool IsMessage(JsonElement item, string content) => item.GetProperty("kind").GetString() == "message" && item.GetProperty("message").GetProperty("content").GetString() == content;
    }

    /// <summary>A list's elements: one of them bears the account's id, which is what lists are ordered by.</summary>
    static IEnumerable<string> Lines(ApiAnswer answer) =>
        answer.Ok().Json.TryGetProperty("data", out var data) ? [.. data.EnumerateArray().Select(element => element.GetRawText())] : [answer.Body];

    async Task<(Account Copy, IReadOnlyList<(string?, Guid, string?)> Lost)> CopyAsync(Tenant tenant)
    {
        var platform = server.Api(server.Operator);
        var slug = $"copy-{tenant.Slug}";
        var made = (await Archives.ImportAsync(platform, await Archives.ExportAsync(platform, tenant.Id), $"?copy=true&slug={slug}")).Ok();
        Assert.NotEqual(tenant.Id, made.Id());
        return (new(made.Id(), slug),
            [.. made.Json.GetProperty("lost_secrets").EnumerateArray().Select(e => (e.GetProperty("object_type").GetString(), e.GetProperty("object_id").GetGuid(), e.GetProperty("secret").GetString()))]);
    }

    Task<ApiAnswer> SignInAnswerAsync(Account copy, string email, string? code) =>
        server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = copy.Slug, email, password = Tenant.Password, code });

    async Task<Api> SignInAsync(Account copy, string email) => server.Api((await SignInAnswerAsync(copy, email, null)).Ok().Text("access_token"));

    sealed record Account(Guid Id, string Slug)
    {
        public string Path => $"/api/v1/accounts/{Id}";
    }
}
