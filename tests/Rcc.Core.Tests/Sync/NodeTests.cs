using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Sync;

/// <summary>Nodes and what is told to them: late, never, twice, in the wrong order.</summary>
[Trait("Catalogue", "INV-15")]
public class NodeTests
{
    [Fact]
    public async Task A_node_that_hears_nothing_costs_the_others_nothing_and_catches_up()
    {
        await using var center = await Center.OpenAsync(nodes: 2);
        var (near, far, customer, conversation) = await TwoAgentsAsync(center);
        var silence = new TaskCompletionSource();
        center.Network.Tell = (node, _, deliver) => node == center.Network.Nodes[1] ? silence.Task : deliver();
        for (var i = 0; i < 3; i++)
        {
            await center.PostAsync(conversation, customer);
        }

        await Center.UntilEqualLiveAsync(near);
        Assert.NotNull(far.Difference());
        await center.UntilEqualAsync(near, far);
    }

    [Fact]
    public async Task A_node_that_cannot_be_told_catches_up_by_itself()
    {
        await using var center = await Center.OpenAsync(nodes: 2);
        var (near, far, customer, conversation) = await TwoAgentsAsync(center);
        center.Network.Tell = (node, _, deliver) => node == center.Network.Nodes[1] ? throw new TimeoutException("No route.") : deliver();
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(near);
        await center.UntilEqualAsync(near, far);
    }

    [Fact]
    public async Task A_node_that_lags_is_told_the_newest_and_reads_the_rest()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<LogOptions>(options => options.MaxUntoldBatches = 2));
        var (agent, _, customer, conversation) = await TwoAgentsAsync(center);
        var told = new ConcurrentQueue<LogBatch>();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        center.Network.Tell = async (_, batch, deliver) =>
        {
            told.Enqueue(batch);
            await held.Task;
            await deliver();
        };
        for (var i = 0; i < 10; i++)
        {
            await center.PostAsync(conversation, customer);
        }

        held.SetResult();
        await Center.UntilEqualLiveAsync(agent);
        Assert.Empty(agent.Wrongs);
        Assert.InRange(told.Count, 1, 4);
    }

    [Fact]
    [Trait("Catalogue", "RCC-32")]
    public async Task A_node_that_did_not_hear_of_a_tenants_end_before_it_was_erased_closes_its_connections()
    {
        await using var center = await Center.OpenAsync(nodes: 2);
        var (near, far, _, _) = await TwoAgentsAsync(center);
        center.Model.Erased = true;
        await center.UntilAsync(() => !near.IsConnected && !far.IsConnected, () => "both connections to be closed");
    }

    [Fact]
    public async Task What_is_told_twice_is_applied_once()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TwoAgentsAsync(center);
        center.Network.Tell = async (_, _, deliver) =>
        {
            await deliver();
            await deliver();
        };
        for (var i = 0; i < 5; i++)
        {
            await center.PostAsync(conversation, customer);
        }

        await Center.UntilEqualLiveAsync(agent);
        Assert.Empty(agent.Wrongs);
    }

    [Fact]
    public async Task What_is_told_in_the_wrong_order_is_put_right_by_the_store()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TwoAgentsAsync(center);
        var held = new ConcurrentStack<Func<Task>>();
        center.Network.Tell = (_, _, deliver) =>
        {
            held.Push(deliver);
            return Task.CompletedTask;
        };
        for (var i = 0; i < 5; i++)
        {
            await center.PostAsync(conversation, customer);
        }

        await Eventually.HoldsAsync(() => held.Count == 5, () => "five batches under way");
        while (held.TryPop(out var deliver))
        {
            await deliver();
        }

        await Center.UntilEqualLiveAsync(agent);
        Assert.Empty(agent.Wrongs);
        Assert.Contains(StoreCall.Gap, center.Store.Calls);
    }

    [Fact]
    public async Task A_hole_is_read_from_the_store_before_what_follows_it_is_sent()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TwoAgentsAsync(center);
        var told = 0;
        center.Network.Tell = (_, _, deliver) => Interlocked.Increment(ref told) == 1 ? Task.CompletedTask : deliver();
        await center.PostAsync(conversation, customer);
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent);
        Assert.Empty(agent.Wrongs);
        Assert.Single(center.Store.Calls, call => call == StoreCall.Gap);
    }

    [Fact]
    public async Task Who_joins_a_conversation_within_a_gap_gets_what_was_written_in_it()
    {
        await using var center = await Center.OpenAsync();
        var (_, agent, customer, _) = await TwoAgentsAsync(center);
        var other = await center.OpenConversationAsync(customer);
        await Center.UntilEqualLiveAsync(agent);
        await center.UntoldAsync(async () =>
        {
            await center.AssignAsync(other, agent);
            await center.PostAsync(other, customer);
            await center.PostAsync(other, agent, Contracts.Conversations.Lane.Notes);
        });
        await center.PostAsync(other, customer);
        await Center.UntilEqualLiveAsync(agent, customer);
        await center.PostAsync(other, customer);
        await Center.UntilEqualLiveAsync(agent, customer);
        Assert.Empty(agent.Wrongs);
    }

    [Fact]
    [Trait("Catalogue", "INV-13")]
    public async Task Who_leaves_a_conversation_within_a_gap_gets_nothing_that_was_written_after()
    {
        await using var center = await Center.OpenAsync();
        var (agent, other, customer, conversation) = await TwoAgentsAsync(center);
        await center.UntoldAsync(async () =>
        {
            await center.PostAsync(conversation, customer);
            await center.AssignAsync(conversation, other);
            await center.PostAsync(conversation, customer);
        });
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent, other, customer);
        Assert.Empty(agent.Wrongs);
        Assert.DoesNotContain(agent.Batches.SelectMany(batch => batch.Items), item => item.Message is { Seq: > 1 });
    }

    [Fact]
    [Trait("Catalogue", "INV-14")]
    public async Task A_device_that_joins_while_a_gap_is_read_misses_nothing()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TwoAgentsAsync(center);
        var late = await center.AddCustomerAsync();
        var lateConversation = await center.OpenConversationAsync(late, agent);
        await Center.UntilEqualLiveAsync(agent);
        var page = new Gate();
        center.Store.After = page.For(StoreCall.Page);
        var connecting = late.ConnectAsync(center.Node);
        await page.Reached;
        await center.UntoldAsync(() => center.PostAsync(lateConversation, agent));
        var gap = new Gate();
        center.Store.After = gap.For(StoreCall.Gap);
        await center.PostAsync(conversation, customer);
        await gap.Reached;
        page.Open();
        await connecting;
        var tail = await center.Node.Tails.TailAsync(center.Tenant, CancellationToken.None);
        await Eventually.HoldsAsync(() => tail.IsReadBy(late.Link, Audience.OfConversation(lateConversation)), () => "the device to have joined");
        gap.Open();
        await Center.UntilEqualLiveAsync(agent, customer, late);
        Assert.Empty(late.Wrongs);
    }

    [Fact]
    [Trait("Catalogue", "INV-6")]
    public async Task A_node_whose_gap_is_no_longer_kept_begins_anew_and_its_devices_come_back()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TwoAgentsAsync(center);
        await center.UntoldAsync(async () =>
        {
            await center.PostAsync(conversation, customer);
            await center.PostAsync(conversation, customer);
        });
        center.Model.RaiseFloor(center.Model.Newest);
        await center.PostAsync(conversation, customer);
        await center.UntilAsync(() => agent.Port!.ClosedBecause is not null, () => "the connection to be closed");
        await agent.DisconnectAsync();
        await agent.ConnectAsync(center.Node);
        await center.UntilEqualAsync(agent);
        Assert.Equal(Contracts.Sync.ResyncReason.Floor, agent.Batches.Last(batch => batch.Resync is not null).Resync!.Reason);
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent);
    }

    [Fact]
    public async Task Whoever_comes_first_and_gives_up_does_not_lock_the_others_out()
    {
        await using var center = await Center.OpenAsync();
        var first = await center.AddAgentAsync();
        var second = await center.AddAgentAsync();
        var subscribing = new Gate();
        center.Network.Subscribing = token => subscribing.PassAsync().WaitAsync(token);
        using var gone = new CancellationTokenSource();
        var attempt = center.Node.Tails.TailAsync(center.Tenant, gone.Token);
        await subscribing.Reached;
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attempt);
        subscribing.Open();
        await first.ConnectAsync(center.Node).WaitAsync(Patience);
        await second.ConnectAsync(center.Node).WaitAsync(Patience);
        await center.UntilEqualAsync(first, second);
    }

    [Fact]
    public async Task A_device_that_comes_while_the_store_is_away_is_told_to_come_again_and_a_tail_waits_for_it()
    {
        await using var center = await Center.OpenAsync();
        var agent = await center.AddAgentAsync();
        center.Store.Before = call => call == StoreCall.Newest ? throw new UnavailableException("The store is away.") : Task.CompletedTask;
        var connecting = agent.ConnectAsync(center.Node);
        await Eventually.HoldsAsync(() => center.Store.Calls.Contains(StoreCall.Newest), () => "the tail to ask");
        await center.UntilAsync(() => connecting.IsCompleted, () => "the device to be answered");
        await Assert.ThrowsAsync<UnavailableException>(() => connecting);
        var until = center.Now + TimeSpan.FromSeconds(30);
        await center.UntilAsync(() => center.Now > until, () => "half a minute to pass");
        center.Store.Before = _ => Task.CompletedTask;
        await agent.DisconnectAsync();
        connecting = agent.ConnectAsync(center.Node);
        await center.UntilAsync(() => connecting.IsCompleted, () => "the device to be answered");
        await center.UntilEqualAsync(agent);
        Assert.Single(await center.Store.FindFollowersAsync(center.Tenant, TimeSpan.FromSeconds(2), CancellationToken.None));
    }

    [Fact]
    public async Task A_tail_without_devices_is_dropped_and_a_device_that_comes_at_that_moment_gets_a_new_one()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<TailOptions>(options => options.IdleLifetime = TimeSpan.FromSeconds(1)));
        var (agent, other, customer, conversation) = await TwoAgentsAsync(center);
        await agent.DisconnectAsync();
        await other.DisconnectAsync();
        await customer.DisconnectAsync();
        var dropped = await center.Node.Tails.TailAsync(center.Tenant, CancellationToken.None);
        var page = new Gate();
        center.Store.After = page.For(StoreCall.Page);
        var connecting = agent.ConnectAsync(center.Node);
        await page.Reached;
        center.Clock.Advance(TimeSpan.FromSeconds(30));
        page.Open();
        await connecting;
        await center.UntilEqualAsync(agent);
        await center.PostAsync(conversation, customer);
        await center.UntilEqualAsync(agent);
        await agent.DisconnectAsync();
        await center.UntilAsync(() => dropped.TryRetire(), () => "the tail to be dropped");
        await agent.ConnectAsync(center.Node);
        await center.PostAsync(conversation, customer);
        await center.UntilEqualAsync(agent);
    }

    [Fact]
    public async Task A_tail_whose_gap_is_no_longer_kept_sends_its_devices_to_a_new_one()
    {
        await using var center = await Center.OpenAsync();
        var (agent, other, customer, conversation) = await TwoAgentsAsync(center);
        await center.UntoldAsync(async () =>
        {
            await center.PostAsync(conversation, customer);
            await center.PostAsync(conversation, customer);
            center.Model.RaiseFloor(center.Model.Newest - 1);
        });
        await center.UntilAsync(() => agent.Port!.ClosedBecause is not null, () => "the connections to be closed");
        Assert.Empty(center.Network.Errors);
        Assert.True(center.Node.Tails.AreConfirmed);
        foreach (var device in (FakeDevice[])[agent, other, customer])
        {
            Assert.Equal("unavailable", device.Port!.ClosedBecause);
            await device.DisconnectAsync();
            await device.ConnectAsync(center.Node);
        }

        await center.UntilEqualAsync(agent, other, customer);
        Assert.Contains(agent.Batches, batch => batch.Resync is { Reason: ResyncReason.Floor });
    }

    [Fact]
    public async Task A_node_vouches_for_others_while_one_tenants_tail_lags()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TwoAgentsAsync(center);
        var other = await center.Node.Tails.TailAsync(new(Guid.CreateVersion7()), CancellationToken.None);
        center.Store.Before = call => call == StoreCall.Gap ? throw new UnavailableException("The rows cannot be read.") : Task.CompletedTask;
        await center.UntoldAsync(() => center.PostAsync(conversation, customer));
        await center.UntilAsync(() => !agent.Link.MayServe, () => "the tail to lag for too long");
        await center.UntilAsync(() => other.IsConfirmed, () => "the other tail to be confirmed");
        Assert.True(center.Node.Tails.AreConfirmed);
        center.Store.Before = call => call == StoreCall.Newest ? throw new UnavailableException("The store is away.") : Task.CompletedTask;
        await center.UntilAsync(() => !center.Node.Tails.AreConfirmed, () => "the node to vouch for nothing");
        center.Store.Before = _ => Task.CompletedTask;
        await center.UntilAsync(() => agent.Link.MayServe, () => "the node to serve again");
    }

    [Fact]
    public async Task A_defect_while_tails_are_confirmed_stops_what_is_unconfirmed_and_no_more()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TwoAgentsAsync(center);
        center.Store.Before = call => call == StoreCall.Newest ? throw new InvalidOperationException("A defect.") : Task.CompletedTask;
        await center.UntilAsync(() => !agent.Link.MayServe, () => "what is unconfirmed to stop");
        center.Store.Before = _ => Task.CompletedTask;
        await center.UntilAsync(() => agent.Link.MayServe, () => "the node to serve again");
        await center.PostAsync(conversation, customer);
        await center.UntilEqualAsync(agent, customer);
    }

    static TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Two agents, the second on the last node, and a customer with a conversation with the first.</summary>
    static async Task<(FakeDevice First, FakeDevice Second, FakeDevice Customer, Guid Conversation)> TwoAgentsAsync(Center center)
    {
        var first = await center.AddAgentAsync();
        var second = await center.AddAgentAsync();
        var customer = await center.AddCustomerAsync();
        var conversation = center.Network.Nodes.Count == 1 ? await center.OpenConversationAsync(customer, first) : await OpenForBothAsync(center, customer, first, second);
        await first.ConnectAsync(center.Network.Nodes[0]);
        await second.ConnectAsync(center.Network.Nodes[^1]);
        await customer.ConnectAsync(center.Network.Nodes[0]);
        await Center.UntilEqualLiveAsync(first, second, customer);
        return (first, second, customer, conversation);
    }

    /// <summary>The first has it; the second is told by taking part.</summary>
    static async Task<Guid> OpenForBothAsync(Center center, FakeDevice customer, FakeDevice first, FakeDevice second)
    {
        var conversation = await center.OpenConversationAsync(customer, first);
        var snapshot = center.Load(conversation);
        var next = snapshot with { Handling = snapshot.Handling with { Agents = [.. snapshot.Handling.Agents, new(second.Caller.PersonId, Contracts.Conversations.Part.Collaborator)] } };
        await center.CommitAsync(Core.Conversations.ConversationChange.Between(center.Tenant, snapshot, next).Change);
        return conversation;
    }
}
