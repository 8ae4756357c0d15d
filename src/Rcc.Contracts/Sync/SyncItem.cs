using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Contracts.Conversations;

namespace Rcc.Contracts.Sync;

/// <summary>
/// One change. <see cref="Kind"/> says which members are present:
/// <list type="bullet">
/// <item><c>message</c>: <see cref="Message"/>. Apply by (conversation, lane, seq); a seq the device has is ignored.</item>
/// <item><c>left</c>: <see cref="Of"/>, <see cref="Id"/>, <see cref="Reason"/>: forget this object, and with a conversation all that hangs on it. Unknown ids are ignored.</item>
/// <item>any other kind (see <see cref="ItemKinds"/>): <see cref="Id"/>, <see cref="Revision"/> and the whole <see cref="State"/>. Apply if the revision is higher than the stored one (INV-4).</item>
/// </list>
/// </summary>
public sealed record SyncItem
{
    /// <summary>One of <see cref="ItemKinds"/>; unknown kinds are kept or ignored, never an error.</summary>
    public required string Kind { get; init; }

    /// <summary>The object's id, a lower-case UUID; where an object hangs on a conversation: <c>{conversation}/{…}</c>, mostly a person.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    /// <summary>Rises by one with every change of the object; a device keeps the highest.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Revision { get; init; }

    /// <summary>The whole state, not a difference: its shape is the record named by <see cref="ItemKinds"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement State { get; init; }

    /// <summary>With <c>message</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MessageItem? Message { get; init; }

    /// <summary>With <c>left</c>: the kind of the object that is gone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Of { get; init; }

    /// <summary>With <c>left</c>: why.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LeftReason? Reason { get; init; }
}

/// <summary>Why an object is gone from a device (INV-5).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LeftReason>))]
public enum LeftReason
{
    /// <summary>The person takes no part any more, or lost the right; the object may come back.</summary>
    [JsonStringEnumMemberName("left")] Left = 0,

    /// <summary>The object is outside the device's filter now; it may come back.</summary>
    [JsonStringEnumMemberName("filtered")] Filtered,

    /// <summary>The object is deleted, for ever.</summary>
    [JsonStringEnumMemberName("deleted")] Deleted,
}

/// <summary>The kinds of <see cref="SyncItem"/> and the shape of their state.</summary>
public static class ItemKinds
{
    /// <summary><see cref="MessageItem"/>, in <see cref="SyncItem.Message"/>.</summary>
    public const string Message = "message";

    /// <summary>An object is gone.</summary>
    public const string Left = "left";

    /// <summary><see cref="ConversationState"/>.</summary>
    public const string Conversation = "conversation";

    /// <summary><see cref="HandlingState"/>: for the agents who take part; id <c>{conversation}/{conversation}</c>.</summary>
    public const string Handling = "handling";

    /// <summary><see cref="Routing.OfferState"/>: a conversation offered to the person; id <c>{conversation}/{person}</c>.</summary>
    public const string Offer = "offer";

    /// <summary><see cref="Routing.WaitingState"/>: a conversation that waits in a queue; id is the conversation's.</summary>
    public const string Waiting = "waiting";

    /// <summary><see cref="MentionState"/>: the newest note that mentions the person; id <c>{conversation}/{person}</c>.</summary>
    public const string Mention = "mention";

    /// <summary><see cref="WhispersState"/>: what was whispered to the person, or by it; id <c>{conversation}/{person}</c>.</summary>
    public const string Whispers = "whispers";

    /// <summary><see cref="Routing.QueueState"/>: a queue of the account.</summary>
    public const string Queue = "queue";

    /// <summary><see cref="DispositionsState"/>: how conversations of an inbox or queue may end; id is that one's.</summary>
    public const string Dispositions = "dispositions";

    /// <summary><see cref="ShortcutState"/> with a text.</summary>
    public const string CannedResponse = "cannedResponse";

    /// <summary><see cref="ShortcutState"/> with steps.</summary>
    public const string Macro = "macro";

    /// <summary><see cref="Delivery.ReceiptState"/>; id <c>{conversation}/{person}</c>.</summary>
    public const string Receipt = "receipt";

    /// <summary><see cref="ReadState"/>: the person's own read position; id <c>{conversation}/{person}</c>.</summary>
    public const string Read = "read";

    /// <summary><see cref="DraftState"/>: the person's own draft; id <c>{conversation}/{person}</c>.</summary>
    public const string Draft = "draft";

    /// <summary><see cref="OpenConversationState"/>: which conversation the person has open; id is the person's.</summary>
    public const string OpenConversation = "openConversation";

    /// <summary><see cref="Agents.AgentState"/>.</summary>
    public const string Agent = "agent";

    /// <summary><see cref="Agents.GroupState"/>.</summary>
    public const string Group = "group";

    /// <summary><see cref="Devices.DeviceState"/>: one of the person's own devices.</summary>
    public const string Device = "device";

    /// <summary><see cref="Agents.AvailabilityLabelsState"/>: the tenant's own words for availability.</summary>
    public const string AvailabilityLabels = "availabilityLabels";

    /// <summary><see cref="Agents.PresenceState"/>: which of an agent's devices are there; id is the agent's.</summary>
    public const string Presence = "presence";

    /// <summary><see cref="Agents.AccountState"/>: the tenant, as its agents see it.</summary>
    public const string Account = "account";

    /// <summary><see cref="Tenants.InboxState"/>: a way in for customers.</summary>
    public const string Inbox = "inbox";

    /// <summary><see cref="Customers.ContactState"/>: a customer the person serves, as the person may see it.</summary>
    public const string Contact = "contact";

    /// <summary><see cref="Customers.AgentContextState"/>; id is the agent's.</summary>
    public const string AgentContext = "agentContext";

    /// <summary><see cref="Customers.VolatileContextState"/> of a customer the person serves, or of an agent as with <see cref="AgentContext"/>; id is that of the customer or agent.</summary>
    public const string VolatileContext = "volatileContext";

    /// <summary><see cref="Customers.ContactSettingsState"/>: labels and attributes the account has defined; id is the account's.</summary>
    public const string ContactSettings = "contactSettings";
}

/// <summary>A fact that is not kept.</summary>
/// <param name="Kind">
/// <c>typing</c>; <c>viewing</c>: a colleague has the conversation open, told to agents only; or <c>position</c>: where the conversation stands in its queue, told to its customer when it moves and again and again;
/// unknown kinds are ignored.
/// </param>
/// <param name="ConversationId">Where.</param>
/// <param name="PersonId">Who; with <c>position</c> the account.</param>
/// <param name="Active">Typing (RFC 3994 <c>active</c>) or not (<c>idle</c>); waiting or not.</param>
/// <param name="ExpiresInMs">Treat as idle when nothing newer came by then (RFC 3994 <c>refresh</c>), in milliseconds.</param>
public sealed record EphemeralFact(string Kind, Guid ConversationId, Guid PersonId, bool Active, int ExpiresInMs)
{
    /// <summary>With an active <c>position</c>: 1: the next.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Position { get; init; }

    /// <summary>With <c>position</c>: as <see cref="Routing.QueuePosition.EstimatedSeconds"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EstimatedSeconds { get; init; }

    /// <summary>With <c>position</c>: as <see cref="Routing.QueuePosition.OpensAt"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? OpensAt { get; init; }
}
