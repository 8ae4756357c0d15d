using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

public class TransferTests
{
    readonly TalkScene scene = new();

    [Fact, Trait("Catalogue", "RCC-12")]
    public void A_blind_transfer_is_offered_and_changes_hands_when_it_is_accepted()
    {
        var offered = scene.Transfer(scene.Agent, ToAgent(scene.Colleague), scene.Colleague);
        Assert.Equal(scene.Agent.PersonId, offered.Next!.State.AssigneeId);
        Assert.Equal([new CapacityClaim(scene.Colleague.PersonId, 3)], offered.Change!.Claims);
        Assert.Equal((scene.Colleague.PersonId, TalkScene.Until), Row(offered));
        Assert.DoesNotContain(offered.Change.Items, item => item.Key.Kind == ItemKind.Conversation);
        var offer = OfferIn(offered);
        Assert.Equal((scene.Agent.PersonId, false), (offer.FromId, offer.Consultation));

        var accepted = scene.Do(scene.Colleague, ControlOperations.AcceptOffer);
        Assert.Equal(scene.Colleague.PersonId, accepted.Next!.State.AssigneeId);
        Assert.Equal([scene.Colleague.PersonId], accepted.Next.Agents);
        Assert.Equal(TransferOutcome.Completed, accepted.Next.Handling.Transfer!.Outcome);
        Assert.Empty(accepted.Change!.Claims);
        Assert.Equal(ErrorCode.NotFound, scene.Post(scene.Agent).Refusal!.Code);
    }

    [Fact, Trait("Catalogue", "RCC-12")]
    public void Where_the_account_wants_it_who_had_it_reads_on_writes_nothing_and_controls_nothing()
    {
        scene.Transfer(scene.Agent, ToAgent(scene.Colleague), scene.Colleague);
        var accepted = scene.Do(scene.Colleague, ControlOperations.AcceptOffer, new(Callers.Noon, null, null) { Formers = 3 });

        Assert.Equal([new(scene.Agent.PersonId, Part.Former), new(scene.Colleague.PersonId, Part.Server)], accepted.Next!.Handling.Agents);
        Assert.DoesNotContain(accepted.Change!.Audiences, audience => audience.PersonId == scene.Agent.PersonId);
        Assert.True(accepted.Change.Rows.OfType<ParticipantRow>().Single(row => row.PersonId == scene.Agent.PersonId).Hidden);
        Assert.All(new[] { Lane.Public, Lane.Notes }, lane => Assert.Equal(ErrorCode.Forbidden, scene.Post(scene.Agent, lane).Refusal!.Code));
        Assert.All(
            new[] { ControlOperations.Hold, ControlOperations.Resolve, ControlOperations.Unsnooze, ControlOperations.CancelTransfer },
            operation => Assert.Equal(ErrorCode.Forbidden, scene.Do(scene.Agent, operation).Refusal!.Code));
        scene.Post(scene.Customer);
        Assert.DoesNotContain(Conversation.MarkRead(Callers.Tenant, scene.Now, scene.Agent, Lane.Public, 1).Change!.Marks, mark => mark.Kind == MarkKind.Receipt);
    }

    [Fact, Trait("Catalogue", "RCC-12")]
    public void Only_so_many_read_on_and_none_any_more_once_the_account_does_not_want_it()
    {
        Pass(scene.Agent, scene.Colleague, 1);
        Assert.Equal([scene.Agent.PersonId], Formers());
        Pass(scene.Colleague, scene.Third, 1);
        Assert.Equal([scene.Colleague.PersonId], Formers());

        // It comes back to who reads on: that one serves, and reads on no more.
        Pass(scene.Third, scene.Colleague, 5);
        Assert.Equal([scene.Third.PersonId], Formers());
        Pass(scene.Colleague, scene.Agent, 0);
        Assert.Empty(Formers());

        void Pass(Caller from, Caller to, int formers)
        {
            scene.Transfer(from, ToAgent(to), to);
            Assert.Null(scene.Do(to, ControlOperations.AcceptOffer, new(Callers.Noon, null, null) { Formers = formers }).Refusal);
        }

        IEnumerable<Guid> Formers() => scene.Now.Handling.Agents.Where(one => one.Part == Part.Former).Select(one => one.AgentId);
    }

    [Theory, Trait("Catalogue", "RCC-13")]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_reads_on_can_be_consulted_and_reads_on_after_it_unless_it_gets_the_conversation(bool completed)
    {
        scene.Transfer(scene.Agent, ToAgent(scene.Colleague), scene.Colleague);
        scene.Do(scene.Colleague, ControlOperations.AcceptOffer, new(Callers.Noon, null, null) { Formers = 3 });
        var before = scene.Now;
        Assert.Null(scene.Transfer(scene.Colleague, ToAgent(scene.Agent, TransferKind.Attended), scene.Agent).Refusal);
        scene.Do(scene.Agent, ControlOperations.AcceptOffer);
        Assert.True(scene.Post(scene.Agent, Lane.Notes).Change!.Answer.IsOk);
        Assert.Equal(ErrorCode.Forbidden, scene.Post(scene.Agent).Refusal!.Code);

        if (completed)
        {
            var done = scene.Do(scene.Colleague, ControlOperations.CompleteTransfer, new(Callers.Noon, TalkScene.Known(scene.Agent), null) { Formers = 3 });
            Assert.Equal([new(scene.Colleague.PersonId, Part.Former), new(scene.Agent.PersonId, Part.Server)], done.Next!.Handling.Agents);
        }
        else
        {
            Assert.Equal(before.Handling.Agents.ToHashSet(), scene.Do(scene.Colleague, ControlOperations.CancelTransfer).Next!.Handling.Agents.ToHashSet());
        }
    }

    [Theory, Trait("Catalogue", "RCC-15")]
    [InlineData(TransferKind.Blind, false)]
    [InlineData(TransferKind.Blind, true)]
    [InlineData(TransferKind.Attended, false)]
    [InlineData(TransferKind.Attended, true)]
    public void Declined_or_unanswered_it_stays_where_it_was_and_says_so_once(TransferKind kind, bool unanswered)
    {
        var before = scene.Now;
        scene.Transfer(scene.Agent, ToAgent(scene.Colleague, kind), scene.Colleague);
        var failed = unanswered
            ? scene.Take(Conversation.Tick(Callers.Tenant, scene.Now, TalkScene.Until, new(TalkScene.To(scene.Third), null)))
            : scene.Do(scene.Colleague, ControlOperations.DeclineOffer, new(Callers.Noon, null, TalkScene.To(scene.Third)));

        Assert.Equal(before.State, failed.Next!.State);
        Assert.Equal(before.Revision, failed.Next.Revision);
        Assert.Equal(before.Handling.Agents, failed.Next.Handling.Agents);
        Assert.Equal(unanswered ? TransferOutcome.NoAnswer : TransferOutcome.Declined, failed.Next.Handling.Transfer!.Outcome);
        Assert.Equal((null, null), Row(failed));
        Assert.True(scene.Post(scene.Agent).Change!.Answer.IsOk);
        Assert.Empty(Conversation.Tick(Callers.Tenant, scene.Now, TalkScene.Until).Change!.Items);
    }

    [Fact, Trait("Catalogue", "RCC-14")]
    public void To_a_group_each_is_asked_in_turn_until_one_accepts_or_none_is_left()
    {
        var toGroup = new Control { Operation = ControlOperations.Transfer, GroupId = Guid.CreateVersion7() };
        scene.Transfer(scene.Agent, toGroup, scene.Agent, scene.Colleague, scene.Third);
        Assert.Equal(scene.Colleague.PersonId, scene.Now.Handling.Offer!.AgentId);

        var next = scene.Do(scene.Colleague, ControlOperations.DeclineOffer, new(Callers.Noon, null, TalkScene.To(scene.Colleague, scene.Third)));
        Assert.Equal(scene.Third.PersonId, next.Next!.Handling.Offer!.AgentId);
        Assert.Equal([new CapacityClaim(scene.Third.PersonId, 3)], next.Change!.Claims);
        Assert.Equal([scene.Colleague.PersonId], next.Next.Handling.Transfer!.Passed);

        Assert.Equal(TransferOutcome.Declined, scene.Do(scene.Third, ControlOperations.DeclineOffer, new(Callers.Noon, null, TalkScene.To(scene.Colleague, scene.Third))).Next!.Handling.Transfer!.Outcome);
        Assert.Equal(ErrorCode.Conflict, scene.Transfer(scene.Agent, toGroup).Refusal!.Code);
        Assert.Equal(scene.Agent.PersonId, scene.Now.State.AssigneeId);
    }

    [Fact, Trait("Catalogue", "RCC-14")]
    public void To_a_queue_it_waits_there_at_once()
    {
        var queue = Guid.CreateVersion7();
        var decision = scene.Transfer(scene.Agent, new() { Operation = ControlOperations.Transfer, QueueId = queue });

        Assert.True(Conversation.IsWaiting(decision.Next!));
        Assert.Equal((queue, Callers.Noon, true), (decision.Next!.Handling.QueueId, decision.Next.WaitingSince, decision.Next.Handling.Transfer!.WaitsInQueue));
        Assert.Empty(decision.Next.Agents);
        Assert.Equal([Audience.OfAgents(Callers.Tenant)], Assert.Single(decision.Change!.Items, item => item.Key.Kind == ItemKind.Waiting).Tell);
    }

    [Fact, Trait("Catalogue", "RCC-13")]
    public void Who_is_consulted_reads_along_unseen_writes_notes_and_has_a_place_for_it()
    {
        scene.Transfer(scene.Agent, ToAgent(scene.Colleague, TransferKind.Attended), scene.Colleague);
        var accepted = scene.Do(scene.Colleague, ControlOperations.AcceptOffer);

        Assert.Equal(scene.Agent.PersonId, accepted.Next!.State.AssigneeId);
        Assert.Equal(new Participation(scene.Colleague.PersonId, Part.Consultant), accepted.Next.Handling.Agents[^1]);
        Assert.Equal((scene.Colleague.PersonId, null), Row(accepted));
        Assert.True(Assert.Single(accepted.Change!.Rows.OfType<ParticipantRow>()).Hidden);

        Assert.Equal(ErrorCode.Forbidden, scene.Post(scene.Colleague).Refusal!.Code);
        Assert.Equal(1, scene.Post(scene.Colleague, Lane.Notes).Change!.Answer.Seq);
        Assert.Equal(ErrorCode.Forbidden, Conversation.Resolve(Callers.Tenant, scene.Now, scene.Colleague).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, scene.Do(scene.Colleague, ControlOperations.CompleteTransfer).Refusal!.Code);
        scene.Post(scene.Customer);
        Assert.DoesNotContain(Conversation.MarkRead(Callers.Tenant, scene.Now, scene.Colleague, Lane.Public, 1).Change!.Marks, mark => mark.Kind == MarkKind.Receipt);
    }

    [Fact, Trait("Catalogue", "RCC-13")]
    public void Completed_the_consulted_has_it_without_another_claim()
    {
        Consult();
        var completed = scene.Do(scene.Agent, ControlOperations.CompleteTransfer, new(Callers.Noon, TalkScene.Known(scene.Colleague), null));

        Assert.Equal(scene.Colleague.PersonId, completed.Next!.State.AssigneeId);
        Assert.Equal([new Participation(scene.Colleague.PersonId, Part.Server)], completed.Next.Handling.Agents);
        Assert.Equal(TransferOutcome.Completed, completed.Next.Handling.Transfer!.Outcome);
        Assert.Empty(completed.Change!.Claims);
        Assert.Contains(new(new(ItemKind.Agent, scene.Colleague.PersonId), 4), completed.Change.Fences);
        Assert.False(completed.Change.Rows.OfType<ParticipantRow>().Single(row => row.PersonId == scene.Colleague.PersonId).Hidden);
        Assert.True(scene.Post(scene.Colleague).Change!.Answer.IsOk);
    }

    [Fact, Trait("Catalogue", "RCC-13")]
    public void Cancelled_everything_is_as_before()
    {
        var before = scene.Now;
        Consult();
        var cancelled = scene.Do(scene.Agent, ControlOperations.CancelTransfer);

        Assert.Equal((before.State, null), (cancelled.Next!.State, cancelled.Next.Handling.Offer));
        Assert.Equal(before.Handling.Agents, cancelled.Next.Handling.Agents);
        Assert.Equal(TransferOutcome.Cancelled, cancelled.Next.Handling.Transfer!.Outcome);
        Assert.Equal((null, null), Row(cancelled));
        Assert.Equal(ErrorCode.Conflict, scene.Do(scene.Agent, ControlOperations.CancelTransfer).Refusal!.Code);
    }

    [Fact, Trait("Catalogue", "RCC-15")]
    public void Who_is_consulted_may_say_no_and_who_was_suspended_gets_nothing()
    {
        Consult();
        var suspended = TalkScene.Known(scene.Colleague) with { IsSuspended = true };
        Assert.Equal(ErrorCode.Conflict, scene.Do(scene.Agent, ControlOperations.CompleteTransfer, new(Callers.Noon, suspended, null)).Refusal!.Code);

        Assert.Equal(TransferOutcome.Declined, scene.Do(scene.Colleague, ControlOperations.CancelTransfer).Next!.Handling.Transfer!.Outcome);
        Assert.Equal([scene.Agent.PersonId], scene.Now.Agents);
    }

    [Theory]
    [InlineData(TransferKind.Blind)]
    [InlineData(TransferKind.Attended)]
    public void Resolved_or_assigned_meanwhile_it_is_withdrawn(TransferKind kind)
    {
        scene.Transfer(scene.Agent, ToAgent(scene.Colleague, kind), scene.Colleague);
        var resolved = Conversation.Resolve(Callers.Tenant, scene.Now, scene.Agent);
        Assert.Equal((TransferOutcome.Withdrawn, OfferOutcome.Withdrawn), (resolved.Next!.Handling.Transfer!.Outcome!.Value, OfferIn(resolved).Outcome!.Value));

        var assigned = Conversation.Assign(Callers.Tenant, scene.Now, scene.Master, scene.Third.PersonId, TalkScene.Known(scene.Third), Callers.Noon);
        Assert.Equal((TransferOutcome.Withdrawn, OfferOutcome.Withdrawn), (assigned.Next!.Handling.Transfer!.Outcome!.Value, OfferIn(assigned).Outcome!.Value));
        Assert.Equal([scene.Third.PersonId], assigned.Next.Agents);
    }

    [Fact, Trait("Catalogue", "RCC-15")]
    public void What_cannot_be_is_refused_and_changes_nothing()
    {
        Assert.Equal(ErrorCode.NotFound, scene.Do(scene.Agent, ToAgent(scene.Colleague)).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, scene.Transfer(scene.Agent, ToAgent(scene.Agent), scene.Agent).Refusal!.Code);
        var away = new Targets(Callers.Noon, TalkScene.Until, [new(TalkScene.Known(scene.Colleague, Availability.Away), 0)]);
        Assert.Equal(ErrorCode.Conflict, scene.Do(scene.Agent, ToAgent(scene.Colleague), new(Callers.Noon, null, away)).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, scene.Transfer(scene.Customer, ToAgent(scene.Colleague), scene.Colleague).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, scene.Transfer(scene.Third, ToAgent(scene.Colleague), scene.Colleague).Refusal!.Code);

        scene.Transfer(scene.Agent, ToAgent(scene.Colleague), scene.Colleague);
        Assert.Equal(ErrorCode.Conflict, scene.Transfer(scene.Agent, ToAgent(scene.Third), scene.Third).Refusal!.Code);
        scene.Take(Conversation.Assign(Callers.Tenant, scene.Now, scene.Agent, null, null, Callers.Noon));
        Assert.Equal(ErrorCode.Conflict, scene.Transfer(scene.Master, ToAgent(scene.Colleague), scene.Colleague).Refusal!.Code);
    }

    [Fact]
    public void An_agent_who_takes_only_transfers_gets_one()
    {
        var targets = new Targets(Callers.Noon, TalkScene.Until, [new(TalkScene.Known(scene.Colleague, Availability.TransferOnly), 7)]);
        scene.Do(scene.Agent, ToAgent(scene.Colleague), new(Callers.Noon, null, targets));
        Assert.Equal((scene.Colleague.PersonId, 8), (scene.Now.Handling.Offer!.AgentId, scene.Now.Handling.Offer.Revision));
    }

    [Fact]
    public void What_is_said_with_it_becomes_a_note()
    {
        var decision = scene.Transfer(scene.Agent, ToAgent(scene.Colleague) with { Text = [65], MessageId = Guid.CreateVersion7() }, scene.Colleague);
        Assert.Equal((Lane.Notes, 1L), (Assert.Single(decision.Change!.Messages).Lane, decision.Next!.LastNotesSeq));
    }

    static Control ToAgent(Caller agent, TransferKind kind = TransferKind.Blind) =>
        new() { Operation = kind == TransferKind.Blind ? ControlOperations.Transfer : ControlOperations.Consult, AgentId = agent.PersonId };

    static OfferState OfferIn(Decision<ConversationSnapshot> decision) => JsonSerializer.Deserialize(
        Assert.Single(decision.Change!.Items, one => one.Key.Kind == ItemKind.Offer).State.AsSpan(), ContractJson.Default.OfferState)!;

    static (Guid? OfferedTo, DateTimeOffset? DueAt) Row(Decision<ConversationSnapshot> decision)
    {
        var row = Assert.Single(decision.Change!.Rows.OfType<ConversationRow>());
        return (row.OfferedTo, row.DueAt);
    }

    void Consult()
    {
        scene.Transfer(scene.Agent, ToAgent(scene.Colleague, TransferKind.Attended), scene.Colleague);
        scene.Do(scene.Colleague, ControlOperations.AcceptOffer);
    }
}
