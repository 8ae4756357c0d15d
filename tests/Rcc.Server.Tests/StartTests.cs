using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
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
    [InlineData("--Rcc:Store:GapRows=0", "GapRows")]
    [InlineData("--Rcc:Log:MaxWaiting=0", "MaxWaiting")]
    [InlineData("--Rcc:Tail:RecentBatches=-1", "RecentBatches")]
    [InlineData("--Rcc:Devices:PageItems=0", "PageItems")]
    [InlineData("--Rcc:Delivery:MaxMarksPerProposal=0", "MaxMarksPerProposal")]
    [InlineData("--Rcc:Access:MaxListItems=0", "MaxListItems")]
    [InlineData("--Rcc:Agents:MaxDevices=0", "MaxDevices")]
    [InlineData("--Rcc:Agents:PresenceLifetime=00:01:59", "PresenceLifetime")]
    [InlineData("--Rcc:Conversations:MaxAgents=0", "MaxAgents")]
    [InlineData("--Rcc:Routing:MaxTenantsPerLookRound=0", "MaxTenantsPerLookRound")]
    [InlineData("--Rcc:Tenants:MaxInboxes=0", "MaxInboxes")]
    [InlineData("--Rcc:Log:MaxWaiting=12000", "MaxEnqueuedRequests")]
    public async Task A_setting_out_of_its_limits_is_told_at_the_start(string setting, string name)
    {
        var told = await Assert.ThrowsAsync<OptionsValidationException>(() => server.StartAnotherAsync(setting));
        Assert.Contains(name, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_the_embedded_store_out_of_its_limits_is_told_at_the_start()
    {
        var told = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => server.StartAnotherAsync("--Rcc:Postgres:MaxConnections=9"));
        Assert.Contains("MaxConnections is 9", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_embedded_store_runs_as_its_settings_say()
    {
        var folder = Directory.CreateTempSubdirectory("rcc-store-");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([
            new("Rcc:Postgres:DataFolder", folder.FullName),
            new("Rcc:Postgres:Database", "elsewhere"),
            new("Rcc:Postgres:MaxConnections", "37"),
            new("Rcc:Postgres:Settings:work_mem", "5MB"),
        ]).Build();
        await using (var store = await OpenedStore.OpenAsync(configuration, dataFolder: null, NullLoggerFactory.Instance, TestContext.Current.CancellationToken))
        {
            Assert.Equal(folder.FullName, store.DataFolder);
            await using var database = NpgsqlDataSource.Create(store.ConnectionString);
            await using var asked = database.CreateCommand("SELECT concat_ws(' ', current_database(), current_setting('max_connections'), current_setting('work_mem'))");
            Assert.Equal("elsewhere 37 5MB", await asked.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }

        folder.Delete(recursive: true);
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
