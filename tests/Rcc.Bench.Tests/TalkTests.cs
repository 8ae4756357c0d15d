using Rcc.Bench.Load;

namespace Rcc.Bench.Tests;

public class TalkTests
{
    static readonly Guid Customer = Guid.NewGuid();
    static readonly Guid Agent = Guid.NewGuid();

    readonly Talk talk = new(new SiteConversation(Guid.NewGuid(), 0, [1, 2, 3]), Customer, Agent);

    [Fact]
    public void Turns_alternate_and_the_agents_devices_reply_in_turn()
    {
        Assert.Equal([0, 1, 0, 2, 0, 3, 0, 1], Enumerable.Range(0, 8).Select(_ => talk.TakeTurn()));
    }

    [Fact]
    public void Receipts_are_complete_when_every_sending_device_has_learnt_of_the_last_message()
    {
        Assert.True(talk.HasAllReceipts);
        talk.Saw(sender: 0, seq: 1);
        Assert.False(talk.HasAllReceipts);
        talk.SawReceipt(party: 0, Agent, delivered: 1);
        Assert.True(talk.HasAllReceipts);

        talk.Saw(sender: 2, seq: 2);
        talk.SawReceipt(party: 1, Customer, delivered: 2);
        talk.SawReceipt(party: 2, Customer, delivered: 2);
        Assert.False(talk.HasAllReceipts);
        talk.SawReceipt(party: 3, Customer, delivered: 2);
        Assert.True(talk.HasAllReceipts);
    }

    [Fact]
    public void A_persons_own_receipt_says_nothing_of_its_messages()
    {
        talk.Saw(sender: 0, seq: 1);
        talk.SawReceipt(party: 0, Customer, delivered: 1);

        Assert.False(talk.HasAllReceipts);
    }
}
