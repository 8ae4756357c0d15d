using System.Net;
using Microsoft.Extensions.Options;
using Rcc.Postgres.Embedded;
using Rcc.Server.Demo;

namespace Rcc.Server.Tests;

/// <summary>Starting: wrong settings are told, a restored store is a new epoch, the demo finds itself again.</summary>
public sealed class StartTests(RunningServer server)
{
    [Theory]
    [InlineData("--Rcc:Hub:KeepAliveSeconds=0", "KeepAliveSeconds")]
    [InlineData("--Rcc:Hub:ClientTimeoutSeconds=11", "ClientTimeoutSeconds")]
    [InlineData("--Rcc:Hub:MaxReceiveBytes=100000", "MaxReceiveBytes")]
    [InlineData("--Rcc:SignIn:AttemptsPerMinute=0", "AttemptsPerMinute")]
    [InlineData("--Rcc:SignIn:MinPasswordLength=4", "MinPasswordLength")]
    public async Task A_setting_out_of_its_limits_is_told_at_the_start(string setting, string name)
    {
        var told = await Assert.ThrowsAsync<OptionsValidationException>(() => server.StartAnotherAsync(setting));
        Assert.Contains(name, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_store_a_server_lives_and_says_that_it_cannot_serve()
    {
        var folder = Directory.CreateTempSubdirectory("rcc-store-");
        await using (var store = await EmbeddedPostgres.StartAsync(new() { DataFolder = folder.FullName }, cancellationToken: TestContext.Current.CancellationToken))
        {
            await using var lonely = await server.StartAnotherAsync($"--ConnectionStrings:Rcc={store.ConnectionString}", "--Rcc:Store:ConnectTimeout=00:00:02");
            using var http = new HttpClient { BaseAddress = lonely.Address };
            var api = new Api(http, null);
            (await api.GetAsync("/health/ready")).Ok();

            await store.StopAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.GetAsync("/health/ready")).Status);
            (await api.GetAsync("/health/live")).Ok();
            var refused = await api.SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = "a", email = "a@example.org", password = "whatever it is" });
            Assert.Contains("Retry-After", refused.Refused(HttpStatusCode.ServiceUnavailable, "unavailable").Headers.Keys);
            (await new Api(http, "rccd_" + new string('A', 43)).GetAsync($"/api/v1/accounts/{Guid.NewGuid()}/agents")).Refused(HttpStatusCode.ServiceUnavailable, "unavailable");
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public void Every_dialogue_of_the_demo_begins_with_the_customer_and_is_answered()
    {
        var dialogues = Dialogue.ReadAll();
        Assert.InRange(dialogues.Count, 8, 12);
        Assert.Equal(dialogues.Count, dialogues.Select(d => d.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.All(dialogues, d =>
        {
            Assert.True(d.Turns[0].IsCustomers);
            Assert.Contains(d.Turns, t => !t.IsCustomers);
            Assert.All(d.Turns, t => Assert.NotEmpty(t.Text));
        });
        Assert.Superset(new HashSet<string>(["de", "fr", "es", "zh", "ja", "hi", "ar"], StringComparer.Ordinal), dialogues.Select(d => d.Lang).ToHashSet(StringComparer.Ordinal));
    }
}
