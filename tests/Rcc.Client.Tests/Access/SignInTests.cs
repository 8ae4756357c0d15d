using System.Net;
using System.Text;
using Rcc.Client.Access;
using Rcc.Contracts;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Access;

public sealed class SignInTests
{
    [Fact]
    public async Task An_agent_signs_in_by_snake_case_json()
    {
        using var web = new Canned(HttpStatusCode.OK, """{"access_token":"secret","account_id":"018f0000-0000-7000-8000-000000000001","person_id":"018f0000-0000-7000-8000-000000000002","device_id":"018f0000-0000-7000-8000-000000000003","role":"master_agent","name":"Ada"}""");
        using var http = web.Client();

        var answer = await new SignIn(http).AgentAsync(new AgentSignIn("acme", "ada@example.com", "pass", "laptop"));

        Assert.True(answer.Outcome.IsOk);
        Assert.Equal(("secret", Role.MasterAgent, "Ada"), (answer.Device!.AccessToken, answer.Device.Role, answer.Device.Name));
        Assert.Equal("POST /api/v1/auth/sign_in {\"account\":\"acme\",\"email\":\"ada@example.com\",\"password\":\"pass\",\"device_name\":\"laptop\"}", web.Asked);
    }

    [Fact]
    public async Task A_customer_comes_in_by_an_inbox_without_what_it_does_not_say()
    {
        using var web = new Canned(HttpStatusCode.OK, """{"access_token":"secret","account_id":"018f0000-0000-7000-8000-000000000001","person_id":"018f0000-0000-7000-8000-000000000002","device_id":"018f0000-0000-7000-8000-000000000003"}""");
        using var http = web.Client();

        var answer = await new SignIn(http).ContactAsync("in/box", new ContactSignIn(Name: "Bo", DeviceName: "phone"));

        Assert.Null(answer.Device!.Role);
        Assert.Equal("POST /public/api/v1/inboxes/in%2Fbox/contacts {\"name\":\"Bo\",\"device_name\":\"phone\"}", web.Asked);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "{\"code\":\"suspended\",\"detail\":\"the account is suspended\"}", ErrorCode.Suspended)]
    [InlineData(HttpStatusCode.Unauthorized, "{}", ErrorCode.Unauthenticated)]
    [InlineData(HttpStatusCode.TooManyRequests, "not json", ErrorCode.RateLimited)]
    [InlineData(HttpStatusCode.BadGateway, "{\"code\":\"a code of tomorrow\"}", ErrorCode.Unavailable)]
    [InlineData(HttpStatusCode.NotFound, "{}", ErrorCode.NotFound)]
    public async Task A_refusal_is_an_outcome(HttpStatusCode status, string body, ErrorCode code)
    {
        using var web = new Canned(status, body);
        using var http = web.Client();

        var answer = await new SignIn(http).AgentAsync(new AgentSignIn("acme", "ada@example.com", "wrong", "laptop"));

        Assert.Equal(code, answer.Outcome.Code);
        Assert.Null(answer.Device);
    }

    [Fact]
    public async Task A_second_factor_is_asked_for_enrolled_and_confirmed()
    {
        var agent = new AgentSignIn("acme", "ada@example.com", "pass", "laptop");
        using var refusing = new Canned(HttpStatusCode.Unauthorized, """{"code":"secondFactorEnrolmentRequired","detail":"enrol one"}""");
        using var http = refusing.Client();
        Assert.Equal(ErrorCode.SecondFactorEnrolmentRequired, (await new SignIn(http).AgentAsync(agent)).Outcome.Code);

        using var enrolling = new Canned(HttpStatusCode.OK, """{"secret":"ABC","uri":"otpauth://totp/Acme"}""");
        using var enrolment = enrolling.Client();
        Assert.Equal(new SecondFactorEnrolment("ABC", "otpauth://totp/Acme"), (await new SignIn(enrolment).EnrolAsync(agent)).Enrolment);

        using var confirming = new Canned(
            HttpStatusCode.OK,
            """{"access_token":"secret","account_id":"018f0000-0000-7000-8000-000000000001","person_id":"018f0000-0000-7000-8000-000000000002","device_id":"018f0000-0000-7000-8000-000000000003","role":"agent","name":"Ada","recovery_codes":["one","two"]}""");
        using var confirmation = confirming.Client();
        Assert.Equal(["one", "two"], (await new SignIn(confirmation).ConfirmAsync(agent with { Code = "123456" })).Device!.RecoveryCodes!);
        Assert.Equal(
            "POST /api/v1/auth/second_factor/confirm {\"account\":\"acme\",\"email\":\"ada@example.com\",\"password\":\"pass\",\"device_name\":\"laptop\",\"code\":\"123456\"}", confirming.Asked);
    }

    [Fact]
    public async Task Signing_out_presents_the_credential()
    {
        using var web = new Canned(HttpStatusCode.NoContent, "");
        using var http = web.Client();

        var outcome = await new SignIn(http).SignOutAsync("secret");

        Assert.True(outcome.IsOk);
        Assert.Equal("POST /api/v1/auth/sign_out Bearer secret", web.Asked);
    }

    [Fact]
    public async Task A_sign_in_by_a_provider_is_begun_with_a_secret_and_finished_with_what_the_browser_brings()
    {
        using var web = new Canned(HttpStatusCode.OK, """{"access_token":"secret","account_id":"018f0000-0000-7000-8000-000000000001","person_id":"018f0000-0000-7000-8000-000000000002","device_id":"018f0000-0000-7000-8000-000000000003","role":"agent","name":"Ada"}""");
        using var http = web.Client();
        var client = new SignIn(http);
        var start = client.BeginOidc("acme", new Uri("http://127.0.0.1:4711/back?a=b"), "rcci_x");

        var challenge = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(start.Verifier))).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Assert.Equal($"http://server/api/v1/auth/oidc/start?account=acme&return_url=http%3A%2F%2F127.0.0.1%3A4711%2Fback%3Fa%3Db&code_challenge={challenge}&invitation=rcci_x", start.Url.AbsoluteUri);
        Assert.InRange(start.Verifier.Length, 43, 128);
        Assert.NotEqual(start.Verifier, client.BeginOidc("acme", new Uri("http://127.0.0.1:4711/back")).Verifier);

        var refused = await client.FinishOidcAsync(start, new Uri("http://127.0.0.1:4711/back?a=b#error=access_denied"), "laptop");
        Assert.Equal((ErrorCode.Unauthenticated, "access_denied", (string?)null), (refused.Outcome.Code, refused.Outcome.Detail, web.Asked));
        var answer = await client.FinishOidcAsync(start, new Uri("http://127.0.0.1:4711/back?a=b#code=rccx_y"), "laptop");
        Assert.Equal("secret", answer.Device!.AccessToken);
        Assert.Equal($"POST /api/v1/auth/oidc/token {{\"code\":\"rccx_y\",\"code_verifier\":\"{start.Verifier}\",\"device_name\":\"laptop\"}}", web.Asked);
    }

    sealed class Canned(HttpStatusCode status, string body) : HttpMessageHandler
    {
        public string? Asked { get; private set; }

        public HttpClient Client() => new(this, disposeHandler: false) { BaseAddress = new Uri("http://server/") };

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var said = request.Content is { } content ? await content.ReadAsStringAsync(cancellationToken) : request.Headers.Authorization?.ToString();
            Asked = $"{request.Method} {request.RequestUri!.AbsolutePath} {said}";
            return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        }
    }
}
