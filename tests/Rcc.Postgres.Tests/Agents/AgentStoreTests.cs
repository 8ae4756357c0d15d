using System.Security.Cryptography;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Agents;

public class AgentStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    IAgentStore Store => fixture.Stores.Agents;

    [Fact]
    public async Task An_agent_is_loaded_with_its_live_devices()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync("Ann@Example.com", Availability.Busy);
        var second = agent with { Device = Guid.CreateVersion7(), CredentialHash = Guid.NewGuid().ToByteArray() };
        await scene.AcceptAsync(new Proposal
        {
            Items = [DeviceItem(second, 1, null), Item(new(ItemKind.OpenConversation, agent.Id), 1, [1], Audience.OfPerson(agent.Id))], Rows = [DeviceOf(second)],
        });

        var snapshot = await Store.LoadAsync(scene.Tenant, agent.Id, default);

        Assert.Equal(("ann@example.com", "hash", 1, 1, Availability.Busy), (snapshot!.Email, snapshot.PasswordHash, snapshot.Revision, snapshot.OpenConversationRevision, snapshot.State.Availability));
        Assert.Equal(new[] { agent.Device, second.Device }.Order(), snapshot.Devices.Select(device => device.Id));
        Assert.Equal(new DeviceSnapshot(second.Device, 1, "Browser", DateTimeOffset.UnixEpoch), snapshot.Devices[1]);

        await scene.AcceptAsync(SignOut(second));
        Assert.Equal([agent.Device], (await Store.LoadAsync(scene.Tenant, agent.Id, default))!.Devices.Select(device => device.Id));
        await scene.AcceptAsync(SignOut(agent));
        Assert.Empty((await Store.LoadAsync(scene.Tenant, agent.Id, default))!.Devices);
        Assert.Null(await Store.LoadAsync(scene.Tenant, Guid.CreateVersion7(), default));
    }

    [Fact]
    public async Task Skills_and_capacity_are_read_back_and_stand_where_routing_looks()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var id = Guid.CreateVersion7();
        var state = new AgentState { Name = "Ann", Role = Role.Agent, Availability = Availability.TransferOnly, Skills = ["French", "Ä\"{,}'"], Capacity = 0 };
        await ChangeAsync(state, 1);
        var loaded = (await Store.LoadAsync(scene.Tenant, id, default))!.State;
        Assert.Equal((Availability.TransferOnly, 0), (loaded.Availability, loaded.Capacity));
        Assert.Equal(state.Skills, loaded.Skills);
        Assert.Equal(state.Skills, Assert.Single(await Store.ListAsync(scene.Tenant, null, 10, default)).State.Skills);
        Assert.Equal(state.Skills, (string[])(await fixture.ScalarAsync("SELECT skills FROM agent WHERE tenant = $1 AND id = $2", scene.Tenant.Value, id))!);
        Assert.Equal(0, await fixture.ScalarAsync("SELECT capacity FROM agent WHERE tenant = $1 AND id = $2", scene.Tenant.Value, id));

        await ChangeAsync(state with { Skills = [], Capacity = null }, 2);
        Assert.Empty((string[])(await fixture.ScalarAsync("SELECT skills FROM agent WHERE tenant = $1 AND id = $2", scene.Tenant.Value, id))!);
        Assert.Equal(DBNull.Value, await fixture.ScalarAsync("SELECT capacity FROM agent WHERE tenant = $1 AND id = $2", scene.Tenant.Value, id));

        Task ChangeAsync(AgentState next, int revision) => scene.AcceptAsync(AgentChange(scene, id, revision, next, "ann@example.com"));
    }

    [Fact, Trait("Catalogue", "INV-23")]
    public async Task Signing_in_fences_what_signs_out_all_devices_and_no_device_is_told()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        var before = (await Store.LoadAsync(scene.Tenant, agent.Id, default))!;
        var began = await scene.NewestAsync();
        var device = new NewDevice(Guid.CreateVersion7(), "Desk", [.. Guid.NewGuid().ToByteArray()], DateTimeOffset.UnixEpoch);
        await scene.AcceptAsync(Agent.SignIn(scene.Tenant, before, device, new(before.PasswordHash), default, new()).Change!);
        var after = (await Store.LoadAsync(scene.Tenant, agent.Id, default))!;
        Assert.Equal((0, 1), (before.SignIns, after.SignIns));

        var self = new Caller { Tenant = scene.Tenant, PersonId = agent.Id, DeviceId = agent.Device, Role = Role.Agent };
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Change(before)));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Change(after)));
        Assert.Equal([agent.Device], (await Store.LoadAsync(scene.Tenant, agent.Id, default))!.Devices.Select(live => live.Id));
        foreach (var position in (DevicePosition?[])[null, new(began, null)])
        {
            var items = (await scene.PageAsync(agent, position)).Entries.OfType<ItemEntry>().ToList();
            Assert.Contains(items, item => item.Key.Kind == ItemKind.Device);
            Assert.DoesNotContain(items, item => item.Key.Kind == ItemKind.SignIns);
        }

        Proposal Change(AgentSnapshot now) => Agent.Edit(scene.Tenant, now, self, new() { PasswordHash = "new" }, null, null, DateTimeOffset.UnixEpoch, new(now.PasswordHash)).Change!;
    }

    [Fact]
    public async Task An_invitation_is_found_by_its_hash_until_it_is_used()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var invitation = new Invitation([.. RandomNumberGenerator.GetBytes(32)], new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero));
        var (id, state) = (Guid.CreateVersion7(), new AgentState { Name = "Ida", Role = Role.Agent, Availability = Availability.Offline, Invited = true });
        await scene.AcceptAsync(AgentChange(scene, id, 1, state, "Ida@Example.com", invitation));
        Assert.Equal(new Invited(scene.Tenant, id, "Acme", scene.Slug, "ida@example.com", invitation.ExpiresAt), await Store.FindInvitationAsync(invitation.Hash.AsMemory(), default));
        Assert.Equal(invitation.Hash, (await Store.LoadAsync(scene.Tenant, id, default))!.Invitation!.Hash);
        await scene.AcceptAsync(AgentChange(scene, id, 2, state with { Invited = false }, "ida@example.com"));
        Assert.Null(await Store.FindInvitationAsync(invitation.Hash.AsMemory(), default));
        Assert.Null((await Store.LoadAsync(scene.Tenant, id, default))!.Invitation);
    }

    [Fact]
    public async Task Whose_availability_may_have_run_out_is_found()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var noon = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        var state = new AgentState { Name = "Ann", Role = Role.Agent, Availability = Availability.Online };
        var (byHand, expiring, inferred, away) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await scene.AcceptAsync(AgentChange(scene, byHand, 1, state, "1@x.example"));
        await scene.AcceptAsync(AgentChange(scene, expiring, 1, state with { AvailabilityUntil = noon }, "2@x.example"));
        await scene.AcceptAsync(AgentChange(scene, inferred, 1, state with { AvailabilityInferred = true }, "3@x.example"));
        await scene.AcceptAsync(AgentChange(scene, away, 1, state with { AvailabilityInferred = true, Availability = Availability.Away }, "4@x.example"));
        Assert.Equal(new[] { inferred }, await DueAsync(noon.AddSeconds(-1)));
        Assert.Equal(new[] { expiring, inferred }.Order(), await DueAsync(noon));
        await scene.SuspendAsync(true);
        Assert.Empty(await DueAsync(noon));

        async Task<IEnumerable<Guid>> DueAsync(DateTimeOffset at) =>
            (await Store.TakeAvailabilityDueAsync(at, at, 1_000, default)).Where(due => due.Tenant == scene.Tenant && due.Revision == 1).Select(due => due.AgentId).Order();
    }

    [Fact, Trait("Catalogue", "RCC-45")]
    public async Task However_many_there_are_everybodys_turn_comes_and_nobodys_twice_before()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var noon = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        var state = new AgentState { Name = "Ann", Role = Role.Agent, Availability = Availability.Online, AvailabilityInferred = true };
        var agents = Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7()).Order().ToList();
        foreach (var agent in agents)
        {
            await scene.AcceptAsync(AgentChange(scene, agent, 1, state, $"{agent}@x.example"));
        }

        Assert.Equal(agents, (await TakeAllAsync(noon)).Order());
        Assert.Empty(await TakeAllAsync(noon));
        Assert.Equal(agents, (await TakeAllAsync(noon.AddMinutes(1))).Order());

        // Who ceases to be online because its devices said so is not looked at any more.
        await scene.AcceptAsync(AgentChange(scene, agents[2], 2, state with { Availability = Availability.Away }, $"{agents[2]}@x.example"));
        Assert.Equal(agents.Except([agents[2]]), (await TakeAllAsync(noon.AddMinutes(2))).Order());

        // Two nodes at once: each takes others.
        var both = await Task.WhenAll(TakeAllAsync(noon.AddMinutes(3)), TakeAllAsync(noon.AddMinutes(3)));
        Assert.Equal(agents.Except([agents[2]]), both.SelectMany(taken => taken).Order());

        async Task<List<Guid>> TakeAllAsync(DateTimeOffset at)
        {
            List<Guid> taken = [];
            IReadOnlyList<AvailabilityDue> due;
            do
            {
                due = await Store.TakeAvailabilityDueAsync(at, at.AddMinutes(1), 2, default);
                Assert.InRange(due.Count, 0, 2);
                taken.AddRange(due.Where(one => one.Tenant == scene.Tenant).Select(one => one.AgentId));
            }
            while (due.Count > 0);
            return taken;
        }
    }

    [Fact, Trait("Catalogue", "RCC-39")]
    public async Task A_removed_agent_is_in_no_list_but_known_by_its_id_and_its_address_is_free()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var state = new AgentState { Name = "Ann", Role = Role.Agent, Availability = Availability.Offline };
        var (gone, next) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await scene.AcceptAsync(AgentChange(scene, gone, 1, state, "ann@example.com"));
        Assert.Equal(AppendVerdict.Taken, await scene.JudgeAsync(AgentChange(scene, next, 1, state, "ann@example.com")));
        await scene.AcceptAsync(AgentChange(scene, gone, 2, state with { Removed = true, Suspended = true }, null));
        await scene.AcceptAsync(AgentChange(scene, next, 1, state, "ann@example.com"));
        Assert.Equal(next, (await Store.FindLoginAsync(scene.Slug, "ann@example.com", default))!.AgentId);
        Assert.Equal([next], (await Store.ListAsync(scene.Tenant, null, 10, default)).Select(listed => listed.Id));
        Assert.Equal(("Ann", ""), ((await Store.LoadAsync(scene.Tenant, gone, default)) is var known ? known!.State.Name : "", known!.Email));
    }

    static Proposal AgentChange(Scene scene, Guid id, int revision, AgentState state, string? email, Invitation? invitation = null) => new()
    {
        Items = [Item(new(ItemKind.Agent, id), revision, Json(state, ContractJson.Default.AgentState), scene.Agents)],
        Rows =
        [
            new AgentRow
            {
                Id = id, Email = email, Name = state.Name, Role = state.Role, PasswordHash = "hash", Availability = state.Availability, Suspended = state.Suspended,
                Skills = [.. state.Skills], Capacity = state.Capacity, Controls = state.Controls, Removed = state.Removed, Invitation = invitation,
                AvailabilityInferred = state.AvailabilityInferred, AvailabilityUntil = state.AvailabilityUntil,
            },
        ],
    };

    [Fact, Trait("Catalogue", "RCC-33")]
    public async Task Groups_and_agents_are_listed_by_id()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var master = await scene.AddAgentAsync();
        var sub = await scene.AddAgentAsync();
        var group = Guid.CreateVersion7();
        await scene.AcceptAsync(new Proposal
        {
            Items = [Item(new(ItemKind.Group, group), 1, [1], scene.Agents)], Rows = [new GroupRow { Id = group, Name = "Sales", MasterAgentId = master.Id, SupervisorIds = [sub.Id, master.Id] }],
        });

        var loaded = (await Store.LoadGroupAsync(scene.Tenant, group, default))!;
        Assert.Equal((group, 1, "Sales", master.Id), (loaded.Id, loaded.Revision, loaded.State.Name, loaded.State.MasterAgentId));
        Assert.Equal([sub.Id, master.Id], loaded.State.SupervisorIds);
        Assert.Equal([group], (await Store.ListGroupsAsync(scene.Tenant, null, 10, default)).Select(listing => listing.Id));
        Assert.Empty(await Store.ListGroupsAsync(scene.Tenant, group, 10, default));
        Assert.Equal([master.Id], (await Store.ListAsync(scene.Tenant, null, 1, default)).Select(listing => listing.Id));
        Assert.Equal([sub.Id], (await Store.ListAsync(scene.Tenant, master.Id, 10, default)).Select(listing => listing.Id));
    }

    [Fact]
    public async Task A_login_is_found_by_account_and_address_in_any_case_and_in_no_other_account()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var other = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync("Ärger@Example.com");

        var login = await Store.FindLoginAsync(scene.Slug, "ÄRGER@EXAMPLE.COM", default);

        Assert.Equal((scene.Tenant, agent.Id, Role.Agent, false, false), (login!.Tenant, login.AgentId, login.Role, login.Suspended, login.TenantSuspended));
        Assert.Null(await Store.FindLoginAsync(other.Slug, "ärger@example.com", default));
        Assert.Null(await Store.FindLoginAsync(scene.Slug, "nobody@example.com", default));
        await scene.SuspendAsync(true);
        Assert.True((await Store.FindLoginAsync(scene.Slug, "ärger@example.com", default))!.TenantSuspended);
    }
}
