using System.Net;

namespace Rcc.Server.Tests;

/// <summary>What may be set of where profiles are looked up, and who sees it.</summary>
[Trait("Catalogue", "RCC-49")]
public sealed class ProfileLookupSettingsTests(RunningServer server)
{
    [Fact]
    public async Task The_password_is_kept_for_its_server_and_shown_to_nobody()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (api, path) = (tenant.Administrator.Api, $"{tenant.Path}/profile_lookup");
        Assert.Equal("""{"xcap_root":null,"username":null,"has_password":false,"asserted_identity":null}""", (await api.GetAsync(path)).Ok().Body);
        (await SetAsync(new { xcap_root = "https://xcap.example/services", username = "rcc" })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await SetAsync(new { xcap_root = "https://xcap.example/services/", username = "rcc", password = "do not tell" })).Ok();
        (await SetAsync(new { xcap_root = "https://xcap.example/services", username = "rcc", asserted_identity = "tel:+49 30 123456" })).Ok();
        const string Set = """{"xcap_root":"https://xcap.example/services","username":"rcc","has_password":true,"asserted_identity":"tel:+4930123456"}""";
        Assert.Equal(Set, (await api.GetAsync(path)).Ok().Body.Replace("\\u002B", "+", StringComparison.Ordinal));
        (await SetAsync(new { xcap_root = "https://evil.example/services", username = "rcc" })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await SetAsync(new { xcap_root = "https://xcap.example/services", username = "other" })).Refused(HttpStatusCode.BadRequest, "malformed");
        (await api.SendAsync(HttpMethod.Delete, path)).Ok();
        (await SetAsync(new { xcap_root = "https://xcap.example/services", username = "rcc" })).Refused(HttpStatusCode.BadRequest, "malformed");

        var acts = (await api.GetAsync($"{tenant.Path}/audit_logs?limit=100")).Ok();
        Assert.DoesNotContain("do not tell", acts.Body, StringComparison.Ordinal);
        Assert.Equal(
            ["update", "update", "delete"],
            acts.Json.GetProperty("data").EnumerateArray().Where(act => act.GetProperty("object_type").GetString() == "profile_lookup").Select(act => act.GetProperty("action").GetString()).Reverse());

        Task<ApiAnswer> SetAsync(object body) => api.SendAsync(HttpMethod.Put, path, body);
    }

    [Theory]
    [InlineData("http://xcap.example", null, null, null)]
    [InlineData("https://xcap.example/?x", null, null, null)]
    [InlineData("https://xcap.example/#x", null, null, null)]
    [InlineData("https://user:secret@xcap.example/", null, null, null)]
    [InlineData("/services", null, null, null)]
    [InlineData("https://xcap.example", "", "secret", null)]
    [InlineData("https://xcap.example", "r\"cc", "secret", null)]
    [InlineData("https://xcap.example", "jörg", "secret", null)]
    [InlineData("https://xcap.example", null, "secret", null)]
    [InlineData("https://xcap.example", "rcc", "sec\nret", null)]
    [InlineData("https://xcap.example", null, null, "desk")]
    [InlineData("https://xcap.example", null, null, "mailto:desk@example.com")]
    [InlineData("https://xcap.example", null, null, "sip:desk@example.com\r\nX: y")]
    [InlineData("https://xcap.example", null, null, "sip:jörg@example.com")]
    public async Task What_is_no_XDMS_to_ask_is_refused(string root, string? username, string? password, string? identity)
    {
        var tenant = await Tenants.FirstAsync(server);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile_lookup", new { xcap_root = root, username, password, asserted_identity = identity })).Refused(HttpStatusCode.BadRequest, "malformed");
    }

    [Fact]
    public async Task Nobody_makes_the_server_read_profiles_in_its_own_network()
    {
        // Whichever server of a cluster looks up writes the line.
        await using var alone = await RunningServer.WithAsync();
        await using var xdms = await Xdms.StartAsync();
        var tenant = await Tenant.MakeAsync(alone);
        await tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/addresses", new { kind = "sip", value = "ada@example.com" });
        foreach (var (host, username, password) in new[] { ("localhost", null, null), ("127.0.0.1", "rcc", "secret") })
        {
            (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile_lookup", new { xcap_root = $"https://{host}:{xdms.Port}", username, password })).Ok();
            await tenant.Agent.Api.PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/context/lookup", new { });
            await alone.Log.WaitForAsync($"Tenant {tenant.Id}: looking up context failed: NotPublic (Profile)");
        }

        Assert.Empty(xdms.Asked);
    }
}
