using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>
/// How the contact centre handles a conversation: what its agents share and its customer never sees. It hangs on the conversation and has a revision of its own,
/// so that a customer cannot even count how often it changes.
/// </summary>
public sealed record HandlingState
{
    /// <summary>The queue it waits in, or came through; the account's own id is the queue every account has.</summary>
    public required Guid QueueId { get; init; }

    /// <summary>How urgent it is: orders what waits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Priority Priority { get; init; }

    /// <summary>The agents who take part, in the order they joined.</summary>
    public IReadOnlyList<Participation> Agents { get; init; } = [];

    /// <summary>The agent it is offered to; absent while it is offered to nobody.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Offering? Offer { get; init; }

    /// <summary>Agents it was offered to in vain since it last waited anew; routing asks others first.</summary>
    public IReadOnlyList<Guid> Passed { get; init; } = [];

    /// <summary>When the last of them passed (UTC): nobody of them is asked again at once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? PassedAt { get; init; }

    /// <summary>By when the customer is to be answered, and the matter resolved; absent: the queue asks for neither.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServiceTargets? Targets { get; init; }

    /// <summary>Since when its session lasts (UTC): of what is equally urgent in a queue the longest comes first, also when it has lost its agent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Since { get; init; }

    /// <summary>What becomes of it when nobody writes; absent: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Silence? Silence { get; init; }

    /// <summary>The queue it went on from because it waited there too long, or too much did; absent: it did not, since it last waited anew.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? OverflowedFromId { get; init; }

    /// <summary>When the customer was told that its queue is closed (UTC), since it last waited anew.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? OfflineSince { get; init; }

    /// <summary>Who holds it, and since when; absent while it is not on hold.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Hold? Hold { get; init; }

    /// <summary>It is put off; absent while it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Snooze? Snooze { get; init; }

    /// <summary>How it ended, in the account's own words (<see cref="DispositionsState"/>); absent while it is open.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Disposition { get; init; }

    /// <summary>The transfer under way, or with <see cref="Conversations.Transfer.Outcome"/> how the last one ended; absent when there was none since it was opened.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Transfer? Transfer { get; init; }

    /// <summary>Names of labels the account has defined (<see cref="Customers.ContactSettingsState.Labels"/>), sorted; one that is no longer defined is not shown.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Values of the account's own attributes of conversations by their key; one that is no longer defined is not shown.</summary>
    public IReadOnlyDictionary<string, JsonElement> CustomAttributes { get; init; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}

/// <summary>A conversation that is put off: it keeps its agent and its place, and comes back by itself.</summary>
/// <param name="ById">Who put it off.</param>
/// <param name="Since">Since when (UTC).</param>
/// <param name="Until">When it comes back at the latest (UTC); absent: when the customer writes. The customer's next message brings it back anyway.</param>
public sealed record Snooze(Guid ById, DateTimeOffset Since, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Until);

/// <summary>A hold (RCC-10). Any agent who serves the conversation resumes it, on any device (RCC-11).</summary>
/// <param name="AgentId">Who put it on hold; an application's id when that did.</param>
/// <param name="DeviceId">On which device.</param>
/// <param name="Since">Since when (UTC).</param>
public sealed record Hold(Guid AgentId, Guid DeviceId, DateTimeOffset Since);

/// <summary>An agent's part in a conversation.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="Part">As what.</param>
public sealed record Participation(Guid AgentId, Part Part)
{
    /// <summary>It had the conversation before: when this part ends, it reads on again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadsOn { get; init; }
}

/// <summary>As what an agent takes part in a conversation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Part>))]
public enum Part
{
    /// <summary>Serves the customer.</summary>
    [JsonStringEnumMemberName("server")] Server = 0,

    /// <summary>Reads and writes along.</summary>
    [JsonStringEnumMemberName("collaborator")] Collaborator,

    /// <summary>Is asked before a transfer (RCC-13): reads along and writes notes. The customer does not meet it, in receipts and typing neither.</summary>
    [JsonStringEnumMemberName("consultant")] Consultant,

    /// <summary>Supervises: reads along and whispers to the agent who serves. The customer does not meet it.</summary>
    [JsonStringEnumMemberName("monitor")] Monitor,

    /// <summary>Was mentioned in a note, or wrote one: as a collaborator, but the customer does not meet it before it writes to the customer.</summary>
    [JsonStringEnumMemberName("reader")] Reader,

    /// <summary>Had the conversation until it was transferred, and where the account wants it so reads on (RCC-12): writes nothing, in notes neither, and controls nothing. The customer does not meet it.</summary>
    [JsonStringEnumMemberName("former")] Former,
}

/// <summary>What follows from a part.</summary>
public static class Parts
{
    /// <summary>Whether the customer may notice the agent: its receipts, its typing.</summary>
    public static bool IsSeen(this Part part) => part is Part.Server or Part.Collaborator;

    /// <summary>Whether the agent keeps apart: it neither writes to the customer nor controls anything.</summary>
    public static bool IsApart(this Part part) => part is Part.Consultant or Part.Monitor or Part.Former;
}

/// <summary>A conversation is being offered to an agent, whose capacity it takes until the offer is over (RCC-8).</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="Revision">The revision of the agent's <c>offer</c>.</param>
/// <param name="At">Since when (UTC).</param>
/// <param name="ExpiresAt">When it is recalled and offered to another (UTC).</param>
/// <param name="FromId">The agent who transfers it and has it until the offer is accepted; absent for one from a queue.</param>
public sealed record Offering(
    Guid AgentId,
    int Revision,
    DateTimeOffset At,
    DateTimeOffset ExpiresAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? FromId = null);
