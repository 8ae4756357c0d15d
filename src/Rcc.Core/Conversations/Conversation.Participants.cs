using System.Collections.Immutable;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>Who else takes part: by being added, or by being mentioned.</summary>
public static partial class Conversation
{
    /// <summary>Lets an agent read and write along. <paramref name="agent"/> is the one named, as the store knows it.</summary>
    public static Decision<ConversationSnapshot> AddParticipant(TenantId tenant, ConversationSnapshot? now, Standing caller, ConversationAgent? agent, ConversationOptions options)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(options);
        if ((SteerOpen(now, caller, Controls.AddParticipants) ?? RefuseNew(now!, agent, options)) is { } refusal)
        {
            return refusal;
        }

        return now!.Handling.Agents.Any(one => one.AgentId == agent!.Id && one.Part is not (Part.Reader or Part.Former))
            ? Change(tenant, now, now)
            : Change(tenant, now, Joined(now, agent!.Id, Part.Collaborator), change => change with { Fences = change.Fences.Add(agent.Fence) });
    }

    /// <summary>Takes an agent out. If it is consulted, that transfer is cancelled.</summary>
    public static Decision<ConversationSnapshot> RemoveParticipant(TenantId tenant, ConversationSnapshot? now, Standing caller, Guid agent)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var leaves = now is not null && caller.IsAgent && caller.PersonId == agent && IsVisible(now, caller);
        if (!leaves && Steer(now, caller, Controls.AddParticipants) is { } refusal)
        {
            return refusal;
        }

        if (!leaves && !caller.Manages && now!.State.AssigneeId != caller.PersonId)
        {
            return Answer.Refused(ErrorCode.Forbidden, "An agent removes others only from a conversation that is assigned to it.");
        }

        if (now!.State.AssigneeId == agent)
        {
            return Answer.Refused(ErrorCode.Conflict, "The conversation is assigned to the agent: it is transferred, or assigned to another.");
        }

        var handling = now.Handling.Transfer is { IsUnderWay: true } transfer && transfer.ConsultantId == agent
            ? EndTransfer(now, leaves ? TransferOutcome.Declined : TransferOutcome.Cancelled)
            : now.Handling;
        return now.TakesPart(agent)
            ? Change(tenant, now, now with { Handling = handling with { Agents = [.. handling.Agents.Where(one => one.AgentId != agent)] } })
            : Change(tenant, now, now);
    }

    static ConversationSnapshot Joined(ConversationSnapshot now, Guid agent, Part part) =>
        now with { Handling = now.Handling with { Agents = [.. now.Handling.Agents.Where(one => one.AgentId != agent), new(agent, part)] } };

    /// <summary>Whether an agent may take part; null when it may, or does.</summary>
    static Answer? RefuseNew(ConversationSnapshot now, ConversationAgent? agent, ConversationOptions options)
    {
        if (agent is null)
        {
            return Decision.NotFound("agent");
        }

        return agent.IsSuspended && !now.WorksOn(agent.Id) ? Answer.Refused(ErrorCode.Conflict, "The agent is suspended.") : RefuseAnother(now, agent.Id, options);
    }

    /// <summary>Whether there is a place for one more; null when there is, or the agent takes part. Who is asked for a consultation has a place.</summary>
    static Answer? RefuseAnother(ConversationSnapshot now, Guid? agent, ConversationOptions options)
    {
        if (agent is { } named && now.WorksOn(named))
        {
            return null;
        }

        var count = now.Handling.Agents.Count(one => one.Part != Part.Former) + (now.Handling is { Offer: not null, Transfer: { IsUnderWay: true, Kind: TransferKind.Attended } } ? 1 : 0);
        return count >= options.MaxAgents ? Answer.Refused(ErrorCode.TooLarge, $"The conversation has {count} agents; MaxAgents is {options.MaxAgents}.") : null;
    }

    /// <summary>Tells whom a note mentions, and lets them take part: without that they could not read it.</summary>
    static (Mentions Mentions, Answer? Refusal) Mention(
        ConversationSnapshot now, Standing caller, Post post, long seq, Mentioned mentioned, ConversationOptions options)
    {
        if (post.Lane != Lane.Notes)
        {
            return (Mentions.None, Answer.Refused(ErrorCode.Malformed, "Only a note mentions agents."));
        }

        var next = now;
        var items = ImmutableArray.CreateBuilder<ItemChange>();
        var fences = ImmutableArray.CreateBuilder<ItemFence>();
        foreach (var id in post.Mentions)
        {
            var agent = mentioned.Agents.FirstOrDefault(one => one.Id == id);
            if (RefuseNew(next, agent, options) is { } refusal)
            {
                return (Mentions.None, refusal);
            }

            if (!next.WorksOn(id))
            {
                if (next.IsApart(caller.PersonId))
                {
                    return (Mentions.None, Answer.Refused(ErrorCode.Forbidden, "Who reads along unseen mentions only agents who take part."));
                }

                next = Joined(next, id, Part.Reader);
                fences.Add(agent!.Fence);
            }

            var key = new ItemKey(ItemKind.Mention, now.Id, id);
            var revision = next.Personal.GetValueOrDefault(key) + 1;
            var state = new MentionState { NotesSeq = seq, MessageId = post.MessageId, ById = caller.PersonId, At = mentioned.At };
            items.Add(ItemChange.Of(key, revision, state, ContractJson.Default.MentionState, Audience.OfPerson(id)));
            next = next with { Personal = next.Personal.SetItem(key, revision) };
        }

        return (new(next, items.ToImmutable(), fences.ToImmutable()), null);
    }

    /// <summary>What follows from mentions.</summary>
    readonly record struct Mentions(ConversationSnapshot? Next, ImmutableArray<ItemChange> Items, ImmutableArray<ItemFence> Fences)
    {
        public static Mentions None => new(null, [], []);
    }
}

/// <summary>Agents whom a note mentions, as the store knows them, and now.</summary>
public sealed record Mentioned(DateTimeOffset At, IReadOnlyList<ConversationAgent> Agents);
