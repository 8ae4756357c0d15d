using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Routing;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// Turns two states of a conversation into what must be committed to get from one to the other: its items with their revisions, who reads them, its rows. Everything follows from the states, so that no
/// rule can forget an audience, and none can end an offer in silence.
/// </summary>
internal static class ConversationChange
{
    public static (ConversationSnapshot Next, Proposal Change) Between(TenantId tenant, ConversationSnapshot? before, ConversationSnapshot after, OfferEnding? ending = null)
    {
        var key = new ItemKey(ItemKind.Conversation, after.Id);
        if (before is not null && before.State == after.State && IsSame(before.Handling, after.Handling) && before.WaitingSince == after.WaitingSince)
        {
            // What a post or a read position rests on: whether it is open and held moves with the conversation's own item, who takes part and that it is put off with its handling.
            return (after, new()
            {
                Answer = Answer.Done with { ConversationId = after.Id, Revision = after.Revision },
                Fences = [new(key, after.Revision), new(ItemKey.OfHandling(after.Id), after.HandlingRevision)],
            });
        }

        var people = People(before).Union(People(after)).ToList();
        var changed = people.Where(person => Membership(before, person) != Membership(after, person)).ToList();
        var isPublic = before is null || before.State != after.State || before.WaitingSince != after.WaitingSince;
        var isInternal = before is null || !IsSame(before.Handling, after.Handling);
        var next = after with
        {
            Personal = changed.Count == 0 ? after.Personal : after.Personal.RemoveRange(after.Personal.Keys.Where(key => Membership(after, key.Sub) == MembershipState.Left)),
            Revision = after.Revision + (isPublic ? 1 : 0),
            HandlingRevision = after.HandlingRevision + (isInternal ? 1 : 0),
            WaitingRevision = after.WaitingRevision + (WaitingOf(tenant, before) != WaitingOf(tenant, after) ? 1 : 0),
        };
        var handling = ItemKey.OfHandling(next.Id);
        var answer = Answer.Done with { ConversationId = next.Id, Revision = next.Revision };
        var gone = changed.Where(person => Membership(next, person) == MembershipState.Left).ToImmutableArray();
        var waiting = Waiting(tenant, before, next);
        var items = ImmutableArray.CreateBuilder<ItemChange>();
        var fences = ImmutableArray.CreateBuilder<ItemFence>();
        ImmutableArray<Showing> shown = [];
        if (isPublic)
        {
            items.Add(new(key, next.Revision, StateOf(next), Audience.OfConversation(next.Id), Tell(next, [.. changed.Except(gone)])));
        }
        else
        {
            // Whoever joins is told the conversation. Nobody else is: the customer would learn that something is going on.
            fences.Add(new(key, next.Revision));
            shown = changed.Count == gone.Length ? [] : [new(key, next.Revision, StateOf(next), [.. changed.Except(gone).Select(Audience.OfPerson)])];
        }

        if (isInternal)
        {
            // Told in person: a device that takes no notes still shows how the conversation is handled.
            var state = JsonSerializer.SerializeToUtf8Bytes(next.Handling, ContractJson.Default.HandlingState);
            items.Add(new(handling, next.HandlingRevision, ImmutableArray.Create(state), Audience.OfNotes(next.Id), [.. next.Agents.Select(Audience.OfPerson)]));
        }
        else
        {
            fences.Add(new(handling, next.HandlingRevision));
        }

        if (waiting.Item is { } item)
        {
            items.Add(item);
        }

        var offers = Offers(before, next, ending).ToList();
        items.AddRange(offers);
        return (next, new()
        {
            Answer = answer,
            Fences = fences.ToImmutable(),
            Audiences = [.. changed.SelectMany(person => Audiences(before, next, person))],
            Items = items.ToImmutable(),
            Shown = shown,
            Departures = [.. gone.IsEmpty ? [] : Leaving(before!, next, gone), .. waiting.Left, .. offers.Where(offer => offer.Home == default).Select(Gone)],
            Rows = [Row(next), .. WaitOf(tenant, before, next), .. TaggingOf(before, next), .. people.Where(person => JoinsOrLeaves(before, next, person)).Select(person => ParticipantOf(before, next, person))],
        });
    }

    static ImmutableArray<byte> StateOf(ConversationSnapshot conversation) => ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(conversation.State, ContractJson.Default.ConversationState));

    static IEnumerable<TaggingRow> TaggingOf(ConversationSnapshot? before, ConversationSnapshot after) =>
        TaggingRow.Between(AttributeOwner.Conversation, after.Id, before is null ? ([], []) : (before.Handling.Labels, Texts(before)), after.Handling.Labels, Texts(after)) is { } row ? [row] : [];

    static IEnumerable<KeyValuePair<string, string>> Texts(ConversationSnapshot conversation) =>
        conversation.Handling.CustomAttributes.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => KeyValuePair.Create(value.Key, value.Value.GetRawText()));

    static bool IsSame(HandlingState before, HandlingState after) =>
        ReferenceEquals(before, after)
        || JsonSerializer.SerializeToUtf8Bytes(before, ContractJson.Default.HandlingState).AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(after, ContractJson.Default.HandlingState));

    /// <summary>A device forgets what hangs on a conversation that leaves it; what its person was going to say there is over for the store too.</summary>
    static IEnumerable<Departure> Leaving(ConversationSnapshot before, ConversationSnapshot after, ImmutableArray<Guid> gone) =>
        gone.Select(person => new ItemKey(ItemKind.Draft, after.Id, person)).Concat(before.Personal.Keys.Where(key => gone.Contains(key.Sub)))
            .Select(key => new Departure(key, LeftReason.Deleted, [Audience.OfPerson(key.Sub)], Delete: true))
            .Prepend(new(new(ItemKind.Conversation, after.Id), LeftReason.Left, [.. gone.Select(Audience.OfPerson)]));

    /// <summary>All agents see what waits, and nothing of what does not: then it has no home.</summary>
    static (ItemChange? Item, ImmutableArray<Departure> Left) Waiting(TenantId tenant, ConversationSnapshot? before, ConversationSnapshot after)
    {
        var (was, waits) = (WaitingOf(tenant, before), WaitingOf(tenant, after));
        if (was == waits)
        {
            return (null, []);
        }

        var key = new ItemKey(ItemKind.Waiting, after.Id);
        var home = waits is null ? default : Audience.OfAgents(tenant);
        var item = new ItemChange(
            key,
            after.WaitingRevision,
            ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes((waits ?? was)!, ContractJson.Default.WaitingState)),
            home,
            waits is null ? [] : [home]);
        return (item, waits is null ? [new(key, LeftReason.Left, [Audience.OfAgents(tenant)])] : []);
    }

    static WaitingState? WaitingOf(TenantId tenant, ConversationSnapshot? state) => state is { WaitingSince: { } since } && Conversation.IsWaiting(state)
        ? new() { QueueId = state.Handling.QueueId, DisplayId = state.State.DisplayId, Since = since, Priority = state.Handling.Priority, FirstResponse = state.Handling.Targets?.FirstResponse }
        : null;

    /// <summary>What waited in a queue, and does not any more. Who gets a transfer back has not served the queue.</summary>
    static IEnumerable<RowWrite> WaitOf(TenantId tenant, ConversationSnapshot? before, ConversationSnapshot after)
    {
        if (WaitingOf(tenant, before) is { } was && WaitingOf(tenant, after)?.QueueId != was.QueueId)
        {
            var isBack = before!.Handling.Transfer is { WaitsInQueue: true } transfer && after.State.AssigneeId == transfer.FromId;
            yield return new QueueWaitRow { ConversationId = after.Id, QueueId = was.QueueId, Since = was.Since, Served = after.State.AssigneeId is not null && !isBack };
        }
    }

    /// <summary>An offer that is over is told once more, with how it ended, and is gone.</summary>
    static IEnumerable<ItemChange> Offers(ConversationSnapshot? before, ConversationSnapshot after, OfferEnding? ending)
    {
        var (was, stands) = (before?.Handling.Offer, after.Handling.Offer);
        if (was == stands)
        {
            yield break;
        }

        if (was is not null)
        {
            yield return Offer(after, was, was.Revision + 1, ending ?? new(OfferOutcome.Withdrawn, null));
        }

        if (stands is not null)
        {
            yield return Offer(after, stands, stands.Revision, null);
        }
    }

    static ItemChange Offer(ConversationSnapshot after, Offering offer, int revision, OfferEnding? ending)
    {
        var state = new OfferState
        {
            DisplayId = after.State.DisplayId,
            QueueId = after.Handling.QueueId,

            // The agent's devices were told it, and what is kept of an offer that is over names nobody.
            ContactName = ending is null ? after.State.ContactName : null,
            FromId = offer.FromId,
            Consultation = offer.FromId is not null && after.Handling.Transfer?.Kind == TransferKind.Attended,
            At = offer.At,
            ExpiresAt = offer.ExpiresAt,
            Outcome = ending?.Outcome,
            DeviceId = ending?.DeviceId,
        };
        var person = Audience.OfPerson(offer.AgentId);
        return new(
            new(ItemKind.Offer, after.Id, offer.AgentId),
            revision,
            ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(state, ContractJson.Default.OfferState)),
            ending is null ? person : default,
            [person]);
    }

    static Departure Gone(ItemChange offer) => new(offer.Key, LeftReason.Left, offer.Tell);

    static IEnumerable<Guid> People(ConversationSnapshot? state) => state is null ? [] : state.Agents.Prepend(state.State.ContactId);

    static MembershipState Membership(ConversationSnapshot? state, Guid person)
    {
        if (!People(state).Contains(person))
        {
            return MembershipState.Left;
        }

        return state!.State.Status == ConversationStatus.Open ? MembershipState.Reads : MembershipState.Rests;
    }

    static IEnumerable<AudienceChange> Audiences(ConversationSnapshot? before, ConversationSnapshot after, Guid person)
    {
        var membership = Membership(after, person);
        yield return new(person, Audience.OfConversation(after.Id), membership);
        if (IsAgent(before, after, person))
        {
            yield return new(person, Audience.OfNotes(after.Id), membership);
        }
    }

    /// <summary>
    /// Who reads the conversation is told there; who begins or ceases to read it is told in person, and so is everybody of a resolved one: nobody is to read the audiences of all that is past.
    /// </summary>
    static ImmutableArray<Audience> Tell(ConversationSnapshot after, IReadOnlyCollection<Guid> changed) =>
        after.State.Status == ConversationStatus.Open
            ? [Audience.OfConversation(after.Id), .. changed.Select(Audience.OfPerson)]
            : [.. People(after).Select(Audience.OfPerson)];

    static bool IsAgent(ConversationSnapshot? before, ConversationSnapshot after, Guid person) =>
        after.TakesPart(person) || before?.TakesPart(person) == true;

    static bool JoinsOrLeaves(ConversationSnapshot? before, ConversationSnapshot after, Guid person) =>
        (Membership(before, person) == MembershipState.Left) != (Membership(after, person) == MembershipState.Left) || before?.IsHidden(person) != after.IsHidden(person);

    static ConversationRow Row(ConversationSnapshot after) => new()
    {
        Id = after.Id,
        DisplayId = after.State.DisplayId,
        InboxId = after.State.InboxId,
        ContactId = after.State.ContactId,
        Status = after.State.Status,
        AssigneeId = after.State.AssigneeId,
        OpenedAt = after.State.OpenedAt,
        WaitingSince = after.WaitingSince,
        QueueId = after.Handling.QueueId,
        OfferedTo = after.ReservedFor,
        Priority = after.Handling.Priority,
        DueAt = after.DueAt,
        IsSnoozed = after.Handling.Snooze is not null,
        SessionSince = after.Handling.Since ?? after.State.OpenedAt,
        IsConsulted = after.Handling.Offer is null && after.ReservedFor is not null,
    };

    static ParticipantRow ParticipantOf(ConversationSnapshot? before, ConversationSnapshot after, Guid person) => new()
    {
        ConversationId = after.Id,
        PersonId = person,
        IsAgent = IsAgent(before, after, person),
        Left = Membership(after, person) == MembershipState.Left,
        Hidden = after.IsHidden(person),
    };
}

/// <summary>How an offer ends.</summary>
/// <param name="Outcome">How.</param>
/// <param name="DeviceId">By which device of the agent, if by one.</param>
internal sealed record OfferEnding(OfferOutcome Outcome, Guid? DeviceId);
