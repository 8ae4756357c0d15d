using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>
/// Controls a communication. The set of operations is open (RCC-18): one that the server does not know is answered <see cref="ErrorCode.UnknownOperation"/>, and nothing is changed.
/// Which members an operation needs is said at <see cref="ControlOperations"/>; the others are ignored.
/// </summary>
public sealed record ControlConversation : DeviceCommand
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>One of <see cref="ControlOperations"/>.</summary>
    public required string Operation { get; init; }

    /// <summary>The agent it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? AgentId { get; init; }

    /// <summary>The group it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? GroupId { get; init; }

    /// <summary>The queue it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? QueueId { get; init; }

    /// <summary>A text for colleagues: 1 byte … <see cref="Sync.SyncLimits.MaxContentBytes"/> in UTF-8.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>All labels it is to have; absent: as before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Attributes to set, by key; null takes one away; absent: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? CustomAttributes { get; init; }

    /// <summary>A time (UTC).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>A priority.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Priority? Priority { get; init; }

    /// <summary>A macro.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? MacroId { get; init; }

    /// <summary>How the conversation ended: one of the names of its inbox's or queue's <see cref="DispositionsState"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Disposition { get; init; }
}

/// <summary>What can be done to a communication besides writing in it. Assigning, resolving and reopening have methods of their own too.</summary>
public static class ControlOperations
{
    /// <summary>
    /// The agent a conversation is offered to takes it. Of all who try, on whatever device, one wins (RCC-9); the others are answered <see cref="ErrorCode.Conflict"/>.
    /// </summary>
    public const string AcceptOffer = "acceptOffer";

    /// <summary>The agent a conversation is offered to does not take it: it is offered to another.</summary>
    public const string DeclineOffer = "declineOffer";

    /// <summary>Puts the customer on hold (RCC-10): it sees so, its messages are kept in order, receipts go both ways, agents' messages are refused with <see cref="ErrorCode.OnHold"/>. Holding what is held changes nothing.</summary>
    public const string Hold = "hold";

    /// <summary>Ends a hold, on whatever device and by whichever agent who serves (RCC-11). Resuming what is not held changes nothing.</summary>
    public const string Resume = "resume";

    /// <summary>
    /// Transfers unattended (RCC-12, RCC-14): one of <see cref="ControlConversation.AgentId"/>, <see cref="ControlConversation.GroupId"/> and <see cref="ControlConversation.QueueId"/>.
    /// To an agent or group: it is offered, and stays where it is until somebody accepts; whoever does not answer in time, or declines, leaves it there (RCC-15). To a queue that is open: it waits there at once, and goes back when nobody takes it
    /// within the time the queue gives, or the queue closes.
    /// With <see cref="ControlConversation.Text"/> a note for whoever gets it.
    /// </summary>
    public const string Transfer = "transfer";

    /// <summary>Begins an attended transfer (RCC-13): as <see cref="Transfer"/>, but whoever accepts is consulted, unseen by the customer, until the transfer is completed or cancelled.</summary>
    public const string Consult = "consult";

    /// <summary>Completes an attended transfer: the agent consulted has the conversation.</summary>
    public const string CompleteTransfer = "completeTransfer";

    /// <summary>Calls a transfer off: everything is as it was before it. Whoever transferred to a queue may do so although the conversation is not its own meanwhile.</summary>
    public const string CancelTransfer = "cancelTransfer";

    /// <summary>Lets <see cref="ControlConversation.AgentId"/> take part: it reads and writes along. One who does already stays as it is.</summary>
    public const string AddParticipant = "addParticipant";

    /// <summary>
    /// <see cref="ControlConversation.AgentId"/> takes no part any more; one who takes none changes nothing. Everybody may leave; others are removed by the agent who has the conversation. That one is not removed:
    /// the conversation is transferred, or assigned.
    /// </summary>
    public const string RemoveParticipant = "removeParticipant";

    /// <summary>A supervisor of the agent's group, or an administrator, reads along, unseen by the customer and shown to the agents. It leaves by <see cref="RemoveParticipant"/>.</summary>
    public const string Monitor = "monitor";

    /// <summary>A supervisor who takes part says <see cref="ControlConversation.Text"/> to the agent who has the conversation, and to nobody else: item <c>whispers</c> of both.</summary>
    public const string Whisper = "whisper";

    /// <summary>A supervisor writes along from now on, seen by the customer.</summary>
    public const string Barge = "barge";

    /// <summary>Says which <see cref="ControlConversation.Labels"/> the conversation has, and changes its <see cref="ControlConversation.CustomAttributes"/>: those the account has defined, also while it is resolved.</summary>
    public const string Tag = "tag";

    /// <summary>A supervisor takes the conversation from the agent who has it; it needs a place for it.</summary>
    public const string TakeOver = "takeOver";

    /// <summary>
    /// Puts a conversation that has an agent off: until <see cref="ControlConversation.Until"/>, or without one until the customer writes, which ends it in any case. It keeps its agent, and takes a place of it.
    /// </summary>
    public const string Snooze = "snooze";

    /// <summary>Ends a snooze. What is not put off stays as it is.</summary>
    public const string Unsnooze = "unsnooze";

    /// <summary>Gives an open conversation <see cref="ControlConversation.Priority"/>.</summary>
    public const string SetPriority = "setPriority";

    /// <summary>As <see cref="ResolveConversation"/>, with <see cref="ControlConversation.Disposition"/>: for macros and acts on many.</summary>
    public const string Resolve = "resolve";

    /// <summary>As <see cref="ReopenConversation"/>.</summary>
    public const string Reopen = "reopen";

    /// <summary>As <see cref="AssignConversation"/>: to <see cref="ControlConversation.AgentId"/>, or to nobody.</summary>
    public const string Assign = "assign";

    /// <summary>
    /// Carries out all steps of <see cref="ControlConversation.MacroId"/>, in one commit, with the caller's own rights. When one is refused nothing is done, and <see cref="Outcome.Detail"/> names it.
    /// </summary>
    public const string ExecuteMacro = "executeMacro";

    /// <summary>Posts a message; as a step of a macro only.</summary>
    public const string Post = "post";
}
