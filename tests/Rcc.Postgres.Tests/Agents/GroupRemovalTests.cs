using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Agents;

/// <summary>Joining, naming and removing a group, as the rules propose them: whatever meets in the store, nothing names a group that is gone, and who joins stands in nobody's way.</summary>
public class GroupRemovalTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task Many_join_one_group_at_once()
    {
        var (scene, master, group) = await MakeAsync();
        var joins = Enumerable.Range(0, 50).Select(_ => Joining(scene, master, group).Change!).ToList();
        Assert.All((await scene.AppendAsync(joins)).Results, result => Assert.Equal(AppendVerdict.Accepted, result.Verdict));
        Assert.Equal(50, (await fixture.Stores.Agents.ListMembersAsync(scene.Tenant, group.Id, 100, default)).Count);
    }

    [Fact]
    public async Task Of_a_removal_and_a_join_in_one_batch_the_first_wins()
    {
        var (scene, master, joined) = await MakeAsync();
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Fenced], await JudgeAsync(scene, Joining(scene, master, joined).Change!, Removal(scene, master, joined)));
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Removal(scene, master, joined)));

        var (other, runs, removed) = await MakeAsync();
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Fenced], await JudgeAsync(other, Removal(other, runs, removed), Joining(other, runs, removed).Change!));
        Assert.Equal(AppendVerdict.Fenced, await other.JudgeAsync(Joining(other, runs, removed).Change!));
        Assert.Null(await fixture.Stores.Agents.LoadGroupAsync(other.Tenant, removed.Id, default));
    }

    [Fact]
    public async Task Of_a_removal_and_a_queue_that_names_the_group_the_first_wins()
    {
        var (scene, master, named) = await MakeAsync();
        var queue = Naming(scene, master, named);
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Fenced], await JudgeAsync(scene, queue.Change!, Removal(scene, master, named)));
        Assert.Equal("Calls", await fixture.Stores.Queues.FindNamingAsync(scene.Tenant, named.Id, default));
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Removal(scene, master, named)));

        // Once the queue is gone, or names it no more, the group may go.
        await scene.AcceptAsync(Queue.Remove(scene.Tenant, queue.Next, master, null).Change!);
        Assert.Null(await fixture.Stores.Queues.FindNamingAsync(scene.Tenant, named.Id, default));
        await scene.AcceptAsync(Removal(scene, master, named));

        var (other, runs, removed) = await MakeAsync();
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Fenced], await JudgeAsync(other, Removal(other, runs, removed), Naming(other, runs, removed).Change!));
        Assert.Equal(AppendVerdict.Fenced, await other.JudgeAsync(Naming(other, runs, removed).Change!));
    }

    [Fact]
    public async Task Who_has_left_or_was_removed_keeps_no_group()
    {
        var (scene, master, group) = await MakeAsync();
        var (leaves, goes) = (Joining(scene, master, group), Joining(scene, master, group));
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Accepted], await JudgeAsync(scene, leaves.Change!, goes.Change!));
        await scene.AcceptAsync(Agent.Edit(scene.Tenant, leaves.Next, master, new() { LeaveGroup = true }, group, null, DateTimeOffset.UnixEpoch).Change!);
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Removal(scene, master, group)));
        await scene.AcceptAsync(Agent.Remove(scene.Tenant, goes.Next, master, group, DateTimeOffset.UnixEpoch).Change!);
        await scene.AcceptAsync(Removal(scene, master, group));
    }

    async Task<(Scene Scene, Caller Master, GroupSnapshot Group)> MakeAsync()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var master = new Caller { Tenant = scene.Tenant, PersonId = (await scene.AddAgentAsync()).Id, DeviceId = Guid.CreateVersion7(), Role = Role.MasterAgent };
        var made = Group.Create(scene.Tenant, Guid.CreateVersion7(), null, master, new("Day"), null);
        await scene.AcceptAsync(made.Change!);
        return (scene, master, made.Next!);
    }

    static async Task<IEnumerable<AppendVerdict>> JudgeAsync(Scene scene, params IReadOnlyList<Proposal> proposals) => (await scene.AppendAsync(proposals)).Results.Select(result => result.Verdict);

    static Decision<AgentSnapshot> Joining(Scene scene, Caller master, GroupSnapshot group)
    {
        var id = Guid.CreateVersion7();
        return Agent.Create(scene.Tenant, id, null, master, new("Ann", $"{id}@example.com", Role.Agent, group.Id, "hash"), group);
    }

    static Decision<QueueSnapshot> Naming(Scene scene, Caller master, GroupSnapshot group)
    {
        var state = new QueueState { Name = "Calls", GroupIds = [group.Id] };
        return Queue.Create(scene.Tenant, Guid.CreateVersion7(), null, master, state, 0, new());
    }

    static Proposal Removal(Scene scene, Caller master, GroupSnapshot group) => Group.Remove(scene.Tenant, group, master, [], null).Change!;
}
