using Rcc.Bench.Load;

namespace Rcc.Bench.Tests;

/// <summary>What the generator must notice: a comparison that overlooks a lost or doubled message would be worth nothing.</summary>
public class LedgerTests
{
    const int Phase = 7;
    const int Parties = 4;

    readonly Ledger ledger = new(Phase, capacity: 10);

    [Fact]
    public void A_message_is_complete_when_it_is_on_every_expected_device_and_acknowledged()
    {
        var index = ledger.Enter(conversation: 3, sender: 0, Parties, due: 100);

        Assert.False(Arrive(index, party: 1, now: 110));
        Assert.False(Arrive(index, party: 2, now: 120));
        Assert.False(ledger.Acknowledge(index, now: 130));
        Assert.True(Arrive(index, party: 3, now: 140));

        Assert.Empty(ledger.TakeFailures());
        var (complete, onDevices, inWindow, since) = ledger.Measure(from: 100, to: 141);
        Assert.Equal((1, 1), (inWindow, since));
        Assert.Equal(complete.P50Ms, onDevices.P50Ms);
    }

    [Fact]
    public void The_latency_to_the_last_device_leaves_the_acknowledgement_out()
    {
        var index = ledger.Enter(conversation: 3, sender: 1, parties: 2, due: 0);
        Arrive(index, party: 0, now: 1_000_000);
        Assert.True(ledger.Acknowledge(index, now: 3_000_000));

        var (complete, onDevices, _, _) = ledger.Measure(from: 0, to: 1);

        Assert.Equal(3 * onDevices.P50Ms!.Value, complete.P50Ms!.Value, tolerance: 0.001);
    }

    [Fact]
    public void The_senders_own_copy_may_arrive_and_is_not_waited_for()
    {
        var index = ledger.Enter(conversation: 3, sender: 2, Parties, due: 0);
        Arrive(index, party: 2, now: 1);
        Arrive(index, party: 0, now: 2);
        Arrive(index, party: 1, now: 3);
        Arrive(index, party: 3, now: 4);
        ledger.Acknowledge(index, now: 5);

        Assert.Empty(ledger.TakeFailures());
    }

    [Fact]
    public void A_message_that_is_not_on_every_device_is_unfinished()
    {
        var index = ledger.Enter(conversation: 3, sender: 0, Parties, due: 0);
        Arrive(index, party: 1, now: 1);
        Arrive(index, party: 2, now: 2);
        ledger.Acknowledge(index, now: 3);

        Assert.Equal(["1 unfinished"], ledger.TakeFailures());
    }

    [Fact]
    public void A_message_that_is_not_acknowledged_is_unfinished()
    {
        var index = ledger.Enter(conversation: 3, sender: 0, parties: 2, due: 0);
        Arrive(index, party: 1, now: 1);

        Assert.Equal(["1 unfinished"], ledger.TakeFailures());
    }

    [Fact]
    public void A_second_copy_on_a_device_is_doubled()
    {
        var index = Finished();
        Arrive(index, party: 1, now: 9);

        Assert.Equal(["1 doubled"], ledger.TakeFailures());
    }

    [Fact]
    public void A_second_acknowledgement_is_noticed()
    {
        var index = Finished();
        ledger.Acknowledge(index, now: 9);

        Assert.Equal(["1 acknowledged twice"], ledger.TakeFailures());
    }

    [Fact]
    public void A_message_on_a_device_of_another_conversation_is_misdelivered()
    {
        var index = Finished();
        ledger.Arrive(MessageStamp.Write(Phase, index), conversation: 4, party: 0, now: 9, out _);
        ledger.Arrive(MessageStamp.Write(Phase, index), conversation: -1, party: -1, now: 9, out _);

        Assert.Equal(["2 misdelivered"], ledger.TakeFailures());
    }

    [Fact]
    public void Messages_of_an_earlier_phase_and_unknown_ones_are_noticed()
    {
        Finished();
        ledger.Arrive(MessageStamp.Write(Phase - 1, 0), conversation: 3, party: 1, now: 9, out _);
        ledger.Arrive(MessageStamp.Write(Phase, 5), conversation: 3, party: 1, now: 9, out _);

        Assert.Equal(["1 pushed after their phase was over", "1 unknown messages"], ledger.TakeFailures());
    }

    [Fact]
    public void A_phase_with_more_messages_than_its_ledger_fails_loudly()
    {
        var small = new Ledger(Phase, capacity: 1);
        small.Enter(0, 0, 2, 0);

        Assert.Throws<InvalidOperationException>(() => small.Enter(0, 0, 2, 0));
    }

    [Fact]
    public void A_stamp_is_a_version_7_uuid_that_gives_phase_and_index_back()
    {
        var id = MessageStamp.Write(MessageStamp.MaxPhase, MessageStamp.MaxMessages - 1);

        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
        Assert.Equal((MessageStamp.MaxPhase, MessageStamp.MaxMessages - 1), MessageStamp.Read(id));
    }

    bool Arrive(int index, int party, long now) => ledger.Arrive(MessageStamp.Write(Phase, index), 3, party, now, out _);

    int Finished()
    {
        var index = ledger.Enter(conversation: 3, sender: 0, parties: 2, due: 0);
        Arrive(index, party: 1, now: 1);
        ledger.Acknowledge(index, now: 2);
        return index;
    }
}
