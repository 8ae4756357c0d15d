using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

public class SupervisionTests
{
    static readonly ControlFacts Facts = new(Callers.Noon, null, null);

    readonly TalkScene scene = new();

    [Fact]
    public void Who_monitors_reads_along_unseen_and_writes_nothing()
    {
        var decision = scene.Do(scene.Master, ControlOperations.Monitor, Facts);
        Assert.Equal(new Participation(scene.Master.PersonId, Part.Monitor), decision.Next!.Handling.Agents[^1]);
        Assert.True(decision.Change!.Rows.OfType<ParticipantRow>().Single(row => row.PersonId == scene.Master.PersonId).Hidden);

        Assert.Equal(ErrorCode.Forbidden, scene.Post(scene.Master).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, scene.Post(scene.Master, Lane.Notes).Refusal!.Code);
        scene.Post(scene.Customer);
        Assert.Equal([MarkKind.Read], Conversation.MarkRead(Callers.Tenant, scene.Now, scene.Master, Lane.Public, 1).Change!.Marks.Select(mark => mark.Kind));
        Assert.Empty(scene.Do(scene.Master, ControlOperations.Monitor, Facts).Change!.Items);
        Assert.True(scene.Do(scene.Master, new Control { Operation = ControlOperations.RemoveParticipant, AgentId = scene.Master.PersonId }).Change!.Answer.IsOk);
        Assert.Equal([scene.Agent.PersonId], scene.Now.Agents);
    }

    [Fact]
    public void A_whisper_reaches_the_agent_who_has_the_conversation_and_nobody_else()
    {
        scene.Do(scene.Agent, new Control { Operation = ControlOperations.AddParticipant, AgentId = scene.Colleague.PersonId }, new(Callers.Noon, TalkScene.Known(scene.Colleague), null));
        scene.Do(scene.Master, ControlOperations.Monitor, Facts);
        var decision = Whisper(scene.Master, Facts);

        Assert.Equal([scene.Agent.PersonId, scene.Master.PersonId], decision.Change!.Items.Select(item => item.Key.Sub));
        Assert.All(decision.Change.Items, item => Assert.Equal([Audience.OfPerson(item.Key.Sub)], item.Tell));
        Assert.Empty(decision.Change.Messages);
        var whispers = JsonSerializer.Deserialize(decision.Change.Items[0].State.AsSpan(), ContractJson.Default.WhispersState)!;
        Assert.Equal((scene.Master.PersonId, scene.Agent.PersonId, "A"), whispers.Whispers.Select(one => (one.FromId, one.ToId, one.Text)).Single());

        scene.Options.MaxWhispers = 1;
        var second = Whisper(scene.Master, Facts with { Heard = whispers });
        Assert.Single(JsonSerializer.Deserialize(second.Change!.Items[0].State.AsSpan(), ContractJson.Default.WhispersState)!.Whispers);
        Assert.Equal(2, second.Change.Items[0].Revision);
    }

    [Fact]
    public void Nobody_whispers_who_takes_no_part_or_to_itself_or_to_nobody()
    {
        Assert.Equal(ErrorCode.Conflict, Whisper(scene.Master, Facts).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Whisper(Callers.Over(scene.Agent), Facts).Refusal!.Code);
        scene.Take(Conversation.Assign(Callers.Tenant, scene.Now, scene.Agent, null, null, Callers.Noon));
        scene.Do(scene.Master, ControlOperations.Monitor, Facts);
        Assert.Equal(ErrorCode.Conflict, Whisper(scene.Master, Facts).Refusal!.Code);
    }

    [Fact]
    public void Who_barges_in_writes_along_seen_by_the_customer()
    {
        scene.Do(scene.Master, ControlOperations.Monitor, Facts);
        var decision = scene.Do(scene.Master, ControlOperations.Barge, Facts);
        Assert.Equal(new Participation(scene.Master.PersonId, Part.Collaborator), decision.Next!.Handling.Agents[^1]);
        Assert.False(decision.Change!.Rows.OfType<ParticipantRow>().Single().Hidden);
        Assert.True(scene.Post(scene.Master).Change!.Answer.IsOk);
        Assert.Equal(scene.Agent.PersonId, scene.Now.State.AssigneeId);
    }

    [Fact]
    public void Who_takes_over_has_it_and_needs_a_place_for_it()
    {
        scene.Do(scene.Master, ControlOperations.Monitor, Facts);
        var decision = scene.Do(scene.Master, ControlOperations.TakeOver, Facts with { Agent = TalkScene.Known(scene.Master.Caller) });
        Assert.Equal(scene.Master.PersonId, decision.Next!.State.AssigneeId);
        Assert.Equal([new Participation(scene.Master.PersonId, Part.Server)], decision.Next.Handling.Agents);
        Assert.Equal([new CapacityClaim(scene.Master.PersonId, 3)], decision.Change!.Claims);
    }

    [Fact]
    public void Monitoring_ends_with_the_agent_it_was_for()
    {
        scene.Do(scene.Master, ControlOperations.Monitor, Facts);
        var another = Conversation.Assign(Callers.Tenant, scene.Now, scene.Agent, scene.Colleague.PersonId, TalkScene.Known(scene.Colleague), Callers.Noon);
        Assert.Equal([scene.Colleague.PersonId], another.Next!.Agents);
        Assert.Equal([scene.Agent.PersonId], Conversation.Resolve(Callers.Tenant, scene.Now, scene.Agent).Next!.Agents);
    }

    [Theory]
    [InlineData(ControlOperations.Monitor)]
    [InlineData(ControlOperations.Barge)]
    [InlineData(ControlOperations.TakeOver)]
    [InlineData(ControlOperations.Whisper)]
    public void Who_does_not_supervise_may_not_and_a_stranger_finds_nothing(string operation)
    {
        Assert.Equal(ErrorCode.Forbidden, scene.Do(scene.Agent, operation).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, scene.Do(new Standing(scene.Master.Caller, new(Manages: true, Supervises: false, [])), operation).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, scene.Do(scene.Master.Caller, operation).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, scene.Do(scene.Third, operation).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, scene.Do(Callers.Over(Callers.Application()), operation, Facts).Refusal!.Code);
        scene.Take(Conversation.Resolve(Callers.Tenant, scene.Now, scene.Agent));
        Assert.Equal(ErrorCode.Closed, scene.Do(scene.Master, operation, Facts).Refusal!.Code);
    }

    [Fact]
    public void A_supervisor_who_is_a_sub_agent_finds_what_it_supervises_and_controls_nothing_while_unseen()
    {
        scene.Do(Callers.Over(scene.Colleague), ControlOperations.Monitor, Facts);
        Assert.Equal(ErrorCode.Forbidden, scene.Do(scene.Colleague, ControlOperations.Hold).Refusal!.Code);
        scene.Do(Callers.Over(scene.Colleague), ControlOperations.Barge, Facts);
        Assert.True(scene.Do(scene.Colleague, ControlOperations.Hold).Change!.Answer.IsOk);
    }

    Decision<ConversationSnapshot> Whisper(Standing by, ControlFacts facts) =>
        scene.Do(by, new Control { Operation = ControlOperations.Whisper, Text = [65], MessageId = Guid.CreateVersion7() }, facts);
}
