using System.Text.Json.Serialization;
using Rcc.Contracts.Sync;

namespace Rcc.Contracts.Agents;

/// <summary>Whether an agent takes conversations. The numbers stand in the store.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Availability>))]
public enum Availability
{
    /// <summary>Gets nothing.</summary>
    [JsonStringEnumMemberName("offline")] Offline = 0,

    /// <summary>Gets new conversations.</summary>
    [JsonStringEnumMemberName("online")] Online,

    /// <summary>Gets no new conversations, keeps those it has.</summary>
    [JsonStringEnumMemberName("busy")] Busy,

    /// <summary>Gets what colleagues transfer, nothing from the queues.</summary>
    [JsonStringEnumMemberName("transferOnly")] TransferOnly,

    /// <summary>Not at the desk for a while: gets nothing new, keeps what it has.</summary>
    [JsonStringEnumMemberName("away")] Away,
}

/// <summary>
/// What an agent may do with a conversation besides writing in it; its manager says which (RCC-17). The set is open (RCC-18): in JSON it is the number, so that a bit nobody here knows is kept as it came.
/// </summary>
[Flags]
public enum Controls
{
    /// <summary>Writes, and nothing else.</summary>
    None = 0,

    /// <summary>Holds and resumes.</summary>
    Hold = 1,

    /// <summary>Transfers to an agent, a group or a queue; consults before.</summary>
    Transfer = 2,

    /// <summary>Resolves and reopens.</summary>
    Resolve = 4,

    /// <summary>Takes what waits, gives away what it has.</summary>
    Assign = 8,

    /// <summary>Adds and removes participants.</summary>
    AddParticipants = 16,

    /// <summary>Monitors, whispers, barges in and takes over, in the groups it supervises.</summary>
    Supervise = 32,

    /// <summary>Snoozes.</summary>
    Snooze = 64,

    /// <summary>Sets the priority.</summary>
    Prioritize = 128,

    /// <summary>Acts on many at once.</summary>
    ActInBulk = 256,

    /// <summary>All there are.</summary>
    All = Hold | Transfer | Resolve | Assign | AddParticipants | Supervise | Snooze | Prioritize | ActInBulk,
}

/// <summary>An agent, as colleagues see it.</summary>
public sealed record AgentState
{
    /// <summary>Shown to colleagues and customers: 1 … 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary><see cref="Role.Agent"/>, <see cref="Role.MasterAgent"/> or <see cref="Role.Administrator"/>.</summary>
    public required Role Role { get; init; }

    /// <summary>Whether it takes conversations.</summary>
    public required Availability Availability { get; init; }

    /// <summary>It follows from what the agent's devices say (RCC-45); absent: set by hand, which wins until it is cleared or expires (RCC-44).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AvailabilityInferred { get; init; }

    /// <summary>The tenant's own word for it, one of <see cref="AvailabilityLabelsState"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AvailabilityLabel { get; init; }

    /// <summary>What the agent says about it, to colleagues: 1 … 200 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AvailabilityNote { get; init; }

    /// <summary>Since when it is so (UTC).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? AvailabilitySince { get; init; }

    /// <summary>When what was set by hand expires (UTC).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? AvailabilityUntil { get; init; }

    /// <summary>The group the agent works in; absent: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? GroupId { get; init; }

    /// <summary>Suspended: signed out everywhere, cannot sign in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Suspended { get; init; }

    /// <summary>Invited, and has not come yet: has no password.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Invited { get; init; }

    /// <summary>Gone for ever (RCC-39). Kept, so that history can say who it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Removed { get; init; }

    /// <summary>What the agent is good at, as its manager says; conversations that need a skill are offered to who has it. 1 … 50 characters each, each once whatever the case; the server limits how many.</summary>
    public IReadOnlyList<string> Skills { get; init => field = value ?? []; } = [];

    /// <summary>Conversations it has at once, what is offered to it included: 0 … 1,000, 0 for none; absent: as many as the contact centre gives by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Capacity { get; init; }

    /// <summary>It signs in with a second factor.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SecondFactor { get; init; }

    /// <summary>Its manager requires a second factor of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SecondFactorRequired { get; init; }

    /// <summary>What it may do with conversations; absent: everything, what comes later included.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Controls? Controls { get; init; }
}

/// <summary>A group of sub-agents (RCC-33).</summary>
public sealed record GroupState
{
    /// <summary>1 … 100 characters, unique in the account.</summary>
    public required string Name { get; init; }

    /// <summary>The master agent who runs it, or an administrator.</summary>
    public required Guid MasterAgentId { get; init; }

    /// <summary>Agents who may supervise conversations of the group's agents, besides who runs it; each once, the server limits how many.</summary>
    public IReadOnlyList<Guid> SupervisorIds { get; init => field = value ?? []; } = [];
}

/// <summary>The tenant, as its agents see it.</summary>
public sealed record AccountState
{
    /// <summary>1 … 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Suspended: nobody can sign in or write.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Suspended { get; init; }

    /// <summary>When the tenant is deleted (UTC), unless that is cancelled; absent: it is not to be.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public DateTimeOffset? DeletesAt { get; init; }

    /// <summary>The services contracted: <c>transfers</c>, <c>supervision</c> and others; absent: all. What is not among them is refused as <see cref="ErrorCode.NotEntitled"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public IReadOnlyList<string>? Services { get; init; }

    /// <summary>How the tenant looks to its customers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public AccountBranding? Branding { get; init; }
}

/// <summary>How a tenant looks to its customers; absent members are the product's own.</summary>
public sealed record AccountBranding
{
    /// <summary>1 … 100 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Name { get; init; }

    /// <summary><c>#rrggbb</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? PrimaryColor { get; init; }

    /// <summary><c>#rrggbb</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? AccentColor { get; init; }

    /// <summary>An absolute https URL, at most 2,000 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? LogoUrl { get; init; }
}

/// <summary>The tenant's own words for availability, each on top of one that routing knows.</summary>
public sealed record AvailabilityLabelsState
{
    /// <summary>In the order in which they are offered; the server limits how many.</summary>
    public IReadOnlyList<AvailabilityLabel> Labels { get; init => field = value ?? []; } = [];
}

/// <summary>A word for an availability.</summary>
/// <param name="Name">1 … 50 characters, each once whatever the case.</param>
/// <param name="Availability">What it means to routing.</param>
public sealed record AvailabilityLabel(string Name, Availability Availability);

/// <summary>An agent says whether it takes conversations. With neither <see cref="Availability"/> nor <see cref="Label"/> it is left to its devices: online while one is in use, then away.</summary>
public sealed record SetAvailability : DeviceCommand
{
    /// <summary>The new availability, by hand.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Availability? Availability { get; init; }

    /// <summary>One of <see cref="AvailabilityLabelsState"/>, instead of an availability; <see cref="ErrorCode.NotFound"/> when there is no such word.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Label { get; init; }

    /// <summary>For colleagues: 1 … 200 characters.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>When it expires (UTC), and the devices decide again; absent: never. Later than now, and only with what is set by hand; else <see cref="ErrorCode.Malformed"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Until { get; init; }
}
