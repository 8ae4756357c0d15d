using System.Net;

namespace Rcc.Server.Tests;

/// <summary>What the operator has agreed with an account: quotas, services; and what the account decides for itself.</summary>
public sealed class PlanTests(RunningServer server)
{
    [Fact]
    public async Task An_account_is_made_with_a_plan_and_sees_it()
    {
        var slug = $"plan-{Guid.NewGuid():N}"[..20];
        var plan = new
        {
            name = "small",
            quotas = new { agents = 2, messages_per_month = 1000L },
            services = new[] { "transfers", "context_lookup" },
            share = new { requests_per_second = 50 },
        };
        var id = (await server.Api(server.Operator).PostAsync(
            "/platform/api/v1/accounts", new { name = slug, slug, plan, master_agent = new { name = "M", email = "m@example.org", password = Tenant.Password } })).Id();

        var account = (await server.Api(server.Operator).GetAsync($"/platform/api/v1/accounts/{id}")).Ok().Json.GetProperty("plan");

        Assert.Equal("small", account.GetProperty("name").GetString());
        Assert.Equal(["transfers", "context_lookup"], account.GetProperty("services").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal((2, 1000), (account.GetProperty("quotas").GetProperty("agents").GetInt32(), account.GetProperty("quotas").GetProperty("messages_per_month").GetInt32()));
        Assert.Equal(50, account.GetProperty("share").GetProperty("requests_per_second").GetInt32());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, account.GetProperty("quotas").GetProperty("inboxes").ValueKind);
    }

    [Fact]
    public async Task Beyond_a_quota_nothing_is_made_and_the_quota_is_named()
    {
        var tenant = await Tenant.MakeAsync(server);
        await SetAsync(tenant, new { name = "tiny", quotas = new { agents = 4, teams = 1, inboxes = 1, access_tokens = 1 } });
        var api = tenant.Master.Api;

        var agent = await api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents", new { name = "New", email = "new@example.org", password = Tenant.Password });
        Assert.Contains("agents: the quota is 4", agent.Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge").Text("detail"), StringComparison.Ordinal);
        (await api.SendAsync(HttpMethod.Post, $"{tenant.Path}/teams", new { name = "Another" })).Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/inboxes", new { name = "Another" })).Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge");
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/access_tokens", new { name = "Another", scopes = new[] { "contacts:read" } })).Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge");

        await SetAsync(tenant, new { name = "larger", quotas = new { agents = 5 } });
        var added = (await api.PostAsync($"{tenant.Path}/agents", new { name = "New", email = "new@example.org", password = Tenant.Password })).Id();
        var usage = (await api.GetAsync($"{tenant.Path}/usage")).Ok().Json;
        Assert.Equal((5, 1, 1, 1), (usage.GetProperty("agents").GetInt32(), usage.GetProperty("teams").GetInt32(), usage.GetProperty("inboxes").GetInt32(), usage.GetProperty("access_tokens").GetInt32()));

        // Who is removed makes room.
        (await api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{added}")).Ok();
        Assert.Equal(4, (await api.GetAsync($"{tenant.Path}/usage")).Ok().Json.GetProperty("agents").GetInt32());
        await api.PostAsync($"{tenant.Path}/agents", new { name = "Next", email = "next@example.org", password = Tenant.Password });
    }

    [Fact]
    [Trait("Catalogue", "RCC-21")]
    public async Task A_service_is_switched_without_a_restart_and_what_is_not_contracted_is_not_entitled_on_every_server()
    {
        var tenant = await Tenant.MakeAsync(server);
        await using var another = await server.StartAnotherAsync();
        using var http = new HttpClient { BaseAddress = another.Address };
        Api[] servers = [tenant.Administrator.Api, new(http, tenant.Administrator.Credential)];
        var path = $"{tenant.Path}/audit_logs/export";
        foreach (var api in servers) (await api.GetAsync(path)).Ok();

        await SetAsync(tenant, new { name = "bare", services = new[] { "transfers" } });
        foreach (var api in servers)
        {
            await SoonAsync(async () => (await api.GetAsync(path)).Status == HttpStatusCode.Forbidden);
            Assert.Contains("Export", (await api.GetAsync(path)).Refused(HttpStatusCode.Forbidden, "notEntitled").Text("detail"), StringComparison.Ordinal);
        }

        await SetAsync(tenant, new { name = "full" });
        foreach (var api in servers) await SoonAsync(async () => (await api.GetAsync(path)).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task When_the_messages_of_the_month_are_used_up_no_more_is_posted_until_the_plan_is_larger()
    {
        var tenant = await Tenant.MakeAsync(server);
        await SetAsync(tenant, new { name = "tiny", quotas = new { messages_per_month = 1 } });
        var path = $"{tenant.Path}/conversations/{tenant.Conversation}/messages";
        ApiAnswer answer;
        do
        {
            answer = await tenant.Customer.Api.SendAsync(HttpMethod.Post, path, new { content = "Hello" });
        }
        while (answer.Status is HttpStatusCode.Created or HttpStatusCode.TooManyRequests);

        Assert.Contains("MessagesPerMonth is 1", answer.Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge").Text("detail"), StringComparison.Ordinal);
        Assert.True((await tenant.Master.Api.GetAsync($"{tenant.Path}/usage")).Ok().Json.GetProperty("messages_this_month").GetInt32() >= 1);
        await SetAsync(tenant, new { name = "larger", quotas = new { messages_per_month = 1_000_000 } });
        await SoonAsync(async () => (await tenant.Customer.Api.SendAsync(HttpMethod.Post, path, new { content = "Hello" })).Status == HttpStatusCode.Created);
    }

    [Fact]
    [Trait("Catalogue", "RCC-30")]
    public async Task What_one_account_decides_and_is_granted_changes_nothing_of_another()
    {
        var (one, other) = (await Tenant.MakeAsync(server), await Tenant.MakeAsync(server));
        var before = await StandsAsync();
        (await one.Administrator.Api.SendAsync(HttpMethod.Patch, one.Path, new { policies = new { audit_retention_days = 90, after_transfer = "read" }, branding = new { name = "One" } })).Ok();
        (await one.Administrator.Api.SendAsync(HttpMethod.Put, $"{one.Path}/queues/{one.Id}", new { name = "Default", first_response_seconds = 60 })).Ok();
        (await one.Administrator.Api.SendAsync(HttpMethod.Put, $"{one.Path}/queues/{one.Id}/dispositions", new { names = new[] { "Sold" }, required = true })).Ok();
        (await server.Api(server.Operator).SendAsync(
            HttpMethod.Put, $"/platform/api/v1/accounts/{one.Id}/plan", new { name = "small", quotas = new { agents = 3, messages_per_month = 1 }, services = Array.Empty<string>() })).Ok();
        Assert.Equal(before, await StandsAsync());

        // Nor what the other may do: it posts and resolves as ever.
        await other.Agent.Api.PostAsync($"{other.Path}/conversations/{other.Conversation}/messages", new { content = "Hello" });
        (await other.Agent.Api.SendAsync(HttpMethod.Post, $"{other.Path}/conversations/{other.Conversation}/toggle_status", new { status = "resolved" })).Ok();

        async Task<string> StandsAsync() => string.Concat(
            (await other.Administrator.Api.GetAsync(other.Path)).Ok().Body,
            (await other.Administrator.Api.GetAsync($"{other.Path}/queues")).Ok().Body,
            (await other.Administrator.Api.GetAsync($"{other.Path}/queues/{other.Id}/dispositions")).Ok().Body);
    }

    [Fact]
    public async Task An_administrator_changes_branding_and_policies_and_wrong_ones_are_refused()
    {
        var tenant = await Tenant.MakeAsync(server);
        var api = tenant.Administrator.Api;
        (await api.SendAsync(HttpMethod.Patch, tenant.Path, new
        {
            name = "Acme Ltd",
            branding = new { name = "Acme", primary_color = "#0A0b0C", logo_url = "https://acme.example/logo.svg" },
            policies = new { audit_retention_days = 90 },
        })).Ok();

        var account = (await api.GetAsync(tenant.Path)).Ok().Json;
        Assert.Equal("Acme Ltd", account.GetProperty("name").GetString());
        Assert.Equal(("#0A0b0C", "https://acme.example/logo.svg"), (account.GetProperty("branding").GetProperty("primary_color").GetString(), account.GetProperty("branding").GetProperty("logo_url").GetString()));
        Assert.Equal(90, account.GetProperty("policies").GetProperty("audit_retention_days").GetInt32());

        object[] wrong =
        [
            new { branding = new { primary_color = "red" } }, new { branding = new { accent_color = "#12345g" } }, new { branding = new { logo_url = "http://acme.example/logo.svg" } },
            new { branding = new { logo_url = "javascript:alert(1)" } }, new { policies = new { audit_retention_days = 1 } }, new { name = "" },
        ];
        foreach (var body in wrong) (await api.SendAsync(HttpMethod.Patch, tenant.Path, body)).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Equal(account.GetRawText(), (await api.GetAsync(tenant.Path)).Body);
    }

    [Fact]
    public async Task A_plan_of_the_wrong_form_is_refused()
    {
        var tenant = await Tenants.FirstAsync(server);
        object[] wrong = [new { name = "" }, new { name = "x", quotas = new { agents = -1 } }, new { name = "x", services = new[] { "everything" } }, new { name = "x", share = new { requests_per_second = 0 } }];
        foreach (var plan in wrong)
            (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", plan)).Refused(HttpStatusCode.BadRequest, "malformed");
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{Guid.NewGuid()}/plan", new { name = "x" })).Refused(HttpStatusCode.NotFound, "notFound");
    }

    async Task SetAsync(Tenant tenant, object plan) => (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", plan)).Ok();

    /// <summary>Asks until it is so.</summary>
    static async Task SoonAsync(Func<Task<bool>> condition)
    {
        var until = DateTimeOffset.UtcNow.AddSeconds(10);
        while (!await condition()) Assert.True(DateTimeOffset.UtcNow < until, "It is not so yet.");
    }
}
