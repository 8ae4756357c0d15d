using System.Net;
using System.Text;

namespace Rcc.Server.Tests;

/// <summary>What is wrong with a request is told as problem details that name it.</summary>
public sealed class ProblemTests(RunningServer server)
{
    [Theory]
    [InlineData("", null)]
    [InlineData("no json", null)]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    [InlineData("{}", "name")]
    [InlineData("""{"name":null,"email":"a@example.org","password":"long enough"}""", "name")]
    [InlineData("""{"name":7,"email":"a@example.org","password":"long enough"}""", "name")]
    [InlineData("""{"name":"A","email":"a@example.org","password":"long enough","role":"king"}""", "role")]
    [InlineData("""{"name":"A","email":"a@example.org","password":"long enough","role":1}""", "role")]
    [InlineData("""{"name":"A","email":"a@example.org","password":"long enough","team_id":"none"}""", "team_id")]
    [InlineData("""{"name":"A","email":"no address","password":"long enough"}""", "email")]
    [InlineData("""{"name":"","email":"a@example.org","password":"long enough"}""", "name")]
    [InlineData("""{"name":"A\u0007","email":"a@example.org","password":"long enough"}""", "name")]
    [InlineData("""{"name":"\ud800","email":"a@example.org","password":"long enough"}""", null)]
    public async Task A_body_of_the_wrong_form_is_refused_and_the_member_named(string body, string? member)
    {
        var tenant = await Tenants.FirstAsync(server);
        var refused = (await SendAsync(tenant.Master.Api, $"{tenant.Path}/agents", body)).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Contains(member ?? "", refused.Text("detail"), StringComparison.Ordinal);
        Assert.DoesNotContain("Rcc.", refused.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", refused.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_over_the_limit_names_it()
    {
        var tenant = await Tenants.FirstAsync(server);
        var refused = await SendAsync(tenant.Agent.Api, $"{tenant.Path}/conversations/{tenant.Conversation}/messages", $$"""{"content":"{{new string('x', 300_000)}}"}""");
        Assert.Contains("262144", refused.Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge").Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_over_the_limit_names_it_and_at_the_limit_it_is_kept()
    {
        var tenant = await Tenant.MakeAsync(server);
        var messages = $"{tenant.Path}/conversations/{tenant.Conversation}/messages";
        var refused = await SendAsync(tenant.Agent.Api, messages, $$"""{"content":"{{new string('x', 32_769)}}"}""");
        Assert.Contains("32768", refused.Refused(HttpStatusCode.RequestEntityTooLarge, "tooLarge").Text("detail"), StringComparison.Ordinal);
        (await SendAsync(tenant.Agent.Api, messages, $$"""{"content":"{{string.Concat(Enumerable.Repeat("\\u0000", 32_768))}}"}""")).Ok();
        var last = (await tenant.Customer.Api.GetAsync($"{messages}?limit=1")).Ok().Json.GetProperty("data")[0];
        Assert.Equal(new string('\0', 32_768), last.GetProperty("content").GetString());
    }

    [Fact]
    public async Task An_unknown_path_is_not_found() => (await server.Api().GetAsync("/api/v2/accounts")).Refused(HttpStatusCode.NotFound, "notFound");

    [Fact]
    public async Task An_id_of_the_wrong_form_is_not_found()
    {
        var tenant = await Tenants.FirstAsync(server);
        (await tenant.Master.Api.GetAsync($"{tenant.Path}/agents/me")).Refused(HttpStatusCode.NotFound, "notFound");
    }

    [Fact]
    public async Task A_method_the_resource_has_not_is_told() => (await server.Api().GetAsync("/api/v1/auth/sign_in")).Refused(HttpStatusCode.MethodNotAllowed, "malformed");

    [Fact]
    public async Task A_body_of_another_media_type_is_told()
    {
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        (await server.Api().SendRawAsync(HttpMethod.Post, "/api/v1/auth/sign_in", text)).Refused(HttpStatusCode.UnsupportedMediaType, "malformed");
    }

    [Fact]
    public async Task What_is_taken_is_told()
    {
        var tenant = await Tenants.FirstAsync(server);
        var body = new { name = "Again", email = tenant.AgentEmail, password = Tenant.Password };
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/agents", body)).Refused(HttpStatusCode.Conflict, "taken");
        var account = new { name = "Again", slug = tenant.Slug, master_agent = new { name = "M", email = "m@example.org", password = Tenant.Password } };
        (await server.Api(server.Operator).SendAsync(HttpMethod.Post, "/platform/api/v1/accounts", account)).Refused(HttpStatusCode.Conflict, "taken");
    }

    [Fact]
    public async Task A_page_of_any_origin_may_ask_since_no_browser_adds_the_credential()
    {
        var asked = await server.Api().SendAsync(
            HttpMethod.Options, "/api/v1/auth/ticket", null, ("Origin", "https://anywhere.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization"));
        Assert.Equal("*", asked.Headers["Access-Control-Allow-Origin"]);
        Assert.DoesNotContain("Access-Control-Allow-Credentials", asked.Headers.Keys);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task A_server_that_works_says_so(string path) => Assert.Equal("Healthy", (await server.Api().GetAsync(path)).Ok().Body);

    static async Task<ApiAnswer> SendAsync(Api api, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await api.SendRawAsync(HttpMethod.Post, path, content);
    }
}
