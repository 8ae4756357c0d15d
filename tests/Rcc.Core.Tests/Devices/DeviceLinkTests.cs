using Microsoft.Extensions.DependencyInjection;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Tests.Sync;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Devices;

/// <summary>One connection: pages and frames that meet, queues that overflow, filters, typing, refusals.</summary>
public class DeviceLinkTests
{
    [Fact]
    [Trait("Catalogue", "INV-22")]
    public async Task A_slow_device_costs_nobody_anything_and_catches_up_by_pages()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<DeviceOptions>(options => (options.MaxQueuedEntries, options.PageItems) = (3, 4)));
        var (agent, customer, conversation) = await center.TalkAsync();
        await agent.DisconnectAsync();
        var slow = Release();
        await agent.ConnectAsync(center.Node, _ => slow.Task);
        for (var i = 0; i < 20; i++)
        {
            await center.PostAsync(conversation, customer);
            await Center.UntilEqualLiveAsync(customer);
        }

        Assert.Equal(0, agent.Port!.Sent);
        slow.SetResult();
        await Center.UntilEqualLiveAsync(agent);
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent);
        Assert.Empty(agent.Wrongs);
        Assert.All(agent.Batches, batch => Assert.InRange(batch.Items.Count, 0, 4));
    }

    [Fact]
    public async Task A_batch_larger_than_the_queue_comes_by_pages()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<DeviceOptions>(options => (options.MaxQueuedEntries, options.PageItems) = (1, 1)));
        var (agent, customer, conversation) = await center.TalkAsync();
        for (var i = 0; i < 10; i++)
        {
            await center.AssignAsync(conversation, null);
            await center.AssignAsync(conversation, agent);
            await center.PostAsync(conversation, customer);
        }

        await Center.UntilEqualLiveAsync(agent, customer);
        Assert.Empty(agent.Wrongs);
    }

    [Fact]
    [Trait("Catalogue", "INV-14")]
    public async Task Pages_and_frames_meet_without_gap_or_overlap_under_load()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        agent.PageItems = 1;
        var posting = Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                await center.PostAsync(conversation, customer);
            }
        });
        while (!posting.IsCompleted)
        {
            await agent.DisconnectAsync();
            await agent.ConnectAsync(center.Node);
            var sent = agent.Port!.Sent;
            await Eventually.HoldsAsync(() => agent.Port!.Sent > sent || posting.IsCompleted, () => "something to be sent");
        }

        await posting;
        await Center.UntilEqualLiveAsync(agent, customer);
        Assert.Empty(agent.Wrongs);
        Assert.Empty(customer.Wrongs);
    }

    [Fact]
    public async Task Synchronising_again_on_the_same_connection_goes_on_from_the_token()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        var hold = await center.HoldAsync(agent, conversation, customer);
        hold.Stop();
        await agent.SynchronizeAsync();
        await Center.UntilEqualLiveAsync(agent);
        for (var i = 0; i < 3; i++)
        {
            await center.PostAsync(conversation, customer);
            await Center.UntilEqualLiveAsync(agent);
        }

        Assert.Empty(agent.Wrongs);
    }

    [Fact]
    [Trait("Catalogue", "INV-24")]
    public async Task A_token_of_another_device_starts_from_nothing_as_garbage_does()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, _) = await center.TalkAsync();
        foreach (var token in (string[])[customer.Token!, "garbage", new string('x', 150)])
        {
            await agent.DisconnectAsync();
            agent.Token = token;
            await agent.ConnectAsync(center.Node);
            await Eventually.HoldsAsync(() => agent.Port!.Sent > 0, () => "the first page");
            await center.UntilEqualAsync(agent);
            Assert.Equal(new Resync(ResyncReason.UnknownToken, Discard: true), agent.Batches.Last(batch => batch.Resync is not null).Resync);
        }
    }

    [Fact]
    [Trait("Catalogue", "INV-6")]
    public async Task Below_the_floor_a_device_starts_from_nothing_and_at_the_floor_it_does_not()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        await agent.DisconnectAsync();
        center.Model.RaiseFloor(center.Model.Newest);
        await center.PostAsync(conversation, customer);
        var before = agent.Batches.Count;
        await agent.ConnectAsync(center.Node);
        await center.UntilEqualAsync(agent);
        Assert.All(agent.Batches.Skip(before), batch => Assert.Null(batch.Resync));
        await agent.DisconnectAsync();
        await center.PostAsync(conversation, customer);
        center.Model.RaiseFloor(center.Model.Newest);
        await agent.ConnectAsync(center.Node);
        await center.UntilEqualAsync(agent);
        Assert.Equal(new Resync(ResyncReason.Floor, Discard: false), agent.Batches[^1].Resync ?? agent.Batches.Last(batch => batch.Resync is not null).Resync);
    }

    [Fact]
    [Trait("Catalogue", "INV-7")]
    public async Task After_a_restored_backup_devices_forget_what_has_not_been()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        var kept = center.Store.Batches.Count;
        await center.PostAsync(conversation, customer);
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent, customer);
        await agent.DisconnectAsync();
        await customer.DisconnectAsync();
        center.Model.RollBack(kept);
        await center.Store.BeginEpochAsync(CancellationToken.None);
        var restarted = await center.Network.StartNodeAsync();
        await center.PostAsync(conversation, customer, node: restarted);
        await agent.ConnectAsync(restarted);
        await center.UntilEqualAsync(agent);
        Assert.Equal(new Resync(ResyncReason.Epoch, Discard: true), agent.Batches.Last(batch => batch.Resync is not null).Resync);
    }

    [Fact]
    public async Task A_token_newer_than_the_store_starts_from_nothing()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        var kept = center.Store.Batches.Count;
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent, customer);
        await agent.DisconnectAsync();
        center.Model.RollBack(kept);
        var restarted = await center.Network.StartNodeAsync();
        await agent.ConnectAsync(restarted);
        await center.UntilEqualAsync(agent);
        Assert.Equal(new Resync(ResyncReason.Future, Discard: true), agent.Batches.Last(batch => batch.Resync is not null).Resync);
    }

    [Fact]
    [Trait("Catalogue", "SYNC-14")]
    [Trait("Catalogue", "INV-12")]
    public async Task A_filter_is_kept_live_and_in_pages()
    {
        await using var center = await Center.OpenAsync();
        var (all, customer, conversation) = await center.TalkAsync();
        var live = await center.SignInAsync(all.Caller.PersonId);
        var away = await center.SignInAsync(all.Caller.PersonId);
        live.Filter = away.Filter = new SyncFilter { Statuses = [ConversationStatus.Open] };
        await live.ConnectAsync(center.Node);
        await away.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(live, away);
        for (var round = 0; round < 2; round++)
        {
            await away.DisconnectAsync();
            await center.ResolveAsync(conversation);
            await Center.UntilEqualLiveAsync(live);
            Assert.Equal(LeftReason.Filtered, live.Batches[^1].Items.Single(item => item.Kind == ItemKinds.Left).Reason);
            await away.ConnectAsync(center.Node);
            await Center.UntilEqualLiveAsync(away);
            Assert.Equal(LeftReason.Filtered, away.Batches[^1].Items.Single(item => item.Kind == ItemKinds.Left).Reason);
            await away.DisconnectAsync();
            await center.ReopenAsync(conversation);
            await center.PostAsync(conversation, customer);
            await Center.UntilEqualLiveAsync(live);
            await away.ConnectAsync(center.Node);
            await Center.UntilEqualLiveAsync(away);
            await center.CommitAsync(Center.Delivered(conversation, customer, round + 1));
            await Center.UntilEqualLiveAsync(all, live, away);
        }

        Assert.Empty(center.Devices.SelectMany(device => device.Wrongs));
    }

    [Fact]
    [Trait("Catalogue", "INV-12")]
    public async Task What_hangs_on_a_conversation_outside_the_filter_is_not_sent_live_either()
    {
        await using var center = await Center.OpenAsync();
        var (all, customer, conversation) = await center.TalkAsync();
        await center.PostAsync(conversation, all);
        await center.ResolveAsync(conversation);
        var open = await center.SignInAsync(all.Caller.PersonId);
        open.Filter = new SyncFilter { Statuses = [ConversationStatus.Open] };
        await open.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(open);
        await center.CommitAsync(Center.Delivered(conversation, customer, 1));
        await center.SignInAsync(all.Caller.PersonId);
        await Center.UntilEqualLiveAsync(all, open);
        Assert.DoesNotContain(open.Batches.SelectMany(batch => batch.Items), item => item.Kind == ItemKinds.Receipt);
    }

    [Fact]
    [Trait("Catalogue", "INV-12")]
    public async Task What_happened_while_a_conversation_was_outside_the_filter_within_a_gap_is_not_lost()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        agent.Filter = new SyncFilter { Statuses = [ConversationStatus.Open] };
        await center.PostAsync(conversation, agent);
        await center.PostAsync(conversation, agent);
        var sent = agent.Port!.Sent;
        await agent.SynchronizeAsync();
        await Eventually.HoldsAsync(() => agent.Port!.Sent > sent, () => "the first page");
        await center.CommitAsync(Center.Delivered(conversation, customer, 1));
        await Center.UntilEqualLiveAsync(agent, customer);
        await center.UntoldAsync(async () =>
        {
            await center.ResolveAsync(conversation);
            await center.CommitAsync(Center.Delivered(conversation, customer, 2));
            await center.ReopenAsync(conversation);
        });
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent, customer);
    }

    [Fact]
    [Trait("Catalogue", "INV-12")]
    public async Task What_one_page_held_back_is_not_missing_when_the_next_page_has_the_conversation_inside_the_filter_again()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        await center.PostAsync(conversation, customer);
        await center.ResolveAsync(conversation);
        var device = await center.SignInAsync(agent.Caller.PersonId);
        device.Filter = new SyncFilter { Statuses = [ConversationStatus.Resolved] };
        device.PageItems = 1;
        await device.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(device);
        await device.DisconnectAsync();
        await center.ReopenAsync(conversation);
        await center.PostAsync(conversation, customer);
        await center.SignInAsync(agent.Caller.PersonId);
        await center.AssignAsync(conversation, null);
        await center.AssignAsync(conversation, agent);
        var first = new Gate();
        var connecting = device.ConnectAsync(center.Node, _ => first.PassAsync());
        await first.Reached;
        await center.ResolveAsync(conversation);
        first.Open();
        await connecting;
        await Center.UntilEqualLiveAsync(device);
        Assert.Empty(device.Wrongs);
    }

    [Theory]
    [Trait("Catalogue", "INV-12")]
    [InlineData(ConversationStatus.Open)]
    [InlineData(ConversationStatus.Resolved)]
    public async Task What_hangs_on_a_conversation_comes_back_with_it(ConversationStatus kept)
    {
        await using var center = await Center.OpenAsync();
        var (all, customer, conversation) = await center.TalkAsync();
        await center.PostAsync(conversation, customer);
        await center.PostAsync(conversation, all);
        await center.CommitAsync(center.Drafted(conversation, all, "half a sentence").Change!);
        await center.CommitAsync(Conversation.MarkRead(center.Tenant, center.Load(conversation), all.Caller, Lane.Public, 1).Change!);
        await center.CommitAsync(Center.Delivered(conversation, customer, 1));
        await center.CommitAsync(Center.Delivered(conversation, all, 1));
        if (kept == ConversationStatus.Resolved)
        {
            await center.ResolveAsync(conversation);
        }

        var live = await center.SignInAsync(all.Caller.PersonId);
        var away = await center.SignInAsync(all.Caller.PersonId);
        live.Filter = away.Filter = new SyncFilter { Statuses = [kept] };
        away.PageItems = 1;
        await live.ConnectAsync(center.Node);
        await away.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(live, away);
        for (var round = 0; round < 2; round++)
        {
            await TurnAsync();
            await Center.UntilEqualLiveAsync(live, away);
            await away.DisconnectAsync();
            await center.CommitAsync(Center.Delivered(conversation, customer, 2));
            await TurnAsync();
            await Center.UntilEqualLiveAsync(all, live);
            await away.ConnectAsync(center.Node);
            await Center.UntilEqualLiveAsync(away);
            var back = away.Batches.Last(batch => batch.Items.Any(item => item.Kind == ItemKinds.Conversation));
            Assert.Equal(
                [ItemKinds.Conversation, ItemKinds.Receipt, ItemKinds.Receipt, ItemKinds.Read, ItemKinds.Draft, ItemKinds.Handling], back.Items.Select(item => item.Kind));
        }

        Assert.Empty(center.Devices.SelectMany(device => device.Wrongs));

        Task TurnAsync() => center.Load(conversation).State.Status == ConversationStatus.Open ? center.ResolveAsync(conversation) : center.ReopenAsync(conversation);
    }

    [Fact]
    public async Task Another_filter_starts_from_nothing_and_keeps_what_it_may()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        await center.PostAsync(conversation, agent, Lane.Notes);
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent);
        foreach (var filter in (SyncFilter[])[new() { WithoutNotes = true }, new() { Statuses = [ConversationStatus.Resolved] }, new() { Statuses = [] }, new()])
        {
            agent.Filter = filter;
            var sent = agent.Port!.Sent;
            await agent.SynchronizeAsync();
            await Eventually.HoldsAsync(() => agent.Port!.Sent > sent, () => "the first page");
            await Center.UntilEqualLiveAsync(agent);
            Assert.Equal(new Resync(ResyncReason.Filter, Discard: false), agent.Batches.Last(batch => batch.Resync is not null).Resync);
            await center.PostAsync(conversation, agent, Lane.Notes);
            await center.PostAsync(conversation, customer);
            await Center.UntilEqualLiveAsync(agent);
        }

        Assert.Empty(agent.Wrongs);
    }

    [Fact]
    public async Task Typing_reaches_the_others_in_the_conversation_only()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        var second = await center.SignInAsync(agent.Caller.PersonId);
        var stranger = await center.AddAgentAsync();
        await second.ConnectAsync(center.Node);
        await stranger.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(second, stranger);
        Assert.Equal(ErrorCode.Ok, (await agent.Link.SetTypingAsync(new Typing { ConversationId = conversation, Active = true }, CancellationToken.None)).Code);
        await Eventually.HoldsAsync(() => customer.Facts.Count == 1, () => "the customer to be told");
        Assert.Equal(new EphemeralFact("typing", conversation, agent.Caller.PersonId, true, 15_000), customer.Facts[0]);
        Assert.Equal(ErrorCode.Ok, (await customer.Link.SetTypingAsync(new Typing { ConversationId = conversation, Active = false }, CancellationToken.None)).Code);
        await Eventually.HoldsAsync(() => agent.Facts.Count == 1 && second.Facts.Count == 1, () => "both devices of the agent to be told");
        Assert.Equal(ErrorCode.NotFound, (await stranger.Link.SetTypingAsync(new Typing { ConversationId = conversation, Active = true }, CancellationToken.None)).Code);
        await center.PostAsync(conversation, customer);
        await Center.UntilEqualLiveAsync(agent, second, customer, stranger);
        Assert.Single(customer.Facts);
        Assert.Empty(stranger.Facts);
        Assert.Empty(center.Devices.SelectMany(device => device.Wrongs));
    }

    [Fact]
    public async Task Typing_too_often_is_refused_until_the_next_second()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<DeviceOptions>(options => options.MaxTypingPerSecond = 2));
        var (agent, _, conversation) = await center.TalkAsync();
        var typing = new Typing { ConversationId = conversation, Active = true };
        Assert.Equal(ErrorCode.Ok, (await agent.Link.SetTypingAsync(typing, CancellationToken.None)).Code);
        Assert.Equal(ErrorCode.Ok, (await agent.Link.SetTypingAsync(typing, CancellationToken.None)).Code);
        Assert.Equal(ErrorCode.RateLimited, (await agent.Link.SetTypingAsync(typing, CancellationToken.None)).Code);
        center.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ErrorCode.Ok, (await agent.Link.SetTypingAsync(typing, CancellationToken.None)).Code);
    }

    [Fact]
    public async Task What_breaks_a_limit_is_refused_and_named()
    {
        await using var center = await Center.OpenAsync();
        var agent = await center.AddAgentAsync();
        var link = center.Node.Links.Connect(agent.Caller, new FakePort(agent, null));
        await AssertRefusedAsync(new SyncRequest { Token = new string('x', 500) }, ErrorCode.TooLarge, "token");
        await AssertRefusedAsync(new SyncRequest { PageItems = 0 }, ErrorCode.TooLarge, "pageItems");
        await AssertRefusedAsync(new SyncRequest { PageItems = 501 }, ErrorCode.TooLarge, "500");
        await AssertRefusedAsync(new SyncRequest { Filter = new SyncFilter { Statuses = [(ConversationStatus)9] } }, ErrorCode.Malformed, "statuses");
        Assert.Equal(ErrorCode.Malformed, link.Confirm(new Confirmation { Held = [new Held(Guid.CreateVersion7(), 0)] }).Code);
        Assert.Equal(ErrorCode.Malformed, link.Confirm(new Confirmation { Held = null! }).Code);
        Assert.Contains("500", link.Confirm(new Confirmation { Held = [.. Enumerable.Repeat(new Held(Guid.CreateVersion7(), 1), 501)] }).Detail, StringComparison.Ordinal);
        await link.DisposeAsync();
        Assert.Equal(0, center.Node.Links.Count);

        async Task AssertRefusedAsync(SyncRequest request, ErrorCode code, string detail)
        {
            var answer = await link.SynchronizeAsync(request, CancellationToken.None);
            Assert.Equal(code, answer.Outcome.Code);
            Assert.Contains(detail, answer.Outcome.Detail, StringComparison.Ordinal);
            Assert.False(link.HasSynchronized);
        }
    }

    static TaskCompletionSource Release() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
