using System.Text.Json.Serialization;
using Rcc.Contracts.Sync;

namespace Rcc.Contracts.Agents;

/// <summary>Whether an agent takes conversations.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Availability>))]
public enum Availability
{
    /// <summary>Gets nothing.</summary>
    [JsonStringEnumMemberName("offline")] Offline = 0,

    /// <summary>Gets new conversations.</summary>
    [JsonStringEnumMemberName("online")] Online,

    /// <summary>Gets no new conversations, keeps those it has.</summary>
    [JsonStringEnumMemberName("busy")] Busy,
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
}

/// <summary>An agent says whether it takes conversations.</summary>
public sealed record SetAvailability : DeviceCommand
{
    /// <summary>The new availability.</summary>
    public required Availability Availability { get; init; }
}
