using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Routing;

public class RoutingStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    IRoutingStore Store => fixture.Stores.Routing;

    [Fact]
    public async Task What_waits_comes_longest_first_with_the_load_of_those_who_are_free()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var busy = await scene.AddAgentAsync(availability: Availability.Busy);
        var loaded = await scene.AddAgentAsync();
        var idle = await scene.AddAgentAsync();
        await scene.OpenAsync(await scene.AddCustomerAsync(), loaded);
        await scene.TurnAsync(await scene.OpenAsync(await scene.AddCustomerAsync(), loaded), ConversationStatus.Resolved);
        await scene.OpenAsync(await scene.AddCustomerAsync(), busy);
        var first = await scene.OpenAsync(await scene.AddCustomerAsync());
        var second = await scene.OpenAsync(await scene.AddCustomerAsync());
        await fixture.ScalarAsync("UPDATE conversation SET session_since = session_since - interval '1 minute' WHERE tenant = $1 AND id = $2", scene.Tenant.Value, second.Id);

        var snapshot = await Store.LoadAsync(scene.Tenant, 10, default);

        Assert.True(snapshot.HasLines);
        Assert.False((await Store.LoadAsync((await OnboardAsync(fixture.Stores)).Tenant, 10, default)).HasLines);
        Assert.Equal([second.Id, first.Id], snapshot.Waiting.Select(waiting => waiting.Id));
        Assert.Equal([(loaded.Id, 1), (idle.Id, 0)], snapshot.Agents.OrderBy(a => a.Id).Select(a => (a.Id, a.OpenConversations)));
        Assert.NotNull(snapshot.Agents.Single(a => a.Id == loaded.Id).LastAssignedAt);
        Assert.Null(snapshot.Agents.Single(a => a.Id == idle.Id).LastAssignedAt);
        Assert.Equal([second.Id], (await Store.LoadAsync(scene.Tenant, 1, default)).Waiting.Select(waiting => waiting.Id));
    }

    [Fact]
    public async Task Of_every_queue_the_first_ones_are_looked_at_and_nothing_that_is_offered()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        await scene.AcceptAsync(new Proposal
        {
            Rows =
            [
                new AgentRow { Id = agent.Id, Email = "b@c", Name = "B", Role = Role.Agent, PasswordHash = "h", Availability = Availability.Online, GroupId = scene.Inbox, Skills = ["french"], Capacity = 3 },
            ],
        });
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var talks = new List<Talk>();
        for (var i = 0; i < 7; i++)
        {
            talks.Add(await scene.OpenAsync(await scene.AddCustomerAsync()));
            await fixture.ScalarAsync(
                "UPDATE conversation SET queue = $3, priority = $4 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[i].Id, i < 5 ? one : two, (short)(i == 4 ? 4 : 0));
        }

        await fixture.ScalarAsync("UPDATE conversation SET offered_to = $3 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[0].Id, agent.Id);

        var snapshot = await Store.LoadAsync(scene.Tenant, 2, default);

        Assert.Equal([talks[4].Id, talks[1].Id, talks[5].Id, talks[6].Id], snapshot.Waiting.OrderBy(waiting => waiting.QueueId == one ? 0 : 1).Select(waiting => waiting.Id));
        Assert.Equal(Priority.Urgent, snapshot.Waiting.Single(waiting => waiting.Id == talks[4].Id).Priority);
        var free = Assert.Single(snapshot.Agents);
        Assert.Equal((1, 3, scene.Inbox, "french"), (free.OpenConversations, free.Capacity, free.GroupId, Assert.Single(free.Skills)));
        Assert.Empty(snapshot.Queues);

        // What is offered is not given to somebody else, and its customer waits all the same.
        await fixture.ScalarAsync("UPDATE conversation SET offered_to = $2 WHERE tenant = $1", scene.Tenant.Value, agent.Id);
        var offered = await Store.LoadAsync(scene.Tenant, 2, default);
        Assert.Empty(offered.Waiting);
        Assert.True(offered.HasLines);
    }

    [Fact]
    public async Task A_place_is_counted_from_what_comes_before_and_the_pace_from_what_was_served()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var talks = new List<Talk>();
        for (var i = 0; i < 4; i++)
        {
            talks.Add(await scene.OpenAsync(await scene.AddCustomerAsync()));
        }

        await fixture.ScalarAsync("UPDATE conversation SET priority = 4 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[3].Id);
        await fixture.ScalarAsync("UPDATE conversation SET queue = $3 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[0].Id, scene.Tenant.Value);
        foreach (var served in new[] { true, true, false })
        {
            await scene.AcceptAsync(new Proposal { Rows = [new QueueWaitRow { ConversationId = Guid.CreateVersion7(), QueueId = scene.Inbox, Since = DateTimeOffset.UtcNow, Served = served }] });
        }

        await fixture.ScalarAsync("UPDATE conversation SET waiting_since = NULL WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[0].Id);
        Assert.Equal([null, 2, 3, 1], await Task.WhenAll(talks.Select(async talk => (await FindAsync(talk.Id))!.Position)));
        var place = await FindAsync(talks[1].Id);
        Assert.Equal((talks[1].Customer.Id, 2), (place!.ContactId, place.Served.Count));
        Assert.Null(await FindAsync(Guid.CreateVersion7()));

        await fixture.ScalarAsync("UPDATE queue_wait SET until = until - interval '40 days' WHERE tenant = $1", scene.Tenant.Value);
        await fixture.Stores.Retention.TrimAsync(default);
        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM queue_wait WHERE tenant = $1", scene.Tenant.Value));

        Task<PlaceInQueue?> FindAsync(Guid conversation) => fixture.Stores.Queues.FindPlaceAsync(scene.Tenant, conversation, DateTimeOffset.UtcNow.AddHours(-1), 20, default);
    }

    [Fact]
    public async Task Lines_hold_who_waits_in_each_queue_in_order_with_the_pace_of_that_queue()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await scene.AcceptAsync(Queue.Create(scene.Tenant, two, null, Manager(scene), new() { Name = "Two" }, 0, new()).Change!);
        var talks = new List<Talk>();
        for (var i = 0; i < 6; i++)
        {
            talks.Add(await scene.OpenAsync(await scene.AddCustomerAsync()));
            await fixture.ScalarAsync("UPDATE conversation SET queue = $3, priority = $4 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[i].Id, i < 4 ? one : two, (short)(i == 3 ? 4 : 0));
        }

        // What is offered keeps its place; what has an agent has none.
        await fixture.ScalarAsync("UPDATE conversation SET offered_to = $3 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[0].Id, Guid.CreateVersion7());
        await fixture.ScalarAsync("UPDATE conversation SET waiting_since = NULL WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[1].Id);
        await scene.AcceptAsync(new Proposal { Rows = [new QueueWaitRow { ConversationId = Guid.CreateVersion7(), QueueId = two, Since = DateTimeOffset.UtcNow, Served = true }] });

        var lines = await fixture.Stores.Queues.ListLinesAsync(scene.Tenant, DateTimeOffset.UtcNow.AddHours(-1), 20, 10, default);
        Assert.Equal(2, lines.Count);
        var (first, second) = (lines.Single(line => line.Queue is null), lines.Single(line => line.Queue is not null));
        Assert.Equal([talks[3].Id, talks[0].Id, talks[2].Id], first.Waiting.Select(waiting => waiting.ConversationId));
        Assert.Equal([talks[4].Customer.Id, talks[5].Customer.Id], second.Waiting.Select(waiting => waiting.ContactId));
        Assert.Equal(("Two", 0, 1), (second.Queue!.Name, first.Served.Count, second.Served.Count));
        Assert.All(await fixture.Stores.Queues.ListLinesAsync(scene.Tenant, DateTimeOffset.UtcNow.AddHours(-1), 20, 1, default), line => Assert.Single(line.Waiting));
        Assert.All(await fixture.Stores.Queues.ListLinesAsync(scene.Tenant, DateTimeOffset.UtcNow.AddHours(-1), 20, 0, default), line => Assert.Empty(line.Waiting));
        Assert.Equal([talks[2].Id], await fixture.Stores.Queues.FilterWaitingAsync(scene.Tenant, [talks[1].Id, talks[2].Id, Guid.CreateVersion7()], default));
        Assert.Empty(await fixture.Stores.Queues.ListLinesAsync(new(Guid.CreateVersion7()), DateTimeOffset.UtcNow, 20, 1, default));
    }

    [Fact]
    public async Task Queues_are_kept_by_name_and_a_removed_one_is_none()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var id = Guid.CreateVersion7();
        await scene.AcceptAsync(Change(id, "Sales"));
        Assert.Equal(AppendVerdict.Taken, await scene.JudgeAsync(Change(Guid.CreateVersion7(), "Sales")));

        var queue = await fixture.Stores.Queues.LoadAsync(scene.Tenant, id, default);
        Assert.Equal((id, 1, "Sales"), (queue!.Id, queue.Revision, queue.State.Name));
        Assert.Equal([id], (await fixture.Stores.Queues.ListAsync(scene.Tenant, null, 10, default)).Select(one => one.Id));
        Assert.Equal("Sales", Assert.Single((await Store.LoadAsync(scene.Tenant, 10, default)).Queues).State.Name);
        Assert.Null(await fixture.Stores.Queues.FindWayInAsync(scene.Tenant, id, default));
        await scene.AcceptAsync(new Proposal { Rows = [new InboxRow { Id = scene.Inbox, Identifier = "i-" + scene.Slug, Name = "Web", QueueId = id }] });
        Assert.Equal("inbox Web", await fixture.Stores.Queues.FindWayInAsync(scene.Tenant, id, default));
        Assert.Equal(id, (await fixture.Stores.Tenants.LoadInboxAsync(scene.Tenant, scene.Inbox, default))!.Row.QueueId);

        var inbox = (await fixture.Stores.Tenants.LoadInboxAsync(scene.Tenant, scene.Inbox, default))!.Row with { QueueId = null, Departments = [new(id, "Buy"), new(scene.Tenant.Value, "All else")] };
        await scene.AcceptAsync(new Proposal { Rows = [inbox] });
        Assert.Equal(inbox.Departments, (await fixture.Stores.Tenants.FindInboxAsync(inbox.Identifier, default))!.Row.Departments);
        Assert.Equal("inbox Web", await fixture.Stores.Queues.FindWayInAsync(scene.Tenant, id, default));
        await scene.AcceptAsync(new Proposal { Rows = [inbox with { QueueId = id, Departments = [] }] });

        // Nobody is there, but what waits may have to go on.
        await scene.OpenAsync(await scene.AddCustomerAsync());
        Assert.DoesNotContain(scene.Tenant, await Store.FindTenantsWithWorkAsync(null, 1000, default));
        await scene.AcceptAsync(Queue.Change(scene.Tenant, queue, Manager(scene), queue.State with { MaxWaitSeconds = 5, OverflowQueueId = scene.Tenant.Value }).Change!);
        Assert.Contains(scene.Tenant, await Store.FindTenantsWithWorkAsync(null, 1000, default));
        Assert.Equal("queue Sales", await fixture.Stores.Queues.FindWayInAsync(scene.Tenant, scene.Tenant.Value, default));
        queue = (await fixture.Stores.Queues.LoadAsync(scene.Tenant, id, default))!;

        await scene.AcceptAsync(Queue.Remove(scene.Tenant, queue, Manager(scene), null).Change!);
        Assert.Null(await fixture.Stores.Queues.LoadAsync(scene.Tenant, id, default));
        Assert.Equal(0, await fixture.Stores.Queues.CountAsync(scene.Tenant, default));
        await scene.AcceptAsync(Change(Guid.CreateVersion7(), "Sales"));

        Proposal Change(Guid queueId, string name) => Queue.Create(scene.Tenant, queueId, null, Manager(scene), new() { Name = name }, 0, new()).Change!;
    }

    static Caller Manager(Scene scene) => new() { Tenant = scene.Tenant, PersonId = Guid.CreateVersion7(), DeviceId = Guid.CreateVersion7(), Role = Role.Application };

    [Theory]
    [InlineData(Availability.Online, false, true, false)]
    [InlineData(Availability.Busy, false, true, false)]
    [InlineData(Availability.Away, false, true, true)]
    [InlineData(Availability.Offline, false, true, true)]
    [InlineData(Availability.Online, true, true, true)]
    [InlineData(Availability.Away, false, false, false)]
    [InlineData(Availability.Offline, true, false, true)]
    public async Task What_is_offered_to_who_has_gone_is_found_and_what_one_is_consulted_in_only_when_it_was_suspended(
        Availability availability, bool suspended, bool isOffer, bool isFound)
    {
        var scene = await OnboardAsync(fixture.Stores);
        var other = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        var talk = await scene.OpenAsync(await scene.AddCustomerAsync());
        await fixture.ScalarAsync("UPDATE conversation SET offered_to = $3, consulted = $4 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talk.Id, agent.Id, !isOffer);
        await fixture.ScalarAsync("UPDATE agent SET availability = $3, suspended = $4 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, agent.Id, (short)availability, suspended);

        // Whatever stands in the handling, the database need not be able to read it.
        var state = System.Text.Encoding.UTF8.GetBytes($$$"""{"queueId":"{{{scene.Tenant.Value}}}","customAttributes":{"a":"\u0000"}}""");
        await fixture.ScalarAsync("UPDATE item SET state = $3 WHERE tenant = $1 AND kind = 20 AND id = $2", scene.Tenant.Value, talk.Id, state);

        Assert.Equal(isFound, (await Store.FindHeldAsync(scene.Tenant, null, 1000, default)).Contains(talk.Id));
        Assert.Equal(isFound, (await Store.FindTenantsWithHeldAsync(null, 1000, default)).Contains(scene.Tenant));
        Assert.Empty(await Store.FindHeldAsync(other.Tenant, null, 1000, default));
        Assert.Empty(await Store.FindHeldAsync(scene.Tenant, talk.Id, 1000, default));
        Assert.DoesNotContain(scene.Tenant, await Store.FindTenantsWithHeldAsync(scene.Tenant, 1000, default));
    }

    [Fact]
    public async Task Tenants_with_work_come_in_order_and_go_on_after_the_last()
    {
        var scenes = new List<Scene>();
        for (var i = 0; i < 3; i++)
        {
            scenes.Add(await OnboardAsync(fixture.Stores));
            await scenes[i].AddAgentAsync();
            await scenes[i].OpenAsync(await scenes[i].AddCustomerAsync());
        }

        // Others have work too: of all of them each comes once.
        List<TenantId> found = [];
        for (IReadOnlyList<TenantId> page = [default]; page.Count > 0; found.AddRange(page))
        {
            page = await Store.FindTenantsWithWorkAsync(found.Count > 0 ? found[^1] : null, 2, default);
        }

        Assert.Equal(found.Count, found.Distinct().Count());
        Assert.All(scenes, scene => Assert.Contains(scene.Tenant, found));
    }

    [Fact]
    public async Task What_is_due_comes_with_the_time_of_the_store_the_longest_overdue_first_and_goes_on_after_the_last()
    {
        var scene = await OnboardAsync(fixture.Stores);
        Assert.Equal((0, null), ((await Store.FindDueAsync(scene.Tenant, null, 2, default)).Due.Count, (await Store.FindDueAsync(scene.Tenant, null, 2, default)).NextAt));
        var talks = new List<Talk>();
        foreach (var minutes in new[] { -1, -3, -3, 5, 9 })
        {
            talks.Add(await scene.OpenAsync(await scene.AddCustomerAsync()));
            await fixture.ScalarAsync("UPDATE conversation SET due_at = date_trunc('minute', now()) + $3 * interval '1 minute' WHERE tenant = $1 AND id = $2", scene.Tenant.Value, talks[^1].Id, minutes);
        }

        var first = await Store.FindDueAsync(scene.Tenant, null, 2, default);
        Assert.Equal(new[] { talks[1].Id, talks[2].Id }.Order(), first.Due.Select(due => due.Id));
        Assert.All(first.Due, due => Assert.True(due.DueAt <= first.At));
        Assert.InRange((first.NextAt!.Value - first.At).TotalMinutes, 4, 5);
        var second = await Store.FindDueAsync(scene.Tenant, first.Due[^1], 2, default);
        Assert.Equal([talks[0].Id], second.Due.Select(due => due.Id));
    }

    [Fact]
    public async Task A_tenant_has_work_while_something_waits_and_somebody_is_available()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        Assert.False(await HasWorkAsync());
        var talk = await scene.OpenAsync(await scene.AddCustomerAsync());
        Assert.True(await HasWorkAsync());
        Assert.Empty(await Store.FindHeldAsync(scene.Tenant, null, 1000, default));
        await scene.SuspendAsync(true);
        Assert.False(await HasWorkAsync());
        await scene.SuspendAsync(false);
        await scene.AssignAsync(talk, agent);
        Assert.False(await HasWorkAsync());

        // Its agent is suspended: it waits again, but nobody is there until another comes.
        await scene.AcceptAsync(new Proposal
        {
            Rows =
            [
                new AgentRow { Id = agent.Id, Email = "a@b", Name = "A", Role = Role.Agent, PasswordHash = "h", Availability = Availability.Online, Suspended = true },
            ],
        });
        Assert.False(await HasWorkAsync());
        Assert.Equal([talk.Id], await Store.FindHeldAsync(scene.Tenant, null, 1000, default));
        Assert.Empty(await Store.FindHeldAsync(scene.Tenant, null, 0, default));
        await scene.AddAgentAsync();
        Assert.True(await HasWorkAsync());
        Assert.Equal([talk.Id], (await Store.LoadAsync(scene.Tenant, 10, default)).Waiting.Select(waiting => waiting.Id));

        async Task<bool> HasWorkAsync() => (await Store.FindTenantsWithWorkAsync(null, 1000, default)).Contains(scene.Tenant);
    }
}
