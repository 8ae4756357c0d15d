using Rcc.Client.Conversations;
using Rcc.Client.Sync;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Conversations;

public sealed class MessageWindowTests
{
    static readonly LaneId Lane1 = new(Guid.Parse("018f0000-0000-7000-8000-0000000000c1"), Lane.Public);
    readonly MemoryDeviceStore store = new();

    [Fact]
    public void Pages_and_live_messages_in_any_order_and_any_overlap_end_in_the_same_window()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var window = new MessageWindow(Lane1, limit: int.MaxValue);
            var last = random.Next(1, 30);
            for (var i = 0; i < 60 && (window.WantsLoad || window.End < last); i++)
            {
                var changes = new DeviceChanges();
                if (window.WantsLoad && random.Next(2) == 0)
                {
                    var before = window.Before;
                    var top = before - 1 ?? last;
                    window.AddPage(before, [.. Messages(Math.Max(1, top - random.Next(1, 6)), top)], changes);
                }
                else
                {
                    // Lost ones in between are the point.
                    window.Add(Message(random.Next(1, ++last + 1)), changes);
                }
                store.Commit(changes);
                Assert.Equal(Enumerable.Range((int)(window.Held.Count == 0 ? 1 : window.Held[0].Seq), window.Held.Count).Select(s => (long)s), window.Held.Select(m => m.Seq));
                AssertKept(window);
            }
            while (window.WantsLoad)
            {
                var before = window.Before;
                var changes = new DeviceChanges();
                Assert.True(window.AddPage(before, [.. Messages(Math.Max(1, (before - 1 ?? last) - 4), before - 1 ?? last)], changes), $"seed {seed} does not come on");
                store.Commit(changes);
            }
            Assert.True(window.End == 0 || window.Held[0].Seq == 1, $"seed {seed} does not begin at 1");
            var gone = new DeviceChanges();
            window.Drop(gone);
            store.Commit(gone);
            Assert.Empty(store.Load().Messages);
        }
    }

    [Fact]
    public void An_empty_page_ends_the_way_down()
    {
        var window = new MessageWindow(Lane1, limit: 100);
        window.AddPage(before: null, [.. Messages(5, 8)], new DeviceChanges());

        Assert.Equal(5, window.Before);
        Assert.True(window.AddPage(5, [], new DeviceChanges()));

        Assert.False(window.WantsLoad);
        Assert.Equal([5, 6, 7, 8], window.Held.Select(m => m.Seq));
    }

    [Fact]
    public void An_empty_page_above_a_hole_gives_up_what_lies_below()
    {
        var window = new MessageWindow(Lane1, limit: 100);
        window.AddPage(before: null, [.. Messages(1, 2)], new DeviceChanges());
        window.Add(Message(7), new DeviceChanges());

        window.AddPage(7, [], new DeviceChanges());

        Assert.Equal([7], window.Held.Select(m => m.Seq));
        Assert.False(window.WantsLoad);
    }

    [Fact]
    public void A_page_with_a_hole_or_of_another_lane_is_not_taken()
    {
        var window = new MessageWindow(Lane1, limit: 100);

        Assert.False(window.AddPage(before: null, [Message(1), Message(3)], new DeviceChanges()));
        Assert.False(window.AddPage(before: null, [Message(1) with { Lane = Lane.Notes }], new DeviceChanges()));

        Assert.Empty(window.Held);
        Assert.True(window.NewestDue);
    }

    void AssertKept(MessageWindow window)
    {
        var snapshot = store.Load();
        if (!snapshot.Lanes.TryGetValue(Lane1, out var record))
            return;
        var again = new MessageWindow(Lane1, int.MaxValue, record, snapshot.Messages);
        Assert.Equal(window.Held, again.Held);
        Assert.Equal((window.WantsLoad, window.Before), (again.WantsLoad, again.Before));
        Assert.Equal(record.HeldEnd - record.HeldStart + 1 + record.AboveEnd - record.AboveStart + 1, snapshot.Messages.Count);
    }

    static IEnumerable<MessageItem> Messages(long from, long to)
    {
        for (var seq = from; seq <= to; seq++)
            yield return Message(seq);
    }

    static MessageItem Message(long seq) => new()
    {
        ConversationId = Lane1.ConversationId, Lane = Lane.Public, Seq = seq, MessageId = Guid.Empty, PersonId = Guid.Empty, Role = Role.Agent,
        At = DateTimeOffset.UnixEpoch, ContentType = "text/plain", Content = $"{seq}",
    };
}
