using System.Text.Json;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Failures;

/// <summary>What is known of devices whose server is gone.</summary>
[Collection(nameof(Failures))]
[Trait("Catalogue", "RCC-48")]
[Trait("Catalogue", "RCC-42")]
public sealed class PresenceKilledTests(Databases databases)
{
    static readonly string[] Quick =
        ["--Rcc:Agents:PresenceDelay=00:00:00.1", "--Rcc:Agents:PresenceLifetime=00:00:04", "--Rcc:Devices:ActivityInterval=00:00:00.5", "--Rcc:Customers:LookRoundInterval=00:00:00.5"];

    [Fact]
    public async Task What_a_killed_server_said_of_its_devices_lapses_by_itself_and_is_unknown_not_closed()
    {
        var database = await databases.CreateAsync();
        await using var doomed = await ServerProcess.OnDatabaseAsync(database, Quick);
        await using var other = await ServerProcess.OnDatabaseAsync(database, Quick);
        var company = await Company.MakeAsync(other, await doomed.BecomeOperatorAsync(), agents: 1);
        var (agent, master) = (await company.SignInAsync(other, 0), await company.SignInMasterAsync(other));
        await using var watching = await HubSocket.SynchronizeAsync(other.Address, master.AccessToken);
        await using var device = await HubSocket.SynchronizeAsync(doomed.Address, agent.AccessToken);
        Assert.Equal(["open"], Basics(await UntilAsync(watching, agent.PersonId, devices => devices.Length == 1)));

        await doomed.KillAsync();
        await UntilAsync(watching, agent.PersonId, devices => devices.Length == 0);
        Assert.Empty((await other.Api(master.AccessToken).GetAsync(PathOf(company))).Ok().Json.GetProperty("devices").EnumerateArray());
    }

    [Fact]
    public async Task A_server_that_is_started_again_knows_what_it_knew_and_a_device_that_comes_back_is_no_change()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.WithFolderAsync(folder.Path, "--Rcc:Agents:PresenceDelay=00:00:00.1");
        var company = await Company.MakeAsync(server, await server.BecomeOperatorAsync(), agents: 1);
        var agent = await company.SignInAsync(server, 0);
        JsonElement before;
        await using (var device = await HubSocket.SynchronizeAsync(server.Address, agent.AccessToken))
        {
            before = await UntilAsync(device, agent.PersonId, devices => devices.Length == 1);
            await server.KillAsync();
        }

        await server.StartAsync();
        await using var again = await HubSocket.SynchronizeAsync(server.Address, agent.AccessToken);
        Assert.Equal(before.GetRawText(), (await UntilAsync(again, agent.PersonId, _ => true)).GetRawText());
        Assert.Equal("ok", HubTests.CodeOf(await again.CallAsync("SetActivity", new { active = false })));
        var next = await UntilAsync(again, agent.PersonId, devices => devices.Length == 1);
        Assert.Equal((before.GetProperty("revision").GetInt32() + 1, "idle"), (next.GetProperty("revision").GetInt32(), next.GetProperty("state").GetProperty("devices")[0].GetProperty("userInput").GetProperty("state").GetString()));
    }

    static string PathOf(Company company) => $"{company.Path}/agents/{company.Agents[0]}/presence";

    static IEnumerable<string?> Basics(JsonElement item) => item.GetProperty("state").GetProperty("devices").EnumerateArray().Select(device => device.GetProperty("basic").GetString());

    static Task<JsonElement> UntilAsync(HubSocket hub, Guid agent, Func<JsonElement[], bool> condition) =>
        hub.NextItemAsync(item => item.IsOf("presence", agent) && condition([.. item.GetProperty("state").GetProperty("devices").EnumerateArray()]));
}
