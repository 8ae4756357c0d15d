using System.Net;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Convergence;

/// <summary>An account is taken out of one installation and into another, and its devices follow it.</summary>
[Collection(nameof(Failures))]
[Trait("Catalogue", "RCC-32")]
public sealed class MovedAccountTests(Databases databases)
{
    [Fact]
    public async Task After_an_account_has_moved_every_device_ends_as_a_fresh_one_does_and_goes_on()
    {
        await using var old = await ServerProcess.OnDatabaseAsync(await databases.CreateAsync());
        await using var next = await ServerProcess.OnDatabaseAsync(await databases.CreateAsync());
        var (platform, other) = (await old.BecomeOperatorAsync(), await next.BecomeOperatorAsync());
        var company = await Company.MakeAsync(old, platform, agents: 1);
        var server = old;
        await using var customer = new BareDevice(() => server, await company.BeginAsync(old, "Zoë"));
        await customer.ConnectedAsync();
        await using var agent = new Follower(() => server, await company.SignInAsync(old, 0));
        var conversation = await customer.OpenConversationAsync();
        await company.AssignAsync(conversation, company.Agents[0]);
        for (var i = 0; i < 30; i++)
        {
            await customer.PostAsync(conversation, $"message {i}");
        }

        await agent.UntilAsync(client => client.Messages(conversation).Messages.Count == 30, "at the last message");
        var before = agent.Lines;
        Assert.Equal(32, before.Count(IsKept));

        // Nothing is written meanwhile: an account that moves is suspended first.
        await platform.PostAsync($"/platform/api/v1/accounts/{company.Id}/suspend", new { });
        var archive = await Archives.ExportAsync(platform, company.Id);
        (await Archives.ImportAsync(other, archive[..(archive.Length / 2)])).Refused(HttpStatusCode.BadRequest, "malformed");
        Assert.Equal(company.Id, (await Archives.ImportAsync(other, archive)).Ok().Id());
        server = next;
        await other.PostAsync($"/platform/api/v1/accounts/{company.Id}/resume", new { });

        // With the credentials and the copies they had.
        await agent.RestartAsync(null);
        await agent.OnlineAsync();
        await using var moved = new BareDevice(() => server, customer.SignedIn);
        await moved.ConnectedAsync();
        await using var fresh = agent.Fresh();
        await fresh.OnlineAsync();
        await Until.TrueAsync(
            () => before.Where(IsKept).SequenceEqual(agent.Lines.Where(IsKept), StringComparer.Ordinal),
            () => $"the device has what it had{Environment.NewLine}{string.Join(Environment.NewLine, before)}{Environment.NewLine}and not{Environment.NewLine}{string.Join(Environment.NewLine, agent.Lines)}");
        await agent.UntilEqualAsync(fresh);
        var posted = await moved.PostAsync(conversation, "from the new place");
        Assert.Equal(31, posted.Seq);
        await agent.UntilAsync(client => client.Messages(conversation).Messages.Count == 31, "at the first message of the new place");
        await agent.UntilEqualAsync(fresh);

        // The account's revision is higher by the resuming; who is there is said anew.
        static bool IsKept(string line) => 
            new[] { "message ", "conversation ", "handling " }.Any(kind => line.StartsWith(kind, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_archive_is_refused_where_its_account_is_and_after_a_deletion_is_taken_in_again()
    {
        await using var server = await ServerProcess.OnDatabaseAsync(await databases.CreateAsync(), "--Rcc:Tenants:DeletionWait=00:00:00", "--Rcc:Tenants:ErasureInterval=00:00:00.05");
        var platform = await server.BecomeOperatorAsync();
        var company = await Company.MakeAsync(server, platform, agents: 1);
        await using var device = new BareDevice(server, await company.BeginAsync(server));
        await device.ConnectedAsync();
        var conversation = await device.OpenConversationAsync();
        await device.PostAsync(conversation, "in the archive");
        var archive = await Archives.ExportAsync(platform, company.Id);
        await device.PostAsync(conversation, "after the archive");

        (await Archives.ImportAsync(platform, archive)).Refused(HttpStatusCode.Conflict, "taken");
        (await platform.SendAsync(HttpMethod.Delete, $"/platform/api/v1/accounts/{company.Id}")).Ok();
        await Until.TrueAsync(async () => (await Archives.ImportAsync(platform, archive)).IsSuccess, () => "the last row of the deleted account is gone");

        await using var again = new Follower(() => server, device.SignedIn);
        await again.UntilAsync(client => client.Messages(conversation).Messages is [{ Content: "in the archive" }], "without what the archive did not have");
        var page = (await company.Master.GetAsync($"{company.Path}/conversations/{conversation}/messages")).Ok().Json.GetProperty("data");
        Assert.Equal("in the archive", Assert.Single(page.EnumerateArray()).GetProperty("content").GetString());
    }
}
