using Rcc.Contracts.Sync;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Failures;

/// <summary>A server that is killed, and a database that was restored.</summary>
[Collection(nameof(Failures))]
public sealed class ServerKilledTests
{
    [Fact]
    [Trait("Catalogue", "INV-8")]
    [Trait("Catalogue", "INV-15")]
    public async Task When_the_server_is_killed_every_acknowledged_message_is_there_after_its_restart_and_devices_go_on_from_their_tokens()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.WithFolderAsync(folder.Path);
        var company = await Company.MakeAsync(server, await server.BecomeOperatorAsync(), agents: 1);
        await using var people = await PostingPeople.BeginAsync(server, company);
        for (var i = 0; i < 2; i++)
        {
            await people.UntilAcknowledgedAsync(more: 60);
            await server.KillAsync();
            await server.StartAsync();
        }

        await people.UntilAcknowledgedAsync(more: 60);
        await people.StopAsync();
        await people.SettleAsync();
        await people.AssertKeptOnceAsync(new PostgresProcess(folder.Path).ConnectionString);
        Assert.Empty(people.Resyncs);
    }

    [Fact]
    [Trait("Catalogue", "INV-7")]
    public async Task After_a_restore_from_a_backup_every_old_token_begins_from_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.WithFolderAsync(folder.Path);
        var company = await Company.MakeAsync(server, await server.BecomeOperatorAsync(), agents: 1);
        var customer = await company.BeginAsync(server);
        var agent = await company.SignInAsync(server, 0);
        await using var bare = new BareDevice(server, customer);
        await using var device = new Follower(() => server, agent);
        await bare.ConnectedAsync();
        var conversation = await bare.OpenConversationAsync();
        await company.AssignAsync(conversation, company.Agents[0]);
        await bare.PostAsync(conversation, "in the backup");

        await server.StopAsync();
        CopyFolder(Path.Combine(folder.Path, "cluster"), Path.Combine(folder.Path, "backup"));
        await server.StartAsync();
        await bare.ConnectedAsync();
        var lost = await bare.PostAsync(conversation, "after the backup");
        await device.UntilAsync(c => c.Messages(conversation).Messages.Count == 2, "at the last message");

        await server.StopAsync();
        Directory.Delete(Path.Combine(folder.Path, "cluster"), recursive: true);
        Directory.Move(Path.Combine(folder.Path, "backup"), Path.Combine(folder.Path, "cluster"));
        await server.StartAsync("--restored");
        await Until.TrueAsync(() => !bare.Resyncs.IsEmpty, () => "the device begins from nothing");
        Assert.Equal(new Resync(ResyncReason.Epoch, Discard: true), Assert.Single(bare.Resyncs));
        await device.UntilAsync(c => c.Messages(conversation).Messages is [{ Content: "in the backup" }], "without what the backup did not have");
        Assert.Equal(2, lost.Seq);
        await using var fresh = device.Fresh();
        await fresh.OnlineAsync();
        await device.UntilEqualAsync(fresh);
    }

    /// <summary>With the rights and links of what is copied; the files belong to the user PostgreSQL runs as.</summary>
    static void CopyFolder(string from, string to)
    {
        using var copy = System.Diagnostics.Process.Start("cp", ["-a", from, to]);
        copy.WaitForExit();
        Assert.Equal(0, copy.ExitCode);
    }
}
