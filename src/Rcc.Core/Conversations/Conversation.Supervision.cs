using System.Collections.Immutable;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// Supervision of the agent who has a conversation. <see cref="Reach"/> says whether the caller may: its group's supervisors and who runs it, and administrators. Who may not, and does not take part either,
/// learns nothing of the conversation.
/// </summary>
public static partial class Conversation
{
    /// <summary>Reads along, unseen by the customer.</summary>
    public static Decision<ConversationSnapshot> Monitor(TenantId tenant, ConversationSnapshot? now, Standing caller, ConversationOptions options)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(options);
        if (RefuseSupervision(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (PartOf(now!, caller) is { } part)
        {
            return part == Part.Monitor ? Change(tenant, now, now!) : Answer.Refused(ErrorCode.Conflict, "Who takes part already does not monitor.");
        }

        return RefuseAnother(now!, caller.PersonId, options) is { } full ? full : Change(tenant, now, Joined(now!, caller.PersonId, Part.Monitor));
    }

    /// <summary>Writes along from now on.</summary>
    public static Decision<ConversationSnapshot> Barge(TenantId tenant, ConversationSnapshot? now, Standing caller, ConversationOptions options)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(options);
        if (RefuseSupervision(now, caller) is { } refusal)
        {
            return refusal;
        }

        return PartOf(now!, caller) switch
        {
            Part.Server or Part.Collaborator => Change(tenant, now, now!),
            Part.Consultant => Answer.Refused(ErrorCode.Conflict, "Who is consulted does not barge in; the transfer is completed or cancelled first."),
            _ => RefuseAnother(now!, caller.PersonId, options) is { } full ? full : Change(tenant, now, Joined(now!, caller.PersonId, Part.Collaborator)),
        };
    }

    /// <summary>Takes the conversation. <paramref name="self"/> is the caller as the store knows it.</summary>
    public static Decision<ConversationSnapshot> TakeOver(TenantId tenant, ConversationSnapshot? now, Standing caller, ConversationAgent? self, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (RefuseSupervision(now, caller) is { } refusal)
        {
            return refusal;
        }

        return self is null || self.Id != caller.PersonId ? Decision.NotFound("agent") : Give(tenant, now!, self, at);
    }

    /// <summary>Says something to the agent who has the conversation, and to nobody else. <paramref name="heard"/> is what was whispered to it before, <paramref name="said"/> what the caller has of it.</summary>
    public static Decision<ConversationSnapshot> Whisper(
        TenantId tenant, ConversationSnapshot? now, Standing caller, Whisper whisper, WhispersState? heard, WhispersState? said, ConversationOptions options)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(whisper);
        ArgumentNullException.ThrowIfNull(options);
        if (RefuseSupervision(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (PartOf(now!, caller) is null)
        {
            return Answer.Refused(ErrorCode.Conflict, "Who whispers takes part: it monitors first.");
        }

        if (now!.State.AssigneeId is not { } agent || agent != whisper.ToId || agent == caller.PersonId)
        {
            return Answer.Refused(ErrorCode.Conflict, "There is no other agent who has the conversation.");
        }

        var items = ImmutableArray.Create(Heard(agent, heard), Heard(caller.PersonId, said));
        var next = now with { Personal = now.Personal.SetItems(items.Select(item => KeyValuePair.Create(item.Key, item.Revision))) };
        return Change(tenant, now, next, change => change with { Items = change.Items.AddRange(items), Answer = change.Answer with { Id = whisper.Id } });

        ItemChange Heard(Guid person, WhispersState? before)
        {
            var key = new ItemKey(ItemKind.Whispers, now.Id, person);
            var state = new WhispersState { Whispers = [.. (before?.Whispers ?? []).Append(whisper).TakeLast(options.MaxWhispers)] };
            return ItemChange.Of(key, now.Personal.GetValueOrDefault(key) + 1, state, ContractJson.Default.WhispersState, Audience.OfPerson(person));
        }
    }

    /// <summary>Null for who takes no part, and for who only reads on what it had.</summary>
    static Part? PartOf(ConversationSnapshot now, Standing caller) => now.Handling.Agents.FirstOrDefault(one => one.AgentId == caller.PersonId && one.Part != Part.Former)?.Part;

    static Answer? RefuseSupervision(ConversationSnapshot? now, Standing caller)
    {
        if (now is null || (!caller.Supervises && !IsVisible(now, caller)))
        {
            return NotFound;
        }

        if (!caller.Supervises || !caller.IsAgent)
        {
            return Answer.Refused(ErrorCode.Forbidden, "Only who supervises the agent's group may do this.");
        }

        return now.State.Status == ConversationStatus.Resolved ? Closed : null;
    }
}
