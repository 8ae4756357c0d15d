using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

/// <summary>Who has gone keeps nobody waiting.</summary>
public class TakeBackTests
{
    readonly TalkScene scene = new();

    [Theory, Trait("Catalogue", "RCC-8"), Trait("Catalogue", "RCC-35")]
    [InlineData(true, Availability.Offline)]
    [InlineData(false, Availability.Offline)]
    [InlineData(false, Availability.Away)]
    public void What_is_offered_from_a_queue_to_who_has_gone_waits_at_once_and_that_one_may_be_asked_again(bool suspended, Availability availability)
    {
        OfferFromQueue();
        var gone = TalkScene.Known(scene.Colleague, availability) with { IsSuspended = suspended };
        var recalled = TakeBack(gone);

        Assert.True(Conversation.IsWaiting(recalled.Next!));
        Assert.Equal((null, null), (recalled.Next!.Handling.Offer, recalled.Next.ReservedFor));
        Assert.Empty(recalled.Next.Handling.Passed);
        Assert.Equal(OfferOutcome.Withdrawn, OfferIn(recalled).Outcome);
        Assert.Null(Assert.Single(recalled.Change!.Rows.OfType<ConversationRow>()).OfferedTo);
        Assert.Contains(new(new(ItemKind.Agent, gone.Id), gone.Revision), recalled.Change.Fences);
        Assert.NotNull(TakeBack(gone).Refusal);
    }

    [Theory]
    [InlineData(Availability.Online)]
    [InlineData(Availability.Busy)]
    [InlineData(Availability.TransferOnly)]
    public void Who_is_at_the_desk_keeps_its_offer(Availability availability)
    {
        OfferFromQueue();
        Assert.Equal(ErrorCode.Conflict, TakeBack(TalkScene.Known(scene.Colleague, availability)).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, TakeBack(TalkScene.Known(scene.Third, Availability.Offline)).Refusal!.Code);
        Assert.NotNull(scene.Now.Handling.Offer);
    }

    [Fact, Trait("Catalogue", "RCC-15")]
    public void A_transfer_to_a_group_goes_on_to_the_next_and_after_the_last_stays_where_it_is()
    {
        scene.Transfer(scene.Agent, new() { Operation = ControlOperations.Transfer, GroupId = Guid.CreateVersion7() }, scene.Colleague, scene.Third);
        var next = TakeBack(TalkScene.Known(scene.Colleague, Availability.Offline), TalkScene.To(scene.Third));
        Assert.Equal(scene.Third.PersonId, next.Next!.Handling.Offer!.AgentId);
        Assert.Equal([new CapacityClaim(scene.Third.PersonId, 3)], next.Change!.Claims);

        TakeBack(TalkScene.Known(scene.Third, Availability.Offline));
        Assert.Equal((scene.Agent.PersonId, TransferOutcome.NoAnswer), (scene.Now.State.AssigneeId, scene.Now.Handling.Transfer!.Outcome));
    }

    [Fact, Trait("Catalogue", "RCC-13"), Trait("Catalogue", "RCC-35")]
    public void Who_is_consulted_stays_while_away_and_leaves_when_it_is_suspended()
    {
        scene.Transfer(scene.Agent, new() { Operation = ControlOperations.Consult, AgentId = scene.Colleague.PersonId }, scene.Colleague);
        scene.Do(scene.Colleague, ControlOperations.AcceptOffer);
        Assert.NotNull(TakeBack(TalkScene.Known(scene.Colleague, Availability.Offline)).Refusal);

        var ended = TakeBack(TalkScene.Known(scene.Colleague) with { IsSuspended = true });
        Assert.Equal([scene.Agent.PersonId], ended.Next!.Agents);
        Assert.Equal((null, TransferOutcome.NoAnswer), (ended.Next.ReservedFor, ended.Next.Handling.Transfer!.Outcome));
    }

    [Fact, Trait("Catalogue", "RCC-39")]
    public void What_a_suspended_agent_has_waits_again()
    {
        var held = TalkScene.Known(scene.Agent) with { IsSuspended = true };
        var taken = scene.Take(Conversation.TakeBack(Callers.Tenant, scene.Now, held, null, null, Callers.Noon.AddMinutes(5)));
        Assert.True(Conversation.IsWaiting(taken.Next!));
        Assert.Contains(new(new(ItemKind.Agent, held.Id), held.Revision), taken.Change!.Fences);

        // It keeps its place among those who came when its session began.
        var row = Assert.Single(taken.Change.Rows.OfType<ConversationRow>());
        Assert.Equal((Callers.Noon.AddMinutes(5), Callers.Noon), (row.WaitingSince, row.SessionSince));
        Assert.Equal(ErrorCode.NotFound, Conversation.TakeBack(Callers.Tenant, null, held, null, null, Callers.Noon).Refusal!.Code);
    }

    void OfferFromQueue()
    {
        scene.Take(Conversation.Assign(Callers.Tenant, scene.Now, scene.Agent, null, null, Callers.Noon));
        scene.Take(Conversation.Offer(Callers.Tenant, scene.Now, TalkScene.Known(scene.Colleague), null, 0, Callers.Noon, TalkScene.Until));
    }

    Decision<ConversationSnapshot> TakeBack(ConversationAgent reserved, Targets? others = null) =>
        scene.Take(Conversation.TakeBack(Callers.Tenant, scene.Now, null, reserved, others, Callers.Noon));

    static OfferState OfferIn(Decision<ConversationSnapshot> decision) => JsonSerializer.Deserialize(
        Assert.Single(decision.Change!.Items, one => one.Key.Kind == ItemKind.Offer).State.AsSpan(), ContractJson.Default.OfferState)!;
}
