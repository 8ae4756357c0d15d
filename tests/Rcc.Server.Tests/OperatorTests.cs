using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Server.Tenants;

namespace Rcc.Server.Tests;

/// <summary>The platform operators: several, each with a password of its own, and a way back in for who has the machine.</summary>
public sealed class OperatorTests(RunningServer server)
{
    const string Password = "a password of its own";

    [Fact]
    public async Task An_operator_adds_another_who_changes_its_password_and_is_disabled_again()
    {
        var first = server.Api(server.Operator);
        var (id, name, second) = await AddAsync();
        (await first.SendAsync(HttpMethod.Post, "/platform/api/v1/operators", new { name, password = Password })).Refused(HttpStatusCode.Conflict, "taken");
        (await first.SendAsync(HttpMethod.Post, "/platform/api/v1/operators", new { name = "other", password = "short" })).Refused(HttpStatusCode.BadRequest, "malformed");
        var other = server.Api((await SignInAsync(name, Password)).Ok().Text("access_token"));
        Assert.Equal(2, Assert.Single(await ListAsync(first), one => one.GetProperty("id").GetGuid() == id).GetProperty("sessions").GetInt32());

        (await second.SendAsync(HttpMethod.Put, "/platform/api/v1/auth/password", new { current_password = "wrong password", password = "another password of its own" })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await second.SendAsync(HttpMethod.Put, "/platform/api/v1/auth/password", new { current_password = Password, password = "another password of its own" })).Ok();
        (await second.GetAsync("/platform/api/v1/accounts")).Ok();
        (await other.GetAsync("/platform/api/v1/accounts")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await SignInAsync(name, Password)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        other = server.Api((await SignInAsync(name, "another password of its own")).Ok().Text("access_token"));
        (await first.SendAsync(HttpMethod.Delete, $"/platform/api/v1/operators/{id}/sessions")).Ok();
        (await other.GetAsync("/platform/api/v1/accounts")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");

        second = server.Api((await SignInAsync(name, "another password of its own")).Ok().Text("access_token"));
        (await first.SendAsync(HttpMethod.Post, $"/platform/api/v1/operators/{id}/disable")).Ok();
        (await second.GetAsync("/platform/api/v1/accounts")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await SignInAsync(name, "another password of its own")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.NotEqual(JsonValueKind.Null, Assert.Single(await ListAsync(first), one => one.GetProperty("id").GetGuid() == id).GetProperty("disabled_at").ValueKind);
        (await first.SendAsync(HttpMethod.Post, $"/platform/api/v1/operators/{id}/enable")).Ok();
        (await SignInAsync(name, "another password of its own")).Ok();
        (await first.SendAsync(HttpMethod.Post, $"/platform/api/v1/operators/{Guid.NewGuid()}/disable")).Refused(HttpStatusCode.NotFound, "notFound");
        (await first.SendAsync(HttpMethod.Delete, $"/platform/api/v1/operators/{Guid.NewGuid()}/sessions")).Refused(HttpStatusCode.NotFound, "notFound");

        var acts = (await first.GetAsync($"/platform/api/v1/audit_logs?object_id={id}&limit=100")).Ok().Json.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(
            ["sign_in", "enable", "disable", "sign_in", "end_sessions", "sign_in", "sign_in_failed", "update", "sign_in", "sign_in", "create"],
            acts.Select(act => act.GetProperty("action").GetString()));
        Assert.All(acts, act => Assert.Equal((JsonValueKind.Null, "operator"), (act.GetProperty("account_id").ValueKind, act.GetProperty("actor").GetProperty("type").GetString())));
        Assert.DoesNotContain(Password, string.Concat(acts.Select(act => act.GetRawText())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_operator_that_can_sign_in_is_not_disabled_also_when_two_disable_each_other()
    {
        await using var alone = await RunningServer.WithAsync();
        var first = alone.Api(alone.Operator);
        var me = Assert.Single(await ListAsync(first), one => one.GetProperty("name").GetString() == "operator").GetProperty("id").GetGuid();
        var answers = await Task.WhenAll(new[] { me, alone.SpareOperator }.Select(id => first.SendAsync(HttpMethod.Post, $"/platform/api/v1/operators/{id}/disable")));
        Assert.Contains(answers, answer => answer.IsSuccess);
        var session = alone.Api((await TryAsync(alone, "operator", "operator-password") ?? await TryAsync(alone, "spare", "operator-password"))!);
        var left = Assert.Single(await ListAsync(session), one => one.GetProperty("disabled_at").ValueKind == JsonValueKind.Null).GetProperty("id").GetGuid();
        (await session.SendAsync(HttpMethod.Post, $"/platform/api/v1/operators/{left}/disable")).Refused(HttpStatusCode.Conflict, "conflict");

        static async Task<string?> TryAsync(RunningServer server, string name, string password)
        {
            var answer = await server.Api().SendAsync(HttpMethod.Post, "/platform/api/v1/auth/sign_in", new { name, password });
            return answer.IsSuccess ? answer.Text("access_token") : null;
        }
    }

    [Fact]
    public async Task Whoever_has_the_machine_becomes_an_operator_again_once_by_a_link()
    {
        var (id, name, session) = await AddAsync();
        (await server.Api(server.Operator).SendAsync(HttpMethod.Post, $"/platform/api/v1/operators/{id}/disable")).Ok();
        var setUp = server.Server.Services.GetRequiredService<SetUp>();
        var code = setUp.Open(recovers: true);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(code, name, "short")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(code, name, "a recovered password")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(code, name, "somebody else's")).Status);

        (await SignInAsync(name, "a recovered password")).Ok();
        (await SignInAsync(name, Password)).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await session.GetAsync("/platform/api/v1/accounts")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        Assert.Single((await server.Api(server.Operator).GetAsync($"/platform/api/v1/audit_logs?object_id={id}&action=recover")).Ok().Json.GetProperty("data").EnumerateArray());

        var another = $"{Guid.NewGuid():N}";
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(setUp.Open(recovers: true), another, Password)).Status);
        (await SignInAsync(another, Password)).Ok();
    }

    [Fact]
    [Trait("Catalogue", "RCC-20")]
    public async Task Who_runs_an_account_is_invited_and_the_operator_never_knows_its_password()
    {
        var platform = server.Api(server.Operator);
        var slug = $"invited-{Guid.NewGuid():N}"[..30];
        var made = await platform.PostAsync("/platform/api/v1/accounts", new { name = "Invited", slug, master_agent = new { name = "First", email = "first@example.org" } });
        (await SignInAsync(slug, "first@example.org", "")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        var administrator = await ComeAsync(made, "first@example.org");
        Assert.Equal(("administrator", "Come"), (administrator.Text("role"), administrator.Text("name")));
        Assert.InRange(made.Json.GetProperty("invitation_expires_at").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromHours(167), TimeSpan.FromHours(169));

        var accounts = $"/platform/api/v1/accounts/{made.Id()}";
        Assert.Equal("master_agent", (await ComeAsync(await platform.PostAsync($"{accounts}/master_agents", new { name = "Second", email = "second@example.org" }), "second@example.org")).Text("role"));
        Assert.Equal("administrator", (await ComeAsync(await platform.PostAsync($"{accounts}/administrators", new { name = "Third", email = "third@example.org" }), "third@example.org")).Text("role"));
        var withPassword = await platform.PostAsync($"{accounts}/administrators", new { name = "Fourth", email = "fourth@example.org", password = Tenant.Password });
        Assert.Equal(JsonValueKind.Null, withPassword.Json.GetProperty("invitation_token").ValueKind);
        (await SignInAsync(slug, "fourth@example.org", Tenant.Password)).Ok();
        (await platform.SendAsync(HttpMethod.Post, $"{accounts}/administrators", new { name = "Fifth", email = "fifth@example.org", password = "short" })).Refused(HttpStatusCode.BadRequest, "malformed");

        async Task<ApiAnswer> ComeAsync(ApiAnswer invited, string email)
        {
            var token = invited.Text("invitation_token");
            Assert.Equal(email, (await server.Api().PostAsync("/api/v1/auth/invitation", new { token })).Text("email"));
            (await server.Api().PostAsync("/api/v1/auth/invitation/accept", new { token, name = "Come", password = "a password of one's own" })).Ok();
            (await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/invitation/accept", new { token, name = "Again", password = "a password of one's own" })).Refused(HttpStatusCode.NotFound, "notFound");
            return (await SignInAsync(slug, email, "a password of one's own")).Ok();
        }

        Task<ApiAnswer> SignInAsync(string account, string email, string password) => server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account, email, password });
    }

    async Task<(Guid Id, string Name, Api Session)> AddAsync()
    {
        var name = $"{Guid.NewGuid():N}";
        var id = (await server.Api(server.Operator).PostAsync("/platform/api/v1/operators", new { name, password = Password })).Id();
        return (id, name, server.Api((await SignInAsync(name, Password)).Ok().Text("access_token")));
    }

    Task<ApiAnswer> SignInAsync(string name, string password) => server.Api().SendAsync(HttpMethod.Post, "/platform/api/v1/auth/sign_in", new { name, password });

    static async Task<List<JsonElement>> ListAsync(Api api) => [.. (await api.GetAsync("/platform/api/v1/operators?limit=100")).Ok().Json.GetProperty("data").EnumerateArray()];

    async Task<ApiAnswer> PostAsync(string code, string name, string password)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code, ["name"] = name, ["password"] = password });
        return await server.Api().SendRawAsync(HttpMethod.Post, "/setup", form);
    }
}
