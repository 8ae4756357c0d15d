using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Server.Access;
using Rcc.Server.Tenants;

namespace Rcc.Server.Tests;

/// <summary>The one-time link that makes the platform operator. This server has one already.</summary>
public sealed class SetUpTests(RunningServer server)
{
    [Theory]
    [InlineData("")]
    [InlineData("?code=")]
    [InlineData("?code=rccs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Without_the_code_there_is_no_page(string query) => Assert.Equal(HttpStatusCode.NotFound, (await server.Api().GetAsync($"/setup{query}")).Status);

    [Fact]
    public async Task The_code_makes_no_second_operator_and_is_used_up_by_trying()
    {
        var code = server.Server.Services.GetRequiredService<SetUp>().Open();
        var shown = await server.Api().GetAsync($"/setup?code={code}");
        Assert.Equal(HttpStatusCode.OK, shown.Status);
        Assert.Equal("no-referrer", shown.Headers["Referrer-Policy"]);
        Assert.Equal("no-store", shown.Headers["Cache-Control"]);

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(code, "intruder", "a good password")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Api().GetAsync($"/setup?code={code}")).Status);
        var signIn = await server.Api().SendAsync(HttpMethod.Post, "/platform/api/v1/auth/sign_in", new { name = "intruder", password = "a good password" });
        signIn.Refused(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task A_bad_password_is_told_on_the_page_and_the_code_stays_good()
    {
        var code = server.Server.Services.GetRequiredService<SetUp>().Open();
        var told = await PostAsync(code, "<b>me</b>", "short");
        Assert.Equal(HttpStatusCode.BadRequest, told.Status);
        Assert.Contains("minPasswordLength", told.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>me</b>", told.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Api().GetAsync($"/setup?code={code}")).Status);
    }

    [Fact]
    public void A_credential_does_not_print_itself()
    {
        var secret = Secret.Make(SecretKind.Key);
        Assert.DoesNotContain(secret.Reveal(), $"{secret}", StringComparison.Ordinal);
        Assert.Equal(secret.Hash, Secret.Read(secret.Reveal())!.Hash);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("rccd_")]
    [InlineData("rccd_AAAA")]
    [InlineData("xxxx_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("rccd_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!A")]
    public void What_cannot_be_a_credential_is_not_looked_up(string? text) => Assert.Null(Secret.Read(text));

    async Task<ApiAnswer> PostAsync(string code, string name, string password)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code, ["name"] = name, ["password"] = password });
        return await server.Api().SendRawAsync(HttpMethod.Post, "/setup", form);
    }
}
