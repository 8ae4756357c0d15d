using System.Text.Json;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Replay.Check;

namespace Rcc.Replay.Tests.Control;

/// <summary>What takes a place of an agent, and what gives it back, as its device is told.</summary>
public sealed class HeldPlacesTests
{
    static readonly Guid Agent = Guid.CreateVersion7();

    readonly HeldPlaces places = new(Agent, capacity: 2);

    [Fact]
    public void One_conversation_more_than_the_capacity_is_seen_at_once()
    {
        Assign(Guid.CreateVersion7(), Agent);
        Assign(Guid.CreateVersion7(), Agent);
        Assert.False(places.IsExceeded);

        Assign(Guid.CreateVersion7(), Agent);

        Assert.True(places.IsExceeded);
    }

    [Fact]
    public void An_offer_and_a_consultation_take_a_place_like_a_conversation()
    {
        Assign(Guid.CreateVersion7(), Agent);
        Offer(Guid.CreateVersion7(), null);
        Consult(Guid.CreateVersion7(), null);

        Assert.Equal(3, places.Count);
        Assert.True(places.IsExceeded);
    }

    [Fact]
    public void What_is_offered_and_then_assigned_takes_one_place()
    {
        var conversation = Guid.CreateVersion7();
        Offer(conversation, null);
        Assign(conversation, Agent);

        Assert.Equal(1, places.Count);
    }

    [Fact]
    public void Others_conversations_resolved_ones_and_ended_offers_take_none()
    {
        Assign(Guid.CreateVersion7(), Guid.CreateVersion7());
        Assign(Guid.CreateVersion7(), null);
        Assign(Guid.CreateVersion7(), Agent, ConversationStatus.Resolved);
        Offer(Guid.CreateVersion7(), OfferOutcome.Declined);
        Consult(Guid.CreateVersion7(), TransferOutcome.Cancelled);

        Assert.Equal(0, places.Count);
    }

    [Fact]
    public void What_leaves_the_device_gives_its_place_back()
    {
        var conversation = Guid.CreateVersion7();
        Assign(conversation, Agent);
        Offer(conversation, null);
        Consult(conversation, null);
        foreach (var key in new[] { Key(ItemKinds.Conversation, conversation), Key(ItemKinds.Offer, conversation), Key(ItemKinds.Handling, conversation) })
            places.Take(key, null);

        Assert.Equal(0, places.Count);
    }

    void Assign(Guid conversation, Guid? agent, ConversationStatus status = ConversationStatus.Open) => Take(
        Key(ItemKinds.Conversation, conversation),
        JsonSerializer.SerializeToElement(
            new ConversationState
            {
                DisplayId = 1, InboxId = Guid.Empty, ContactId = Guid.Empty, Status = status, AssigneeId = agent, OpenedAt = DateTimeOffset.UnixEpoch, ContributionId = Guid.Empty,
            },
            ContractJson.Default.ConversationState));

    void Offer(Guid conversation, OfferOutcome? outcome) => Take(
        Key(ItemKinds.Offer, conversation),
        JsonSerializer.SerializeToElement(
            new OfferState { DisplayId = 1, QueueId = Guid.Empty, At = DateTimeOffset.UnixEpoch, ExpiresAt = DateTimeOffset.UnixEpoch, Outcome = outcome }, ContractJson.Default.OfferState));

    void Consult(Guid conversation, TransferOutcome? outcome) => Take(
        Key(ItemKinds.Handling, conversation),
        JsonSerializer.SerializeToElement(
            new HandlingState
            {
                QueueId = Guid.Empty,
                Transfer = new() { Kind = TransferKind.Attended, FromId = Guid.Empty, ById = Guid.Empty, FromQueueId = Guid.Empty, At = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.UnixEpoch, ConsultantId = Agent, Outcome = outcome },
            },
            ContractJson.Default.HandlingState));

    void Take(ItemKey key, JsonElement state) => places.Take(key, new ReplicaItem(key, 1, state, 0));

    static ItemKey Key(string kind, Guid conversation) => new(kind, kind switch
    {
        ItemKinds.Offer => $"{conversation}/{Agent}",
        ItemKinds.Handling => $"{conversation}/{conversation}",
        _ => conversation.ToString(),
    });
}
