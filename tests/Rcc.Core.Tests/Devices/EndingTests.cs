using Rcc.Core.Sync;
using Rcc.Core.Tests.Sync;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Devices;

/// <summary>Suspended means out: once the call has returned, nothing is sent any more, whatever the connection was doing.</summary>
[Trait("Catalogue", "INV-23")]
public class EndingTests
{
    [Fact]
    public async Task Signing_a_device_out_ends_its_connections_and_no_others()
    {
        await using var center = await Center.OpenAsync();
        var (agent, other, customer, conversation) = await TalkAsync(center);
        await SignOutAsync(center, agent);
        Assert.Equal("signed out", agent.Port!.ClosedBecause);
        Assert.False(agent.Link.MayServe);
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(other, customer);
        Assert.Null(other.Port!.ClosedBecause);
        await agent.DisconnectAsync();
        Assert.Equal(ErrorCode.Unauthenticated, (await agent.ConnectAsync(center.Node)).Outcome.Code);
        Assert.Equal(0, agent.Port!.Sent);
    }

    [Fact]
    public async Task Suspending_a_tenant_ends_all_its_connections_and_resuming_lets_them_back()
    {
        await using var center = await Center.OpenAsync();
        var (agent, other, customer, _) = await TalkAsync(center);
        await WaitAsync(center, await center.SetSuspendedAsync(true));
        foreach (var device in (FakeDevice[])[agent, other, customer])
        {
            Assert.Equal("suspended", device.Port!.ClosedBecause);
            await device.DisconnectAsync();
            Assert.Equal(ErrorCode.Suspended, (await device.ConnectAsync(center.Node)).Outcome.Code);
        }

        await WaitAsync(center, await center.SetSuspendedAsync(false));
        await agent.DisconnectAsync();
        await agent.ConnectAsync(center.Node);
        await center.UntilEqualAsync(agent);
        Assert.Null(agent.Port!.ClosedBecause);
    }

    [Fact]
    public async Task A_suspension_that_was_not_told_reaches_a_node_that_serves_customers_only()
    {
        await using var center = await Center.OpenAsync();
        var customer = await center.AddCustomerAsync();
        await customer.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(customer);
        var number = 0L;
        await center.UntoldAsync(async () => number = await center.SetSuspendedAsync(true));
        await WaitAsync(center, number);
        Assert.Equal("suspended", customer.Port!.ClosedBecause);
    }

    [Fact]
    public async Task A_device_signed_out_between_its_page_and_its_first_frame_gets_no_frame()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TalkAsync(center);
        await agent.DisconnectAsync();
        await center.PostAsync(conversation, customer);
        var page = new Gate();
        center.Store.After = page.For(StoreCall.Page);
        var connecting = agent.ConnectAsync(center.Node);
        await page.Reached;
        await SignOutAsync(center, agent);
        page.Open();
        await connecting;
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(customer);
        await Eventually.HoldsAsync(() => agent.Port!.ClosedBecause is not null, () => "the connection to be closed");
        Assert.Equal(0, agent.Port!.Sent);
    }

    [Fact]
    public async Task A_device_signed_out_while_it_is_the_nodes_first_gets_nothing()
    {
        await using var center = await Center.OpenAsync();
        var agent = await center.AddAgentAsync();
        var page = new Gate();
        center.Store.After = page.For(StoreCall.Page);
        var connecting = agent.ConnectAsync(center.Node);
        await page.Reached;
        await SignOutAsync(center, agent);
        page.Open();
        await connecting;
        await Eventually.HoldsAsync(() => agent.Port!.ClosedBecause is not null, () => "the connection to be closed");
        Assert.Equal(0, agent.Port!.Sent);
    }

    [Fact]
    public async Task A_device_signed_out_while_it_reads_pages_gets_no_more_of_them()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TalkAsync(center);
        await agent.DisconnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await center.PostAsync(conversation, customer);
        }

        agent.PageItems = 1;
        var hold = new Gate();
        await agent.ConnectAsync(center.Node, port => port.Sent == 2 ? hold.PassAsync() : Task.CompletedTask);
        await hold.Reached;
        await SignOutAsync(center, agent);
        hold.Open();
        Assert.Equal("signed out", agent.Port!.ClosedBecause);
        await agent.DisconnectAsync();
    }

    [Fact]
    public async Task A_node_that_cannot_ask_the_store_stops_serving_within_the_limit()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, _, _) = await TalkAsync(center);
        Assert.True(agent.Link.MayServe);
        center.Store.Before = call => call is StoreCall.Newest or StoreCall.Gap ? throw new UnavailableException("The store is away.") : Task.CompletedTask;
        center.Clock.Advance(TimeSpan.FromSeconds(2.5));
        Assert.False(agent.Link.MayServe);
        center.Store.Before = _ => Task.CompletedTask;
        await center.UntilAsync(() => agent.Link.MayServe || agent.Port!.ClosedBecause is not null, () => "the node to serve again");
    }

    [Fact]
    public async Task A_node_that_heard_nothing_of_a_sign_out_sends_nothing_after_it_returned()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, customer, conversation) = await TalkAsync(center);
        var hold = await center.HoldAsync(agent, conversation, customer);
        await Center.UntilEqualLiveAsync(customer);
        center.Store.Before = call => call is StoreCall.Newest or StoreCall.Gap ? throw new UnavailableException("The store is away.") : Task.CompletedTask;
        center.Network.Tell = (_, _, _) => Task.CompletedTask;
        center.Network.IsCutOff = _ => true;
        await SignOutAsync(center, agent);
        var sent = agent.Port!.Sent;
        hold.Open();
        await Eventually.HoldsAsync(() => agent.Port!.Sent > sent, () => "what the transport held");
        center.Store.Before = _ => Task.CompletedTask;
        await center.UntilAsync(() => agent.Port!.ClosedBecause is not null, () => "the connection to be closed");
        Assert.Equal("signed out", agent.Port!.ClosedBecause);

        // The transport had taken one batch before; the next was still the node's.
        Assert.Equal(sent + 1, agent.Port!.Sent);
    }

    [Fact]
    public async Task A_log_that_has_just_moved_waits_for_nodes_it_does_not_know_yet()
    {
        await using var center = await Center.OpenAsync(nodes: 2);
        var agent = await center.AddAgentAsync();
        var other = await center.AddAgentAsync();
        await agent.ConnectAsync(center.Network.Nodes[1]);
        await other.ConnectAsync(center.Network.Nodes[0]);
        await Center.UntilEqualLiveAsync(agent, other);
        center.Network.Tell = (node, _, deliver) => node == center.Network.Nodes[1] ? Task.CompletedTask : deliver();
        var moved = await center.Network.StartNodeAsync();
        var log = moved.LogOf(center.Tenant);
        var first = await center.Node.Tails.TailAsync(center.Tenant, CancellationToken.None);
        await log.SubscribeAsync(Guid.CreateVersion7(), center.Node.ObserverOf(center.Node.Tails), CancellationToken.None);
        var number = await center.SignOutAsync(agent, moved);
        var waiting = log.WaitUntilPassedAsync(number, CancellationToken.None);
        await center.UntilAsync(() => first.Position >= number, () => "the known node to pass");
        await center.UntilAsync(() => waiting.IsCompleted, () => "the wait to end");
        Assert.False(agent.Link.MayServe);
    }

    [Fact]
    public async Task Where_every_node_can_be_asked_a_sign_out_takes_no_time()
    {
        await using var center = await Center.OpenAsync(nodes: 2);
        var agent = await center.AddAgentAsync();
        var other = await center.AddAgentAsync();
        await agent.ConnectAsync(center.Network.Nodes[0]);
        await other.ConnectAsync(center.Network.Nodes[1]);
        await Center.UntilEqualLiveAsync(agent, other);
        var began = center.Clock.GetTimestamp();
        await center.LogOf().WaitUntilPassedAsync(await center.SignOutAsync(agent), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("signed out", agent.Port!.ClosedBecause);
        Assert.Equal(TimeSpan.Zero, center.Clock.GetElapsedTime(began));
    }

    [Fact]
    public async Task A_node_that_never_subscribed_to_the_log_is_waited_for()
    {
        await using var center = await Center.OpenAsync(nodes: 2);
        center.Network.Subscribes = (node, log) => node == log;
        await AssertWaitsForTheOtherNodeAsync(center);
    }

    [Fact]
    public async Task A_node_whose_subscription_has_run_out_is_waited_for()
    {
        await using var center = await Center.OpenAsync(nodes: 2);
        var first = await center.AddAgentAsync();
        await first.ConnectAsync(center.Network.Nodes[1]);
        await Center.UntilEqualLiveAsync(first);
        center.Network.Subscribes = (node, log) => node == log;
        await AssertWaitsForTheOtherNodeAsync(center);
    }

    [Fact]
    public async Task A_node_that_was_killed_is_waited_for_no_longer_than_it_could_have_served()
    {
        await using var center = await Center.OpenAsync();
        var agent = await center.AddAgentAsync();
        await agent.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(agent);
        await center.Store.FollowAsync(Guid.CreateVersion7(), Guid.CreateVersion7(), center.Tenant, CancellationToken.None);
        var waiting = center.LogOf().WaitUntilPassedAsync(await center.SignOutAsync(agent), CancellationToken.None);
        var began = center.Clock.GetTimestamp();
        await center.UntilAsync(() => waiting.IsCompleted, () => "the wait to end");
        Assert.InRange(center.Clock.GetElapsedTime(began), TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(3));

        center.Clock.Advance(TimeSpan.FromSeconds(2));
        await center.LogOf().WaitUntilPassedAsync(center.Model.Newest, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_node_that_the_store_has_forgotten_begins_its_tails_anew()
    {
        await using var center = await Center.OpenAsync();
        var (agent, other, customer, conversation) = await TalkAsync(center);
        foreach (var follower in await center.Store.FindFollowersAsync(center.Tenant, TimeSpan.FromHours(1), CancellationToken.None))
        {
            await center.Store.ForgetAsync(follower, CancellationToken.None);
        }

        await center.UntilAsync(() => agent.Port!.ClosedBecause is not null, () => "the connections to be closed");
        foreach (var device in (FakeDevice[])[agent, other, customer])
        {
            await device.DisconnectAsync();
            await device.ConnectAsync(center.Node);
        }

        await center.PostAsync(conversation, customer);
        await center.UntilEqualAsync(agent, other, customer);
        Assert.Single(await center.Store.FindFollowersAsync(center.Tenant, TimeSpan.FromSeconds(2), CancellationToken.None));
    }

    [Fact]
    public async Task While_the_store_does_not_take_heartbeats_a_node_stops_serving()
    {
        await using var center = await Center.OpenAsync();
        var (agent, _, _, _) = await TalkAsync(center);
        center.Store.Before = call => call == StoreCall.Beat ? throw new UnavailableException("The store is away.") : Task.CompletedTask;
        await center.UntilAsync(() => !agent.Link.MayServe, () => "the node to stop serving");
        center.Store.Before = _ => Task.CompletedTask;
        await center.UntilAsync(() => agent.Link.MayServe, () => "the node to serve again");
    }

    /// <summary>Long after the log of the first node has begun, an agent of the second is signed out by it.</summary>
    static async Task AssertWaitsForTheOtherNodeAsync(Center center)
    {
        var agent = await center.AddAgentAsync();
        await agent.ConnectAsync(center.Network.Nodes[1]);
        await Center.UntilEqualLiveAsync(agent);
        var began = center.Clock.GetTimestamp();
        await center.UntilAsync(() => center.Clock.GetElapsedTime(began) > TimeSpan.FromSeconds(30) && agent.Link.MayServe, () => "half a minute to pass");
        var waiting = center.LogOf().WaitUntilPassedAsync(await center.SignOutAsync(agent), CancellationToken.None);
        await center.UntilAsync(() => waiting.IsCompleted, () => "the wait to end");
        Assert.False(agent.Link.MayServe);
    }

    static async Task SignOutAsync(Center center, FakeDevice device) => await WaitAsync(center, await center.SignOutAsync(device));

    static async Task WaitAsync(Center center, long number)
    {
        var waiting = center.LogOf().WaitUntilPassedAsync(number, CancellationToken.None);
        await center.UntilAsync(() => waiting.IsCompleted, () => "every node to have passed");
        await waiting;
    }

    static async Task<(FakeDevice Agent, FakeDevice Other, FakeDevice Customer, Guid Conversation)> TalkAsync(Center center)
    {
        var agent = await center.AddAgentAsync();
        var other = await center.SignInAsync(agent.Caller.PersonId);
        var customer = await center.AddCustomerAsync();
        var conversation = await center.OpenConversationAsync(customer, agent);
        foreach (var device in center.Devices)
        {
            await device.ConnectAsync(center.Node);
        }

        await Center.UntilEqualLiveAsync(agent, other, customer);
        return (agent, other, customer, conversation);
    }
}
