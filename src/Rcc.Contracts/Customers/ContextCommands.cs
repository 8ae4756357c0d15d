using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Contracts.Customers;

/// <summary>
/// Sets a piece of context information about a customer the caller serves, or about an agent: itself, or one it manages. A source says one thing of a name, durable or not: what it said before is gone.
/// </summary>
public sealed record SetContext : DeviceCommand
{
    /// <summary>The customer it is about. Either this or <see cref="AgentId"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ContactId { get; init; }

    /// <summary>The agent it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? AgentId { get; init; }

    /// <summary>As of <see cref="ContextValue.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Any JSON value; it is kept and given on as it came. Of <see cref="Location.ContextName"/> a <see cref="Location"/>, else it is malformed.</summary>
    public required JsonElement Value { get; init; }

    /// <summary><see cref="ContextSource.Manual"/> or <see cref="ContextSource.Inferred"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ContextSource Source { get; init; }

    /// <summary>Not durable (RCC-42): it always expires, by itself after some minutes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Volatile { get; init; }

    /// <summary>How many seconds it counts; absent: until it is cleared, or as long as volatile context usually does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? LifetimeSeconds { get; init; }

    /// <summary>The open conversation it is inferred from: it goes with that one, or when the agent it is about takes no part in it any more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ConversationId { get; init; }
}

/// <summary>Takes a piece of context information away. What it hid counts again.</summary>
public sealed record ClearContext : DeviceCommand
{
    /// <summary>The customer it is about. Either this or <see cref="AgentId"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ContactId { get; init; }

    /// <summary>The agent it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? AgentId { get; init; }

    /// <summary>The piece.</summary>
    public required string Name { get; init; }

    /// <summary>What this source says; absent: what all say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ContextSource? Source { get; init; }
}

/// <summary>
/// Persistent context information about an agent (RCC-40), as the person whose device this is may see it. Told to the agent itself, and to who runs and who supervises its group; others ask. The volatile one is in an
/// item of its own, <see cref="Sync.ItemKinds.VolatileContext"/>.
/// </summary>
/// <param name="Context">One value for each name; what the account's disclosure rules hide is absent, as if it were not known.</param>
public sealed record AgentContextState(IReadOnlyList<ContextValue> Context);
