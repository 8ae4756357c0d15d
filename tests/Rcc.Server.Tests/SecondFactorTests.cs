using System.Net;
using Npgsql;

namespace Rcc.Server.Tests;

/// <summary>Second factors through the front door.</summary>
public sealed class SecondFactorTests(RunningServer server)
{
    const string SignIn = "/api/v1/auth/sign_in";

    [Fact]
    public async Task Who_has_confirmed_a_second_factor_signs_in_with_a_code_and_with_none_twice()
    {
        var tenant = await Tenant.MakeAsync(server);
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/profile/second_factor", new { password = Tenant.Password });
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor/confirm", new { code = "000000" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        var (secret, recovery) = await Authenticator.EnrolAsync(tenant);
        Assert.True((await tenant.Master.Api.GetAsync($"{tenant.Path}/agents/{tenant.Agent.Id}")).Ok().Json.GetProperty("second_factor").GetBoolean());

        (await SignInAsync(tenant, null)).Refused(HttpStatusCode.Unauthorized, "secondFactorRequired");
        (await server.Api().SendAsync(HttpMethod.Post, SignIn, new { account = tenant.Slug, email = tenant.AgentEmail, password = "wrong password", code = Authenticator.Code(secret, 1) }))
            .Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await SignInAsync(tenant, "000000")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        var code = Authenticator.Code(secret, 1);
        var device = (await SignInAsync(tenant, code)).Ok();
        (await server.Api(device.Text("access_token")).GetAsync($"{tenant.Path}/profile")).Ok();
        (await SignInAsync(tenant, code)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        (await SignInAsync(tenant, recovery[0])).Ok();
        (await SignInAsync(tenant, recovery[0])).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await SignInAsync(tenant, recovery[1].ToLowerInvariant())).Ok();
    }

    [Fact]
    public async Task Of_many_sign_ins_with_one_code_at_once_on_two_servers_one_succeeds()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (_, recovery) = await Authenticator.EnrolAsync(tenant);
        await using var another = await server.StartAnotherAsync("--Rcc:SignIn:AttemptsPerMinute=100000", "--Rcc:SignIn:CodeAttempts=100000");
        using var http = new HttpClient { BaseAddress = another.Address };
        Api[] servers = [server.Api(), new(http, null)];
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => SignInAsync(tenant, recovery[0], servers[i % 2])));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Where_the_account_requires_one_an_agent_enrols_at_its_sign_in()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Patch, tenant.Path, new { policies = new { second_factor_required = true } })).Ok();
        (await SignInAsync(tenant, null)).Refused(HttpStatusCode.Unauthorized, "secondFactorEnrolmentRequired");
        (await BeginAsync("wrong password")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        var begun = (await BeginAsync(Tenant.Password)).Ok();
        Assert.StartsWith($"otpauth://totp/{tenant.Slug}:agent%40{tenant.Slug}.example?secret={begun.Text("secret")}", begun.Text("uri"), StringComparison.Ordinal);
        (await SignInAsync(tenant, null)).Refused(HttpStatusCode.Unauthorized, "secondFactorEnrolmentRequired");
        (await ConfirmAsync("000000")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        var secret = Authenticator.Decode(begun.Text("secret"));
        var device = (await ConfirmAsync(Authenticator.Code(secret, 0))).Ok();
        Assert.Equal(10, device.Json.GetProperty("recovery_codes").GetArrayLength());
        var api = server.Api(device.Text("access_token"));
        (await api.GetAsync($"{tenant.Path}/profile")).Ok();

        (await BeginAsync(Tenant.Password)).Refused(HttpStatusCode.Conflict, "conflict");
        (await SignInAsync(tenant, Authenticator.Code(secret, 1))).Ok();
        (await api.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor/disable", new { code = device.Json.GetProperty("recovery_codes")[0].GetString() }))
            .Refused(HttpStatusCode.Forbidden, "forbidden");

        Task<ApiAnswer> BeginAsync(string password) =>
            server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/second_factor", new { account = tenant.Slug, email = tenant.AgentEmail, password });

        Task<ApiAnswer> ConfirmAsync(string code) => server.Api().SendAsync(
            HttpMethod.Post, "/api/v1/auth/second_factor/confirm", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password, code, device_name = "Desk" });
    }

    [Fact]
    [Trait("Catalogue", "RCC-21")]
    public async Task A_manager_requires_one_of_an_agent_where_the_account_has_contracted_it()
    {
        var tenant = await Tenant.MakeAsync(server);
        var agent = $"{tenant.Path}/agents/{tenant.Agent.Id}";
        (await tenant.Agent.Api.SendAsync(HttpMethod.Patch, agent, new { second_factor_required = true })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, agent, new { second_factor_required = true })).Ok();
        (await SignInAsync(tenant, null)).Refused(HttpStatusCode.Unauthorized, "secondFactorEnrolmentRequired");

        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "bare", services = new[] { "transfers" } })).Ok();
        var until = DateTimeOffset.UtcNow.AddSeconds(10);
        while ((await SignInAsync(tenant, null)).Status != HttpStatusCode.OK) Assert.True(DateTimeOffset.UtcNow < until, "Nothing is required that the account cannot have.");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor", new { password = Tenant.Password })).Refused(HttpStatusCode.Forbidden, "notEntitled");
    }

    [Fact]
    public async Task Who_lost_it_has_it_taken_away_by_its_manager_and_whoever_has_it_switches_it_off_by_a_code()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (_, recovery) = await Authenticator.EnrolAsync(tenant);
        var own = $"{tenant.Path}/profile/second_factor";
        var renewed = (await tenant.Agent.Api.PostAsync($"{own}/recovery_codes", new { code = recovery[0] })).Json.GetProperty("recovery_codes");
        (await SignInAsync(tenant, recovery[1])).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{own}/disable", new { code = "000000" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{own}/disable", new { code = renewed[0].GetString() })).Ok();
        (await SignInAsync(tenant, null)).Ok();

        await Authenticator.EnrolAsync(tenant);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{tenant.Agent.Id}/second_factor")).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{tenant.Agent.Id}/second_factor")).Ok();
        (await SignInAsync(tenant, null)).Ok();
        var acts = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?object_id={tenant.Agent.Id}&limit=50")).Ok().Json.GetProperty("data").EnumerateArray().Select(a => a.GetProperty("action").GetString())
            .Where(action => action is not ("sign_in" or "sign_in_failed" or "refused"));
        Assert.Equal(["reset_second_factor", "enable_second_factor", "disable_second_factor", "renew_recovery_codes", "enable_second_factor", "create"], acts);
    }

    [Fact]
    public async Task Guessing_codes_is_slowed_down_for_the_agent_wherever_it_comes_from()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (secret, _) = await Authenticator.EnrolAsync(tenant);
        await using var strict = await server.StartAnotherAsync("--Rcc:SignIn:CodeAttempts=3");
        using var http = new HttpClient { BaseAddress = strict.Address };
        var api = new Api(http, null);
        for (var attempt = 0; attempt < 3; attempt++) (await SignInAsync(tenant, "000000", api)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await SignInAsync(tenant, Authenticator.Code(secret, 1), api)).Refused(HttpStatusCode.TooManyRequests, "rateLimited");
        (await SignInAsync(tenant, null, api)).Refused(HttpStatusCode.Unauthorized, "secondFactorRequired");
        (await new Api(http, tenant.Agent.Credential).SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor/disable", new { code = Authenticator.Code(secret, 1) }))
            .Refused(HttpStatusCode.TooManyRequests, "rateLimited");
    }

    [Fact]
    public async Task Neither_the_secret_nor_a_recovery_code_is_in_the_database_or_the_log()
    {
        var tenant = await Tenant.MakeAsync(server);
        var begun = (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor", new { password = Tenant.Password })).Ok().Text("secret");
        var secret = Authenticator.Decode(begun);
        var codes = (await tenant.Agent.Api.PostAsync($"{tenant.Path}/profile/second_factor/confirm", new { code = Authenticator.Code(secret, 0) })).Json.GetProperty("recovery_codes");
        await using var database = NpgsqlDataSource.Create(server.Server.ConnectionString);
        await using var command = database.CreateCommand("SELECT convert_from(state, 'UTF8') FROM item WHERE tenant = $1 AND kind = -1 AND id = $2");
        command.Parameters.Add(new() { Value = tenant.Id });
        command.Parameters.Add(new() { Value = tenant.Agent.Id });
        var stored = (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        string[] secrets = [begun, string.Join(',', secret), Convert.ToBase64String(secret), Convert.ToHexString(secret), codes[0].GetString()!, codes[0].GetString()!.Replace("-", "", StringComparison.Ordinal)];
        Assert.Contains("\"confirmed\":true", stored, StringComparison.Ordinal);
        Assert.All(secrets, text => Assert.DoesNotContain(text, stored, StringComparison.OrdinalIgnoreCase));
        Assert.All(secrets, text => Assert.DoesNotContain(server.Log.All, line => line.Contains(text, StringComparison.Ordinal)));
    }

    Task<ApiAnswer> SignInAsync(Tenant tenant, string? code, Api? api = null) =>
        (api ?? server.Api()).SendAsync(HttpMethod.Post, SignIn, new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password, code });
}
