using Rcc.Contracts.Agents;
using Rcc.Core.Access;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Grains;

/// <summary>Which of an agent's devices are there, on the engine: two live copies of every grain hear reports, one or both of them die, and what is kept follows.</summary>
[Trait("Catalogue", "RCC-48")]
public abstract class PresenceFlow(IStage stage) : IAsyncLifetime
{
    static readonly (string, string)[] Quick =
    [
        ("Rcc:Agents:PresenceDelay", "00:00:00.02"), ("Rcc:Agents:PresenceLifetime", "00:00:04"), ("Rcc:Devices:ActivityInterval", "00:00:00.1"), ("Rcc:Customers:LookRoundInterval", "00:00:00.1"),
    ];

    readonly Guid connection = Guid.CreateVersion7();
    Node[] nodes = [];
    Company company = null!;
    Caller agent = null!;

    public async ValueTask InitializeAsync()
    {
        nodes = [await Node.StartAsync(stage, Quick), await Node.StartAsync(stage, Quick)];
        company = await Company.FoundAsync(nodes[0]);
        agent = await company.HireAsync(Availability.Online);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Reports_that_say_nothing_new_write_nothing_and_make_it_last()
    {
        await ReportUntilAsync(() => [0], Is(Basic.Open));
        var newest = await NewestAsync();
        var revision = await RevisionAsync();

        // For twice as long as it would last by itself.
        var end = DateTimeOffset.UtcNow.AddSeconds(8);
        await ReportUntilAsync(() => [0], () => Task.FromResult(DateTimeOffset.UtcNow > end));
        Assert.True(await Is(Basic.Open)());
        Assert.Equal((newest, revision), (await NewestAsync(), await RevisionAsync()));
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public async Task When_nobody_says_it_again_it_is_unknown_and_not_closed()
    {
        await ReportUntilAsync(() => [0], Is(Basic.Open));
        await nodes[0].DisposeAsync();
        nodes = [nodes[1]];
        await Company.UntilAsync(Is(null), "what the dead node said lapses");
    }

    [Fact]
    public async Task What_could_not_be_kept_of_a_device_that_has_gone_is_told_again_though_nobody_reports_any_more()
    {
        await ReportUntilAsync(() => [0], Is(Basic.Open));
        var losses = 1;
        nodes[0].Log.Before = proposals => proposals.Any(proposal => proposal.Rows.Any(row => row is PresenceLeaseRow)) && Interlocked.Decrement(ref losses) >= 0
            ? throw new UnavailableException("Lost before the commit.")
            : Task.CompletedTask;
        await ReportAsync(0, DeviceUse.Gone);
        await Company.UntilAsync(Is(Basic.Closed), "the device has gone");
        Assert.True(losses < 0);
    }

    [Fact]
    public async Task Two_copies_that_hear_in_turn_agree_when_one_hears_everything_again()
    {
        var turn = 0;
        await ReportUntilAsync(() => [turn++ % 2], Is(Basic.Open));
        await ReportAsync(1, DeviceUse.Gone);
        await Company.UntilAsync(Is(Basic.Closed), "the device has gone");
        await ReportUntilAsync(() => [0, 1], Is(Basic.Open));

        // The copy that hears nothing any more takes it for gone without a word, until the other one finds that somebody has written.
        await ReportUntilAsync(() => [1], Is(null));
        await ReportUntilAsync(() => [1], Is(Basic.Open));
    }

    [Fact]
    [Trait("Catalogue", "RCC-45")]
    public async Task What_is_known_of_a_device_goes_with_its_session_whoever_says_what()
    {
        await ReportUntilAsync(() => [0], Is(Basic.Open));
        Company.Ok(await nodes[1].Agents.SignOutAsync(company.Master, agent.PersonId, agent.DeviceId, Attempt.Unkeyed, CancellationToken.None));
        await ReportUntilAsync(() => [0, 1], Is(null));
        await ReportAsync(0, DeviceUse.Gone);
        Assert.True(await Is(null)());
    }

    async Task ReportUntilAsync(Func<int[]> whom, Func<Task<bool>> condition)
    {
        await Company.UntilAsync(
            async () =>
            {
                foreach (var node in whom())
                {
                    await ReportAsync(node, DeviceUse.Active);
                }

                return await condition();
            },
            "what is reported is kept");
    }

    Task ReportAsync(int node, DeviceUse use) => nodes[node].Get<IGrainFactory>().GetGrain<IActivityListener>(agent.Tenant.KeyOf(agent.PersonId))
        .ReportAsync(new(connection, use, TimeSpan.FromSeconds(3)) { DeviceId = agent.DeviceId }, CancellationToken.None);

    Func<Task<bool>> Is(Basic? basic) => async () =>
    {
        var found = await nodes[0].Get<ContextDoor>().FindPresenceAsync(company.Master, agent.PersonId, CancellationToken.None);
        Assert.True(found.IsOk, found.Outcome.Detail);
        return found.Value.Devices.SingleOrDefault()?.Basic == basic;
    };

    async Task<long> NewestAsync() => (await nodes[0].Get<ISyncStore>().ReadNewestAsync([agent.Tenant], CancellationToken.None))[0];

    async Task<int> RevisionAsync() => (await nodes[0].Get<ISyncStore>().FindItemAsync(agent.Tenant, new(ItemKind.Presence, agent.PersonId, agent.PersonId), CancellationToken.None))!.Revision;
}
