using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

public class HoldTests
{
    readonly TalkScene scene = new();

    [Fact, Trait("Catalogue", "RCC-10")]
    public void The_customer_sees_that_it_is_held_and_the_agents_by_whom_and_since_when()
    {
        var decision = scene.Do(scene.Agent, ControlOperations.Hold);

        Assert.True(decision.Next!.State.OnHold);
        Assert.Equal(new Hold(scene.Agent.PersonId, scene.Agent.DeviceId, Callers.Noon), decision.Next.Handling.Hold);
        var state = Assert.Single(decision.Change!.Items, item => item.Key.Kind == ItemKind.Conversation);
        Assert.Contains(Audience.OfConversation(scene.Now.Id), state.Tell);
        var handling = Assert.Single(decision.Change.Items, item => item.Key.Kind == ItemKind.Handling);
        Assert.Equal([Audience.OfPerson(scene.Agent.PersonId)], handling.Tell);
    }

    [Fact, Trait("Catalogue", "RCC-10")]
    public void While_held_the_customers_messages_take_their_places_and_are_read_and_the_agents_are_refused()
    {
        scene.Do(scene.Agent, ControlOperations.Hold);

        Assert.Equal(1, scene.Post(scene.Customer).Change!.Answer.Seq);
        Assert.Equal(2, scene.Post(scene.Customer).Change!.Answer.Seq);
        Assert.Equal(ErrorCode.OnHold, scene.Post(scene.Agent).Refusal!.Code);
        Assert.Equal(ErrorCode.OnHold, scene.Post(scene.Master).Refusal!.Code);
        Assert.Equal(1, scene.Post(scene.Agent, Lane.Notes).Change!.Answer.Seq);
        var read = Conversation.MarkRead(Callers.Tenant, scene.Now, scene.Agent, Lane.Public, 2);
        Assert.Contains(read.Change!.Marks, mark => mark.Kind == MarkKind.Receipt);
    }

    [Fact, Trait("Catalogue", "RCC-11")]
    public void It_is_resumed_on_another_device_and_the_next_message_follows_those_that_came_meanwhile()
    {
        scene.Do(scene.Agent, ControlOperations.Hold);
        scene.Post(scene.Customer);
        var phone = scene.Agent with { DeviceId = Guid.CreateVersion7() };

        Assert.False(scene.Do(phone, ControlOperations.Resume).Next!.State.OnHold);
        Assert.Null(scene.Now.Handling.Hold);
        Assert.Equal(2, scene.Post(phone).Change!.Answer.Seq);
    }

    [Fact]
    public void Holding_twice_keeps_the_first_and_resuming_what_is_not_held_changes_nothing()
    {
        Assert.Empty(scene.Do(scene.Agent, ControlOperations.Resume).Change!.Items);
        scene.Do(scene.Agent, ControlOperations.Hold);
        Assert.Empty(scene.Do(scene.Master, ControlOperations.Hold).Change!.Items);
        Assert.Equal(scene.Agent.PersonId, scene.Now.Handling.Hold!.AgentId);
    }

    [Fact]
    public void What_waits_or_is_resolved_is_not_held_and_a_hold_ends_with_what_is_served()
    {
        scene.Do(scene.Agent, ControlOperations.Hold);
        scene.Take(Conversation.Assign(Callers.Tenant, scene.Now, scene.Agent, null, null, Callers.Noon));
        Assert.False(scene.Now.State.OnHold);
        Assert.Equal(ErrorCode.Conflict, scene.Do(scene.Master, ControlOperations.Hold).Refusal!.Code);

        scene.Take(Conversation.Route(Callers.Tenant, scene.Now, TalkScene.Known(scene.Agent), null, Callers.Noon));
        scene.Do(scene.Agent, ControlOperations.Hold);
        scene.Take(Conversation.Resolve(Callers.Tenant, scene.Now, scene.Agent));
        Assert.Equal((false, null), (scene.Now.State.OnHold, scene.Now.Handling.Hold));
        Assert.Equal(ErrorCode.Closed, scene.Do(scene.Agent, ControlOperations.Hold).Refusal!.Code);
        Assert.Equal(ErrorCode.Closed, scene.Do(scene.Agent, ControlOperations.Resume).Refusal!.Code);
    }

    [Fact, Trait("Catalogue", "RCC-17")]
    public void Each_control_is_allowed_by_itself()
    {
        var may = scene.Agent with { Controls = Controls.Hold };
        Assert.True(scene.Do(may, ControlOperations.Hold).Change!.Answer.IsOk);
        var transfer = new Control { Operation = ControlOperations.Transfer, AgentId = scene.Colleague.PersonId };
        Assert.Equal(ErrorCode.Forbidden, scene.Transfer(may, transfer, scene.Colleague).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, scene.Do(may, new Control { Operation = ControlOperations.AddParticipant, AgentId = scene.Colleague.PersonId }).Refusal!.Code);
        Assert.True(scene.Transfer(may with { Controls = Controls.Transfer }, transfer, scene.Colleague).Change!.Answer.IsOk);
        Assert.Equal(ErrorCode.Forbidden, scene.Do(may with { Controls = Controls.Transfer }, ControlOperations.Resume).Refusal!.Code);
    }

    [Fact]
    public void A_customer_holds_nothing_and_a_stranger_finds_nothing()
    {
        Assert.Equal(ErrorCode.Forbidden, scene.Do(scene.Customer, ControlOperations.Hold).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, scene.Do(scene.Colleague, ControlOperations.Hold).Refusal!.Code);
    }
}
