using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Rcc.Server.Customers;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests;

/// <summary>Context information that a tenant's own server is asked for, with servers that are right, slow and broken.</summary>
[Trait("Catalogue", "RCC-46")]
public sealed class ContextLookupTests(ContextLookupTests.PermissiveServer permissive) : IClassFixture<ContextLookupTests.PermissiveServer>
{
    readonly RunningServer server = permissive.Running;

    [Fact]
    public async Task What_the_tenants_server_knows_is_on_the_agents_devices_when_a_conversation_is_opened()
    {
        await using var database = await CustomerDatabase.StartAsync();
        database.Say("""{"context":[{"name":"crm:tier","value":{"name":"gold","since":2019}},{"name":"crm:basket","value":3,"lifetime_seconds":3600}]}""");
        var tenant = await MakeAsync(database);
        var customer = await tenant.BeginAsync("customer-1");
        var conversation = (await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        await tenant.Master.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/assignments", new { assignee_id = tenant.Agent.Id });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var item = await desk.NextItemAsync(one => one.IsContact(customer.Id) && Context(one).Count == 2);
        var (basket, tier) = (Context(item)["crm:basket"], Context(item)["crm:tier"]);
        Assert.Equal("""{"name":"gold","since":2019}""", tier.GetProperty("value").GetRawText());
        Assert.Equal("database", tier.GetProperty("source").GetString());
        Assert.False(tier.TryGetProperty("setBy", out _));
        Assert.False(tier.TryGetProperty("expiresAt", out _));
        Assert.Equal(3600, (basket.GetProperty("expiresAt").GetDateTimeOffset() - basket.GetProperty("setAt").GetDateTimeOffset()).TotalSeconds);

        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.Equal(item.GetRawText(), (await late.NextItemAsync(one => one.IsContact(customer.Id))).GetRawText());

        var (_, body, headers) = database.Asked.Single(asked => asked.Body.Contains("customer-1", StringComparison.Ordinal));
        Assert.Equal(tenant.Id, JsonDocument.Parse(body).RootElement.GetProperty("account_id").GetGuid());
        Assert.Equal(customer.Id, JsonDocument.Parse(body).RootElement.GetProperty("contact").GetProperty("id").GetGuid());
        var secret = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/context_lookup")).Text("secret");
        var signed = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{headers["webhook-timestamp"]}.{body}"));
        Assert.Equal($"v1,{Convert.ToBase64String(signed)}", headers["webhook-signature"]);
    }

    [Fact]
    public async Task A_slow_server_keeps_no_message_waiting_and_what_it_said_before_is_marked_stale()
    {
        await using var database = await CustomerDatabase.StartAsync();
        var (tenant, contact) = await KnownAsync(database);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        database.Answer = async context =>
        {
            // Something at once, and the rest never.
            await context.Response.WriteAsync("{\"context\":[");
            await context.Response.Body.FlushAsync();
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages", new { content = "meanwhile" });
        await tenant.Agent.Api.PostAsync($"{contact}/labels", new { labels = new[] { Tenant.Label } });
        var stale = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].TryGetProperty("staleSince", out _));
        var value = Context(stale)["crm:tier"];
        Assert.Equal("gold", value.GetProperty("value").GetString());
        Assert.True(value.GetProperty("staleSince").GetDateTimeOffset() > value.GetProperty("setAt").GetDateTimeOffset());
        Assert.Equal(Tenant.Label, stale.GetProperty("state").GetProperty("labels")[0].GetString());

        // It stays stale since then, and is fresh again when the server answers.
        database.Say("no", 500);
        await server.Log.WaitForAsync("TimeOut");
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await server.Log.WaitForAsync("Status");
        Assert.Equal(value.GetProperty("staleSince").GetDateTimeOffset(), (await TierAsync(tenant, contact)).GetProperty("stale_since").GetDateTimeOffset());
        database.Say("""{"context":[{"name":"crm:tier","value":"silver"}]}""");
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        var fresh = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].GetProperty("value").GetString() == "silver");
        Assert.False(Context(fresh)["crm:tier"].TryGetProperty("staleSince", out _));
    }

    [Theory]
    [InlineData("status", 500, "no")]
    [InlineData("unknown", 404, """{"context":[]}""")]
    [InlineData("redirect", 302, "")]
    [InlineData("broken", 0, "")]
    [InlineData("no JSON", 200, "<html>")]
    [InlineData("no context", 200, "{}")]
    [InlineData("null", 200, "null")]
    [InlineData("null in it", 200, """{"context":[null]}""")]
    [InlineData("null for a name", 200, """{"context":[{"name":null,"value":1}]}""")]
    [InlineData("no Unicode", 200, """{"context":[{"name":"crm:\ud800","value":1}]}""")]
    [InlineData("no namespace", 200, """{"context":[{"name":"tier","value":1}]}""")]
    [InlineData("no value", 200, """{"context":[{"name":"crm:tier"}]}""")]
    [InlineData("twice", 200, """{"context":[{"name":"crm:tier","value":1},{"name":"crm:tier","value":2}]}""")]
    [InlineData("no lifetime", 200, """{"context":[{"name":"crm:tier","value":1,"lifetime_seconds":0}]}""")]
    [InlineData("large", 200, "large")]
    [InlineData("endless", 200, "endless")]
    public async Task A_server_that_answers_wrongly_takes_nothing_away_and_marks_it_stale(string how, int status, string body)
    {
        Assert.NotEmpty(how);
        await using var database = await CustomerDatabase.StartAsync();
        var (tenant, contact) = await KnownAsync(database);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        database.Say(body, status);
        database.Answer = (status, body) switch
        {
            (0, _) => context =>
            {
                context.Abort();
                return Task.CompletedTask;
            },
            (302, _) => context =>
            {
                context.Response.Redirect("/elsewhere");
                return Task.CompletedTask;
            },
            (_, "large") => context =>
            {
                context.Response.ContentLength = 10_000_000;
                return context.Response.WriteAsync("{");
            },
            (_, "endless") => async context =>
            {
                while (!context.RequestAborted.IsCancellationRequested) await context.Response.WriteAsync(new string(' ', 4_096));
            },
            _ => database.Answer,
        };
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        var stale = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].TryGetProperty("staleSince", out _));
        Assert.Equal("gold", Context(stale)["crm:tier"].GetProperty("value").GetString());

        // It was not led elsewhere.
        Assert.All(database.Asked, asked => Assert.Equal("/lookup", asked.Path));
    }

    [Fact]
    public async Task What_it_does_not_say_any_more_is_gone_and_what_somebody_said_counts_before_it()
    {
        await using var database = await CustomerDatabase.StartAsync();
        var (tenant, contact) = await KnownAsync(database);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "crm:tier", value = "platinum" })).Ok();
        database.Say("""{"context":[{"name":"crm:tier","value":"silver"},{"name":"crm:other","value":1}]}""");
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        var item = await desk.NextItemAsync(one => one.IsContact(tenant.Customer.Id) && Context(one).ContainsKey("crm:other"));
        Assert.Equal("platinum", Context(item)["crm:tier"].GetProperty("value").GetString());
        (await tenant.Agent.Api.SendAsync(HttpMethod.Delete, $"{contact}/context?name=crm:tier&source=manual")).Ok();
        await desk.NextItemAsync(one => one.IsContact(tenant.Customer.Id) && Context(one)["crm:tier"].GetProperty("value").GetString() == "silver");
        database.Say("", 204);
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await desk.NextItemAsync(one => one.IsContact(tenant.Customer.Id) && Context(one).Count == 0);
    }

    [Fact]
    [Trait("Catalogue", "RCC-47")]
    public async Task A_location_is_reduced_as_any_and_a_malformed_one_counts_as_not_found()
    {
        await using var database = await CustomerDatabase.StartAsync();
        var (tenant, contact) = await KnownAsync(database);
        (await tenant.Administrator.Api.SendAsync(
            HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules = new[] { new { attribute = "context.*", handling = "allow", role = "agent", provide_location = new { civic = "country" } } } })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        database.Say("""{"context":[{"name":"crm:tier","value":"silver"},{"name":"geopriv:location","value":{"civic":{"country":"AT","A3":"Vienna"}}}]}""");
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        var found = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).Count == 2);
        Assert.Equal("""{"civic":{"country":"AT"}}""", Context(found)["geopriv:location"].GetProperty("value").GetRawText());

        database.Say("""{"context":[{"name":"crm:tier","value":"bronze"},{"name":"geopriv:location","value":"Vienna"}]}""");
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        var rest = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].GetProperty("value").GetString() == "bronze");
        Assert.Single(Context(rest));
        await server.Log.WaitForAsync($"Tenant {tenant.Id}: 1 values that were looked up are malformed");
        Assert.DoesNotContain("Vienna", desk.Wire, StringComparison.Ordinal);
        Assert.DoesNotContain("Vienna", (await tenant.Master.Api.GetAsync(contact)).Ok().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_its_time_is_over_it_is_looked_up_again_for_who_serves_the_customer_and_is_stale_until_it_is_answered()
    {
        await using var database = await CustomerDatabase.StartAsync();
        database.Say("""{"context":[{"name":"crm:tier","value":"gold","lifetime_seconds":1}]}""");
        var tenant = await MakeAsync(database);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("crm:tier"));
        database.Say("no", 500);
        var stale = Context(await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].TryGetProperty("staleSince", out _)))["crm:tier"];
        Assert.Equal("gold", stale.GetProperty("value").GetString());
        Assert.Equal(stale.GetProperty("setAt").GetDateTimeOffset().AddSeconds(1), stale.GetProperty("staleSince").GetDateTimeOffset());
        Assert.False(stale.TryGetProperty("expiresAt", out _));
        Assert.Equal(stale.GetProperty("staleSince").GetDateTimeOffset(), (await TierAsync(tenant, contact)).GetProperty("stale_since").GetDateTimeOffset());
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await Until.TrueAsync(() => database.Asked.Count >= 3, () => "it was asked again by time alone, and by hand");

        database.Say("""{"context":[{"name":"crm:tier","value":"silver","lifetime_seconds":1}]}""");
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].GetProperty("value").GetString() == "silver");
        database.Say("""{"context":[{"name":"crm:tier","value":"bronze"}]}""");
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].GetProperty("value").GetString() == "bronze");

        // What is stale and expired goes with who serves the customer.
        database.Say("""{"context":[{"name":"crm:tier","value":"iron","lifetime_seconds":1}]}""");
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].GetProperty("value").GetString() == "iron");
        database.Say("no", 500);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item)["crm:tier"].TryGetProperty("staleSince", out _));
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/toggle_status", new { status = "resolved" });
        await Until.TrueAsync(async () => (await tenant.Master.Api.GetAsync(contact)).Ok().Json.GetProperty("context").GetArrayLength() == 0, () => "it is gone");
    }

    [Fact]
    public async Task Of_a_customer_whom_nobody_serves_it_is_looked_up_again_when_somebody_looks_and_it_is_not_new_any_more()
    {
        await using var database = await CustomerDatabase.StartAsync();
        var tenant = await MakeAsync(database);
        var contact = $"{tenant.Path}/contacts/{tenant.OtherContact}";
        database.Say("""{"context":[{"name":"crm:tier","value":"gold","lifetime_seconds":1}]}""");
        await Until.TrueAsync(async () => await LooksAsync() == "gold", () => "what was never looked up is");
        database.Say("""{"context":[{"name":"crm:tier","value":"silver"}]}""");
        await Until.TrueAsync(async () => await LooksAsync() == "silver", () => "what has expired is looked up again");

        // Now it is good for a while, however often somebody looks.
        database.Asked.Clear();
        for (var i = 0; i < 5; i++) Assert.Equal("silver", await LooksAsync());
        await tenant.Master.Api.PostAsync($"{contact}/context/lookup", new { });
        await Until.TrueAsync(() => !database.Asked.IsEmpty, () => "it is asked by hand");
        Assert.Single(database.Asked);

        async Task<string?> LooksAsync() => (await tenant.Master.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray().SingleOrDefault() is { ValueKind: not JsonValueKind.Undefined } value
            ? value.GetProperty("value").GetString()
            : null;
    }

    [Fact]
    public async Task A_tenant_whose_server_is_slow_keeps_only_itself_waiting()
    {
        await using var slow = await CustomerDatabase.StartAsync();
        await using var quick = await CustomerDatabase.StartAsync();
        const int Contacts = 6;
        var allAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = 0;
        var (held, other) = (await MakeAsync(slow), await MakeAsync(quick));
        slow.Answer = context =>
        {
            if (Interlocked.Increment(ref asked) == Contacts) allAsked.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        quick.Say("""{"context":[{"name":"crm:tier","value":"quick"}]}""");
        for (var i = 0; i < Contacts; i++)
        {
            var made = (await held.Application.Api.PostAsync($"{held.Path}/contacts", new { name = $"Customer {i}" })).Id();
            await held.Application.Api.PostAsync($"{held.Path}/contacts/{made}/context/lookup", new { });
        }

        await using var desk = await HubSocket.SynchronizeAsync(server.Address, other.Agent.Credential);
        await other.Agent.Api.PostAsync($"{other.Path}/contacts/{other.Customer.Id}/context/lookup", new { });
        await desk.NextItemAsync(one => one.IsContact(other.Customer.Id) && Context(one).Count == 1);

        // Those that waited are asked as well, never more at once than may be.
        await allAsked.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.InRange(slow.MostAtOnce, 1, PermissiveServer.MaxLookupsPerTenant);
    }

    [Fact]
    [Trait("Catalogue", "RCC-21")]
    public async Task Who_has_not_contracted_it_can_neither_set_it_nor_use_it()
    {
        await using var database = await CustomerDatabase.StartAsync();
        var (tenant, contact) = await KnownAsync(database);
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "bare", services = new[] { "transfers" } })).Ok();
        while ((await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{contact}/context/lookup")).Code != "notEntitled") await Task.Yield();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = database.Address })).Refused(HttpStatusCode.Forbidden, "notEntitled");
        database.Asked.Clear();
        var opened = (await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await tenant.Master.Api.PostAsync($"{tenant.Path}/conversations/{opened}/assignments", new { assignee_id = tenant.Agent.Id });
        await desk.UntilSettingsAsync(tenant);
        Assert.Empty(database.Asked);
    }

    static Dictionary<string, JsonElement> Context(JsonElement item) =>
        item.GetProperty("state").GetProperty("context").EnumerateArray().ToDictionary(value => value.GetProperty("name").GetString()!, StringComparer.Ordinal);

    static async Task<JsonElement> TierAsync(Tenant tenant, string contact) =>
        (await tenant.Master.Api.GetAsync(contact)).Ok().Json.GetProperty("context").EnumerateArray().Single(value => value.GetProperty("name").GetString() == "crm:tier");

    async Task<Tenant> MakeAsync(CustomerDatabase database)
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = database.Address })).Ok();
        return tenant;
    }

    /// <summary>A tenant whose customer, served by its agent, is known as gold.</summary>
    async Task<(Tenant Tenant, string Contact)> KnownAsync(CustomerDatabase database)
    {
        database.Say("""{"context":[{"name":"crm:tier","value":"gold"}]}""");
        var tenant = await MakeAsync(database);
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("crm:tier"));
        return (tenant, contact);
    }

    /// <summary>A server that may ask on loopback.</summary>
    public sealed class PermissiveServer : IAsyncLifetime
    {
        public const int MaxLookupsPerTenant = 2;

        public RunningServer Running { get; } = new()
        {
            Settings =
            [
                "--Rcc:Customers:LookupAllowsPrivateAddresses=true", "--Rcc:Customers:LookupAllowsPlainHttp=true", "--Rcc:Customers:LookupTimeout=00:00:01",
                $"--Rcc:Customers:MaxLookupsPerTenant={MaxLookupsPerTenant}", "--Rcc:Customers:LookupRetry=00:00:01",
            ],
        };

        public ValueTask InitializeAsync() => Running.InitializeAsync();

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }
}

/// <summary>What a server asks nobody.</summary>
public sealed class LookupGuardTests(RunningServer server)
{
    [Fact]
    public async Task Nobody_makes_the_server_ask_in_its_own_network()
    {
        // Whichever server of a cluster looks up writes the line.
        await using var alone = await RunningServer.WithAsync();
        await using var database = await CustomerDatabase.StartAsync();
        var tenant = await Tenant.MakeAsync(alone);
        foreach (var host in new[] { "127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433" })
        {
            (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = $"https://{host}:{database.Address.Port}/" })).Ok();
            await tenant.Agent.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/context/lookup", new { });
            await alone.Log.WaitForAsync($"Tenant {tenant.Id}: looking up context failed: NotPublic");
        }

        Assert.Empty(database.Asked);
    }

    [Theory]
    [InlineData("http://crm.example/")]
    [InlineData("ftp://crm.example/")]
    [InlineData("/lookup")]
    [InlineData("https://user:secret@crm.example/")]
    [InlineData("")]
    public async Task What_is_no_https_url_is_refused(string url)
    {
        var tenant = await Tenants.FirstAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url })).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.255.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("198.19.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2001:db8::1", false)]
    public void Addresses_of_private_networks_are_told_from_public_ones(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.Is(IPAddress.Parse(address)));
}
