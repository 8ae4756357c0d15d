using System.Text;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Tests.Customers;

/// <summary>Agents' presence in the store: what is read back, how long it lasts, and when an agent is due to be looked at.</summary>
[Trait("Catalogue", "RCC-48")]
public class AgentPresenceStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public async Task What_is_known_of_devices_is_read_back_is_on_its_viewers_devices_and_in_no_durable_table()
    {
        var (scene, agent, master, _) = await fixture.MakeTeamAsync();
        await TakeAsync(scene, agent, Long);
        var known = await fixture.LoadAgentAsync(scene, agent);
        Assert.Equal((1, PresenceLease.Good), (known.PresenceRevision, known.Lease));
        Assert.Equal((agent.Device, Basic.Open), Assert.Single(known.Presence.Devices) is var device ? (device.Id, device.Basic) : default);
        Assert.Equal(new[] { agent.Id, master.Id }.Order(), known.Presence.Viewers);
        foreach (var viewer in new[] { agent, master })
        {
            var item = Assert.Single((await scene.PageAsync(viewer, null)).Entries.OfType<ItemEntry>(), item => item.Key.Kind == ItemKind.Presence);
            Assert.Contains(agent.Device.ToString(), Encoding.UTF8.GetString(item.State.AsSpan()), StringComparison.Ordinal);
            var found = (await fixture.Stores.Sync.FindItemAsync(scene.Tenant, new(ItemKind.Presence, agent.Id, viewer.Id), default))!;
            Assert.Equal(item.State, found.State);
        }

        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM item WHERE tenant = $1 AND kind IN (-42, 42) AND convert_from(state, 'UTF8') NOT LIKE '{\"devices\":[],\"lost\":true}'", scene.Tenant.Value));

        // Whoever is told that it was lost, is told what is known again by the next report.
        await fixture.ScalarAsync("WITH gone AS (DELETE FROM volatile_state WHERE tenant = $1), lapsed AS (DELETE FROM presence_lease WHERE tenant = $1) SELECT 1", scene.Tenant.Value);
        Assert.Empty((await fixture.LoadAgentAsync(scene, agent)).Presence.Devices);
        await TakeAsync(scene, agent, Long);
        Assert.Equal((2, PresenceLease.Good), (await fixture.LoadAgentAsync(scene, agent)) is var again ? (again.PresenceRevision, again.Lease) : default);
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public async Task It_is_made_to_last_without_the_log_by_who_knows_its_revision_and_is_due_when_nobody_does()
    {
        var (scene, agent, _, _) = await fixture.MakeTeamAsync();
        Assert.False(await KeepAsync(0, Long));
        await TakeAsync(scene, agent, Long);
        var newest = await NewestAsync();
        Assert.True(await KeepAsync(1, Long));
        Assert.False(await KeepAsync(2, Long));
        await NotDueAsync();

        Assert.True(await KeepAsync(1, TimeSpan.Zero));
        Assert.Equal(PresenceLease.Over, (await fixture.LoadAgentAsync(scene, agent)).Lease);
        var due = await fixture.Stores.Customers.FindDueAsync(scene.Tenant, agent.Id, default);
        Assert.Equal(Guid.Empty, due!.Stamp);
        Assert.Contains(new(scene.Tenant, agent.Id, IsAgent: true), await fixture.Stores.Customers.ListDueAsync(10_000, default));
        Assert.Equal(newest, await NewestAsync());

        // Whoever looks now drops what is open: nobody may make it last meanwhile.
        Assert.False(await KeepAsync(1, Long));
        Assert.Equal(PresenceLease.Over, (await fixture.LoadAgentAsync(scene, agent)).Lease);

        await scene.AcceptAsync(AgentContext.Look(await fixture.LoadAgentAsync(scene, agent), DateTimeOffset.UtcNow).Change!);
        Assert.Equal((true, PresenceLease.None), (await fixture.LoadAgentAsync(scene, agent)) is var looked ? (looked.Presence.Devices.IsEmpty, looked.Lease) : default);
        await NotDueAsync();

        async Task<bool> KeepAsync(int revision, TimeSpan goodFor) => await fixture.Stores.Agents.KeepPresenceAsync(scene.Tenant, agent.Id, revision, goodFor, default);

        async Task<long> NewestAsync() => (await fixture.Stores.Sync.ReadNewestAsync([scene.Tenant], default))[0];

        async Task NotDueAsync()
        {
            Assert.Null(await fixture.Stores.Customers.FindDueAsync(scene.Tenant, agent.Id, default));
            Assert.DoesNotContain(new(scene.Tenant, agent.Id, IsAgent: true), await fixture.Stores.Customers.ListDueAsync(10_000, default));
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-45")]
    public async Task An_agent_is_due_when_a_device_of_it_is_signed_out_or_who_may_see_it_changes_and_not_by_what_it_serves()
    {
        var (scene, agent, master, _) = await fixture.MakeTeamAsync();
        var other = await scene.AddAgentAsync();
        await TakeAsync(scene, agent, Long);
        await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        await IsDueAsync(false, "a conversation is no cause of it");
        await scene.ChangeAgentAsync(other, 2, null, Role.MasterAgent);
        await IsDueAsync(false, "somebody else's role");
        await scene.ChangeAgentAsync(master, 2, null, Role.MasterAgent);
        await IsDueAsync(true, "the role of who runs its group");
        await scene.AcceptAsync(new Proposal { Rows = [new ContactSettingsRow()] });
        await IsDueAsync(true, "the rules");
        await scene.AcceptAsync(new Proposal { Rows = [new Core.Devices.DeviceSignOutRow { Id = agent.Device, SignedOutAt = DateTimeOffset.UtcNow }] });
        await IsDueAsync(true, "its device");
        Assert.Empty(AgentContext.Look(await fixture.LoadAgentAsync(scene, agent), DateTimeOffset.UtcNow).Next!.Presence.Devices);

        async Task IsDueAsync(bool expected, string why)
        {
            var due = await fixture.Stores.Customers.FindDueAsync(scene.Tenant, agent.Id, default);
            Assert.True(due is not null == expected, why);
            Assert.Null(await fixture.Stores.Customers.FindDueAsync(scene.Tenant, other.Id, default));
            if (due is not null)
            {
                await fixture.Stores.Customers.SettleAsync(scene.Tenant, agent.Id, due.Stamp, null, default);
            }
        }
    }

    [Fact]
    public async Task Of_two_copies_that_decide_on_the_same_state_one_decides_again()
    {
        var (scene, agent, _, _) = await fixture.MakeTeamAsync();
        var known = await fixture.LoadAgentAsync(scene, agent);
        var change = AgentPresence.Take(known, Report(agent, Long)).Change!;
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(change));
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(change));
        Assert.Same(Contact.Settled, AgentPresence.Take(await fixture.LoadAgentAsync(scene, agent), Report(agent, Long)).Refusal);
    }

    async Task TakeAsync(Scene scene, Somebody agent, TimeSpan goodFor) => await scene.AcceptAsync(AgentPresence.Take(await fixture.LoadAgentAsync(scene, agent), Report(agent, goodFor)).Change!);

    static PresenceReport Report(Somebody agent, TimeSpan goodFor) =>
        new([new DeviceThere(agent.Device, IsOpen: true, IsIdle: false, null, null, new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))], AreAll: true, goodFor);
}
