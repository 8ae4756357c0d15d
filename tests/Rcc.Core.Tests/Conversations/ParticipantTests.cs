using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

public class ParticipantTests
{
    readonly TalkScene scene = new();

    [Fact]
    public void Who_is_added_writes_along_and_who_is_removed_finds_nothing_any_more()
    {
        var added = Add(scene.Agent, scene.Colleague);
        Assert.Equal(new Participation(scene.Colleague.PersonId, Part.Collaborator), added.Next!.Handling.Agents[^1]);
        Assert.Contains(new(scene.Colleague.PersonId, Audience.OfNotes(scene.Now.Id), MembershipState.Reads), added.Change!.Audiences);
        Assert.True(scene.Post(scene.Colleague).Change!.Answer.IsOk);
        Assert.Empty(Add(scene.Agent, scene.Colleague).Change!.Items);

        Assert.Contains(Remove(scene.Agent, scene.Colleague).Change!.Departures, gone => gone.Tell.Contains(Audience.OfPerson(scene.Colleague.PersonId)));
        Assert.Equal(ErrorCode.NotFound, scene.Post(scene.Colleague).Refusal!.Code);
        Assert.Empty(Remove(scene.Agent, scene.Colleague).Change!.Items);
    }

    [Fact]
    public void Everybody_may_leave_but_who_has_the_conversation_and_only_that_one_removes_others()
    {
        Add(scene.Agent, scene.Colleague);
        Add(scene.Colleague, scene.Third);
        Assert.Equal(ErrorCode.Forbidden, Remove(scene.Colleague, scene.Third).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Remove(scene.Agent, scene.Agent).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Remove(scene.Master, scene.Agent).Refusal!.Code);

        Assert.True(Remove(scene.Third, scene.Third).Change!.Answer.IsOk);
        Assert.True(Remove(scene.Master, scene.Colleague).Change!.Answer.IsOk);
        Assert.Equal([scene.Agent.PersonId], scene.Now.Agents);
    }

    [Fact]
    public void Nobody_is_added_who_is_suspended_or_unknown_or_too_many()
    {
        scene.Options.MaxAgents = 2;
        Assert.Equal(ErrorCode.NotFound, scene.Do(scene.Agent, Named(ControlOperations.AddParticipant, scene.Colleague)).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, scene.Do(scene.Agent, Named(ControlOperations.AddParticipant, scene.Colleague), new(Callers.Noon, TalkScene.Known(scene.Colleague) with { IsSuspended = true }, null)).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Add(scene.Third, scene.Colleague).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Add(scene.Customer, scene.Colleague).Refusal!.Code);

        Add(scene.Agent, scene.Colleague);
        Assert.Equal(ErrorCode.TooLarge, Add(scene.Agent, scene.Third).Refusal!.Code);
    }

    [Fact]
    public void Who_is_removed_while_it_is_consulted_is_asked_no_more()
    {
        scene.Transfer(scene.Agent, Named(ControlOperations.Consult, scene.Colleague), scene.Colleague);
        scene.Do(scene.Colleague, ControlOperations.AcceptOffer);
        Assert.Equal(TransferOutcome.Cancelled, Remove(scene.Agent, scene.Colleague).Next!.Handling.Transfer!.Outcome);
        Assert.Equal((scene.Agent.PersonId, null), (scene.Now.State.AssigneeId, scene.Now.ReservedFor));
    }

    [Fact]
    public void A_mention_is_told_to_the_person_alone_counts_up_and_brings_it_in()
    {
        var first = Mention(scene.Agent, scene.Colleague);
        var item = Assert.Single(first.Change!.Items, one => one.Key.Kind == ItemKind.Mention);
        Assert.Equal((1, Audience.OfPerson(scene.Colleague.PersonId)), (item.Revision, item.Home));
        Assert.Equal([Audience.OfPerson(scene.Colleague.PersonId)], item.Tell);
        var state = JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.MentionState)!;
        Assert.Equal((1L, scene.Agent.PersonId, first.Change.Answer.MessageId), (state.NotesSeq, state.ById, state.MessageId));
        Assert.True(first.Next!.TakesPart(scene.Colleague.PersonId));
        Assert.Contains(new(new(ItemKind.Agent, scene.Colleague.PersonId), 4), first.Change.Fences);

        var second = Mention(scene.Agent, scene.Colleague);
        Assert.Equal(2, Assert.Single(second.Change!.Items).Revision);

        // Who left has forgotten it, and begins anew.
        var left = Remove(scene.Colleague, scene.Colleague);
        Assert.Contains(left.Change!.Departures, gone => gone is { Key.Kind: ItemKind.Mention, Delete: true });
        Assert.Equal(1, Assert.Single(Mention(scene.Agent, scene.Colleague).Change!.Items, one => one.Key.Kind == ItemKind.Mention).Revision);
    }

    [Fact]
    public void Who_is_mentioned_is_met_by_the_customer_with_its_first_message_to_it_and_not_before()
    {
        scene.Post(scene.Customer);
        var mentioned = Mention(scene.Agent, scene.Colleague);
        Assert.Equal(new Participation(scene.Colleague.PersonId, Part.Reader), mentioned.Next!.Handling.Agents[^1]);
        Assert.True(mentioned.Change!.Rows.OfType<ParticipantRow>().Single().Hidden);
        Assert.Equal([MarkKind.Read], MarkRead(scene.Colleague));
        Assert.DoesNotContain(scene.Post(scene.Colleague, Lane.Notes).Change!.Items, item => item.Key.Kind == ItemKind.Handling);

        var met = scene.Post(scene.Colleague);
        Assert.Equal(new Participation(scene.Colleague.PersonId, Part.Collaborator), met.Next!.Handling.Agents[^1]);
        Assert.False(met.Change!.Rows.OfType<ParticipantRow>().Single().Hidden);
        Assert.Equal([MarkKind.Receipt, MarkKind.Read], MarkRead(scene.Colleague));

        // Mentioned again, it stays what it is; and who is added to the conversation is met like anybody who is.
        Mention(scene.Agent, scene.Colleague);
        Mention(scene.Colleague, scene.Third);
        Add(scene.Agent, scene.Third);
        Assert.Equal([Part.Server, Part.Collaborator, Part.Collaborator], scene.Now.Handling.Agents.Select(one => one.Part));
    }

    [Fact]
    public void A_note_of_a_manager_brings_it_in_unseen_and_it_controls_as_before()
    {
        scene.Post(scene.Customer);
        var noted = scene.Post(scene.Master, Lane.Notes);
        Assert.Equal(new Participation(scene.Master.PersonId, Part.Reader), noted.Next!.Handling.Agents[^1]);
        Assert.Equal([MarkKind.Read], MarkRead(scene.Master));
        Assert.True(scene.Do(scene.Master, ControlOperations.Hold).Change!.Answer.IsOk);
        Assert.True(scene.Do(scene.Master, ControlOperations.Resume).Change!.Answer.IsOk);
        scene.Post(scene.Master);
        Assert.Equal([Part.Server, Part.Collaborator], scene.Now.Handling.Agents.Select(one => one.Part));
    }

    [Fact]
    public void Nobody_is_mentioned_to_the_customer_and_no_stranger_by_who_reads_along_unseen()
    {
        Assert.Equal(ErrorCode.Malformed, Mention(scene.Agent, scene.Colleague, Lane.Public).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Mention(scene.Customer, scene.Colleague).Refusal!.Code);
        scene.Transfer(scene.Agent, Named(ControlOperations.Consult, scene.Colleague), scene.Colleague);
        scene.Do(scene.Colleague, ControlOperations.AcceptOffer);
        Assert.Equal(ErrorCode.Forbidden, Mention(scene.Colleague, scene.Third).Refusal!.Code);
        Assert.True(Mention(scene.Colleague, scene.Agent).Change!.Answer.IsOk);
    }

    static Control Named(string operation, Caller agent) => new() { Operation = operation, AgentId = agent.PersonId };

    Decision<ConversationSnapshot> Add(Standing by, Caller agent) => scene.Do(by, Named(ControlOperations.AddParticipant, agent), new(Callers.Noon, TalkScene.Known(agent), null));

    Decision<ConversationSnapshot> Remove(Standing by, Caller agent) => scene.Do(by, Named(ControlOperations.RemoveParticipant, agent));

    IEnumerable<MarkKind> MarkRead(Standing by) => Conversation.MarkRead(Callers.Tenant, scene.Now, by, Lane.Public, 1).Change!.Marks.Select(mark => mark.Kind);

    Decision<ConversationSnapshot> Mention(Caller by, Caller agent, Lane lane = Lane.Notes) => scene.Take(Conversation.Post(
        Callers.Tenant,
        scene.Now,
        by,
        new(Guid.CreateVersion7(), lane, "text/plain", [65]) { Mentions = [agent.PersonId] },
        default,
        scene.Options,
        new(Callers.Noon, [TalkScene.Known(agent)])));
}
