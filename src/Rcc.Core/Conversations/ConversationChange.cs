using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// Turns two states of a conversation into what must be committed to get from one to the other: its item, who reads it, its rows. Everything follows from the states, so that no
/// rule can forget an audience.
/// </summary>
internal static class ConversationChange
{
    public static Proposal Between(TenantId tenant, ConversationSnapshot? before, ConversationSnapshot after)
    {
        var key = new ItemKey(ItemKind.Conversation, after.Id);
        var answer = Answer.Done with { ConversationId = after.Id, Revision = after.Revision };
        if (before?.Revision == after.Revision)
        {
            return new() { Answer = answer, Fences = [new(key, after.Revision)] };
        }

        var people = People(before).Union(People(after)).ToList();
        var changed = people.Where(person => Membership(before, person) != Membership(after, person)).ToList();
        var gone = changed.Where(person => Membership(after, person) == MembershipState.Left).ToImmutableArray();
        return new()
        {
            Answer = answer,
            Audiences = [.. changed.SelectMany(person => Audiences(before, after, person))],
            Items =
            [
                new(
                    key,
                    after.Revision,
                    ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(after.State, ContractJson.Default.ConversationState)),
                    Audience.OfConversation(after.Id),
                    Tell(after, [.. changed.Except(gone)])),
            ],
            Departures = gone.IsEmpty ? [] : [new(key, LeftReason.Left, [.. gone.Select(Audience.OfPerson)]), .. gone.Select(person => DraftOf(after, person))],
            Rows = [Row(after), .. changed.Where(person => JoinsOrLeaves(before, after, person)).Select(person => ParticipantOf(before, after, person))],
        };
    }

    /// <summary>A device forgets what hangs on a conversation that leaves it; what it was going to say there is over for the store too.</summary>
    static Departure DraftOf(ConversationSnapshot after, Guid person) =>
        new(new(ItemKind.Draft, after.Id, person), LeftReason.Deleted, [Audience.OfPerson(person)], Delete: true);

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
        after.Agents.Contains(person) || before?.Agents.Contains(person) == true;

    static bool JoinsOrLeaves(ConversationSnapshot? before, ConversationSnapshot after, Guid person) =>
        Membership(before, person) == MembershipState.Left || Membership(after, person) == MembershipState.Left;

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
    };

    static ParticipantRow ParticipantOf(ConversationSnapshot? before, ConversationSnapshot after, Guid person) => new()
    {
        ConversationId = after.Id,
        PersonId = person,
        IsAgent = IsAgent(before, after, person),
        Left = Membership(after, person) == MembershipState.Left,
    };
}
