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

/// <summary>An agent, as colleagues see it.</summary>
public sealed record AgentState
{
    /// <summary>Shown to colleagues and customers: 1 … 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary><see cref="Role.Agent"/> or <see cref="Role.MasterAgent"/>.</summary>
    public required Role Role { get; init; }

    /// <summary>Whether it takes conversations.</summary>
    public required Availability Availability { get; init; }

    /// <summary>The group the agent works in; absent: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? GroupId { get; init; }

    /// <summary>Suspended: signed out everywhere, cannot sign in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Suspended { get; init; }

    /// <summary>What the agent is good at, as its manager says; conversations that need a skill are offered to who has it.</summary>
    public IReadOnlyList<string> Skills { get; init => field = value ?? []; } = [];

    /// <summary>Conversations it has at once; absent: as many as the contact centre gives by default.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Capacity { get; init; }
}

/// <summary>A group of sub-agents (RCC-33).</summary>
public sealed record GroupState
{
    /// <summary>1 … 100 characters, unique in the account.</summary>
    public required string Name { get; init; }

    /// <summary>The master agent who made it and runs it.</summary>
    public required Guid MasterAgentId { get; init; }
}

/// <summary>The tenant, as its agents see it.</summary>
public sealed record AccountState
{
    /// <summary>1 … 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Suspended: nobody can sign in or write.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Suspended { get; init; }

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

/// <summary>An agent says whether it takes conversations.</summary>
public sealed record SetAvailability : DeviceCommand
{
    /// <summary>The new availability.</summary>
    public required Availability Availability { get; init; }
}
