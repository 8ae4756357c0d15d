using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

/// <summary>What is transferred to a queue waits there, and nobody loses it when nobody takes it.</summary>
public class QueueTransferTests
{
    static readonly Guid Queue = Guid.CreateVersion7();
    static readonly DateTimeOffset GiveUpAt = Callers.Noon.AddMinutes(5);

    readonly TalkScene scene = new();

    [Fact, Trait("Catalogue", "RCC-15")]
    public void What_nobody_takes_in_time_is_with_its_agent_again_as_before_and_says_so_once()
    {
        var before = scene.Now;
        var waits = Transfer();
        Assert.Equal(GiveUpAt, Assert.Single(waits.Change!.Rows.OfType<ConversationRow>()).DueAt);
        Assert.Empty(Tick(GiveUpAt.AddTicks(-1)).Change!.Items);

        var back = Tick(GiveUpAt);
        Assert.Equal(before.State, back.Next!.State);
        Assert.Equal(before.Handling.Agents, back.Next.Handling.Agents);
        Assert.Equal((before.Handling.QueueId, TransferOutcome.NoAnswer, null), (back.Next.Handling.QueueId, back.Next.Handling.Transfer!.Outcome, back.Next.WaitingSince));
        Assert.Equal([new CapacityClaim(scene.Agent.PersonId, 3)], back.Change!.Claims);
        Assert.Contains(new(new(ItemKind.Agent, scene.Agent.PersonId), 4), back.Change.Fences);
        Assert.Null(back.Next.DueAt);
        Assert.Empty(Tick(GiveUpAt).Change!.Items);
        Assert.True(scene.Post(scene.Agent).Change!.Answer.IsOk);

        // The queue has served nobody: its pace is not the faster for it.
        var wait = Assert.Single(back.Change.Rows.OfType<QueueWaitRow>());
        Assert.Equal((Queue, false), (wait.QueueId, wait.Served));
    }

    [Theory, Trait("Catalogue", "RCC-15")]
    [InlineData(true, Availability.Online)]
    [InlineData(false, Availability.Offline)]
    public void When_its_agent_has_gone_it_waits_in_the_queue_it_had_come_through(bool suspended, Availability availability)
    {
        var before = scene.Now;
        Transfer();
        var back = Tick(GiveUpAt, TalkScene.Known(scene.Agent, availability) with { IsSuspended = suspended });
        Assert.True(Conversation.IsWaiting(back.Next!));
        Assert.Equal((before.Handling.QueueId, Callers.Noon, TransferOutcome.NoAnswer), (back.Next!.Handling.QueueId, back.Next.WaitingSince, back.Next.Handling.Transfer!.Outcome));
        Assert.Empty(back.Change!.Claims);

        // From there it goes to whoever is free, that agent included.
        Assert.Equal(scene.Agent.PersonId, scene.Take(Conversation.Route(Callers.Tenant, scene.Now, TalkScene.Known(scene.Agent), null, GiveUpAt)).Next!.State.AssigneeId);
    }

    [Theory]
    [InlineData(Availability.Away)]
    [InlineData(Availability.Busy)]
    [InlineData(Availability.TransferOnly)]
    public void Who_is_there_without_taking_new_ones_has_it_back(Availability availability)
    {
        Transfer();
        Assert.Equal(scene.Agent.PersonId, Tick(GiveUpAt, TalkScene.Known(scene.Agent, availability)).Next!.State.AssigneeId);
    }

    [Fact, Trait("Catalogue", "RCC-14")]
    public void Whoever_accepts_has_it_and_nothing_is_given_back_later()
    {
        Transfer();
        scene.Take(Conversation.Offer(Callers.Tenant, scene.Now, TalkScene.Known(scene.Colleague), null, 0, GiveUpAt.AddSeconds(-10), GiveUpAt.AddSeconds(20)));
        Assert.Equal(GiveUpAt.AddSeconds(20), scene.Now.DueAt);
        Assert.Empty(Tick(GiveUpAt).Change!.Items);
        Assert.NotNull(Conversation.GiveBack(Callers.Tenant, scene.Now, TalkScene.Known(scene.Agent), GiveUpAt).Refusal);

        var accepted = scene.Do(scene.Colleague, ControlOperations.AcceptOffer);
        Assert.Equal((scene.Colleague.PersonId, TransferOutcome.Completed), (accepted.Next!.State.AssigneeId, accepted.Next.Handling.Transfer!.Outcome));
        Assert.True(Assert.Single(accepted.Change!.Rows.OfType<QueueWaitRow>()).Served);
        Assert.Empty(Tick(GiveUpAt.AddHours(1)).Change!.Items);
    }

    [Fact, Trait("Catalogue", "RCC-15")]
    public void An_offer_that_stands_when_the_time_comes_is_answered_first()
    {
        Transfer();
        scene.Take(Conversation.Offer(Callers.Tenant, scene.Now, TalkScene.Known(scene.Colleague), null, 0, GiveUpAt.AddSeconds(-10), GiveUpAt.AddSeconds(20)));
        Tick(GiveUpAt.AddSeconds(20));
        Assert.Equal((null, GiveUpAt), (scene.Now.Handling.Offer, scene.Now.DueAt));
        Assert.Equal(scene.Agent.PersonId, Tick(GiveUpAt.AddSeconds(20)).Next!.State.AssigneeId);
    }

    [Fact]
    public void Given_by_routing_or_by_hand_it_is_completed_and_resolved_it_is_withdrawn()
    {
        Transfer();
        var waits = scene.Now;
        Assert.Equal(TransferOutcome.Completed, Conversation.Route(Callers.Tenant, waits, TalkScene.Known(scene.Colleague), null, Callers.Noon).Next!.Handling.Transfer!.Outcome);
        Assert.Equal(
            TransferOutcome.Completed,
            Conversation.Assign(Callers.Tenant, waits, scene.Master, scene.Third.PersonId, TalkScene.Known(scene.Third), Callers.Noon).Next!.Handling.Transfer!.Outcome);
        Assert.Equal(TransferOutcome.Withdrawn, Conversation.Resolve(Callers.Tenant, waits, scene.Master).Next!.Handling.Transfer!.Outcome);
    }

    [Fact, Trait("Catalogue", "RCC-15")]
    public void Who_transferred_it_calls_it_off_and_has_it_back_and_others_do_not()
    {
        Transfer();
        Assert.Equal(ErrorCode.NotFound, scene.Do(scene.Colleague, ControlOperations.CancelTransfer, Facts).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, scene.Do(scene.Customer, ControlOperations.CancelTransfer, Facts).Refusal!.Code);
        var back = scene.Do(scene.Agent, ControlOperations.CancelTransfer, Facts);
        Assert.Equal((scene.Agent.PersonId, TransferOutcome.Cancelled), (back.Next!.State.AssigneeId, back.Next.Handling.Transfer!.Outcome));
        Assert.Equal(ErrorCode.Conflict, scene.Do(scene.Agent, ControlOperations.CancelTransfer, Facts).Refusal!.Code);
    }

    [Fact, Trait("Catalogue", "RCC-15")]
    public void To_a_queue_that_is_closed_nothing_is_transferred()
    {
        var closed = new Targets(Callers.Noon, TalkScene.Until, []) { IsClosed = true };
        Assert.Equal(ErrorCode.Conflict, scene.Do(scene.Agent, new Control { Operation = ControlOperations.Transfer, QueueId = Queue }, new(Callers.Noon, null, closed)).Refusal!.Code);
        Assert.Equal(scene.Agent.PersonId, scene.Now.State.AssigneeId);
    }

    [Fact, Trait("Catalogue", "RCC-14"), Trait("Catalogue", "RCC-15")]
    public void Of_a_group_nobody_else_is_asked_once_the_time_is_over()
    {
        var targets = TalkScene.To(scene.Colleague, scene.Third) with { GiveUpAt = Callers.Noon.AddSeconds(60) };
        scene.Do(scene.Agent, new Control { Operation = ControlOperations.Transfer, GroupId = Guid.CreateVersion7() }, new(Callers.Noon, null, targets));
        Assert.Equal(TalkScene.Until, scene.Now.Handling.Offer!.ExpiresAt);

        var at = TalkScene.Until;
        scene.Take(Conversation.Tick(Callers.Tenant, scene.Now, at, new(new(at, at.AddSeconds(45), targets.Agents), null)));
        Assert.Equal((scene.Third.PersonId, targets.GiveUpAt), (scene.Now.Handling.Offer!.AgentId, scene.Now.Handling.Offer.ExpiresAt));
        var fourth = new TransferTarget(TalkScene.Known(Callers.Agent()), 0);
        scene.Take(Conversation.Tick(Callers.Tenant, scene.Now, targets.GiveUpAt, new(new(targets.GiveUpAt, targets.GiveUpAt.AddSeconds(45), [fourth]), null)));
        Assert.Equal((null, TransferOutcome.NoAnswer, scene.Agent.PersonId), (scene.Now.Handling.Offer, scene.Now.Handling.Transfer!.Outcome, scene.Now.State.AssigneeId));
    }

    ControlFacts Facts => new(Callers.Noon, TalkScene.Known(scene.Agent), null);

    Decision<ConversationSnapshot> Transfer() => scene.Do(
        scene.Agent, new Control { Operation = ControlOperations.Transfer, QueueId = Queue }, new(Callers.Noon, null, new(Callers.Noon, TalkScene.Until, []) { GiveUpAt = GiveUpAt }));

    Decision<ConversationSnapshot> Tick(DateTimeOffset at, ConversationAgent? source = null) =>
        scene.Take(Conversation.Tick(Callers.Tenant, scene.Now, at, new(null, source ?? TalkScene.Known(scene.Agent))));
}
