using System.Text.Json.Serialization;

namespace Rcc.Contracts.Agents;

/// <summary>Whether something can be reached now (RFC 3863 <c>basic</c>). What nobody knows has no value: absence is not <see cref="Closed"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Basic>))]
public enum Basic
{
    /// <summary>Can be reached.</summary>
    [JsonStringEnumMemberName("open")] Open = 0,

    /// <summary>Cannot.</summary>
    [JsonStringEnumMemberName("closed")] Closed,
}

/// <summary>
/// Which of an agent's devices are there (RCC-48): told to the agent itself and to who runs and who supervises its group, as far as the rules of disclosure for <c>agent_context.pidf:devices</c> let them. It is volatile (RCC-42):
/// what is not said again vanishes. <see cref="PresenceDocument"/> is made of it and of <see cref="AgentState"/>.
/// </summary>
/// <param name="Devices">Those of which something is known, by id.</param>
public sealed record PresenceState(IReadOnlyList<DevicePresence> Devices);

/// <summary>One device an agent is signed in on (RFC 4479 <c>device</c>).</summary>
public sealed record DevicePresence
{
    /// <summary>The device.</summary>
    public required Guid Id { get; init; }

    /// <summary>What the person called it.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is connected.</summary>
    public required Basic Basic { get; init; }

    /// <summary>Whether it is in use; absent while it is not connected.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UserInput? UserInput { get; init; }

    /// <summary>Since when it is so (UTC).</summary>
    public required DateTimeOffset Timestamp { get; init; }
}

/// <summary>Whether somebody uses a device (RFC 4480 §3.10).</summary>
public sealed record UserInput
{
    /// <summary>In use, or not for longer than <see cref="IdleThresholdSeconds"/>.</summary>
    public required InputState State { get; init; }

    /// <summary>When it was used last (UTC); only of one that is idle and says after how long it calls itself so.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastInput { get; init; }

    /// <summary>After how long without input the device calls itself idle; absent: it does not say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? IdleThresholdSeconds { get; init; }
}

/// <summary>The values of RFC 4480 <c>user-input</c>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InputState>))]
public enum InputState
{
    /// <summary>In use.</summary>
    [JsonStringEnumMemberName("active")] Active = 0,

    /// <summary>Not lately.</summary>
    [JsonStringEnumMemberName("idle")] Idle,
}

/// <summary>The presence of an agent, as of RFC 3863 and RFC 4479: the person, what it offers, and its devices. What is not known is absent.</summary>
public sealed record PresenceDocument
{
    /// <summary>What it offers: conversations in the contact centre, by whatever channel.</summary>
    public const string Messaging = "messaging";

    /// <summary>Whose it is: a <c>pres:</c> URI (RFC 3859) of the agent's id at the account's id.</summary>
    public required string Entity { get; init; }

    /// <summary>The human; absent of an agent who is suspended or has not come yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PersonPresence? Person { get; init; }

    /// <summary>The services it offers (RFC 3863 <c>tuple</c>): <see cref="Messaging"/>, or none.</summary>
    public required IReadOnlyList<PresenceTuple> Services { get; init; }

    /// <summary>As in <see cref="PresenceState"/>, as far as the caller may see them.</summary>
    public required IReadOnlyList<DevicePresence> Devices { get; init; }

    /// <summary>What follows from an agent's own state, and from what is known of its devices. Pure, so that a device that holds both items can make it by itself.</summary>
    public static PresenceDocument Of(Guid account, Guid agent, AgentState state, IReadOnlyList<DevicePresence> devices)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(devices);
        var isThere = !(state.Suspended || state.Removed || state.Invited);
        var takes = state.Availability is Availability.Online or Availability.TransferOnly;
        return new()
        {
            Entity = $"pres:{agent}@{account}",
            Person = isThere ? PersonPresence.Of(state) : null,
            Services = isThere ? [new(Messaging, takes ? Basic.Open : Basic.Closed, state.AvailabilitySince)] : [],
            Devices = isThere ? devices : [],
        };
    }
}

/// <summary>What a person does (RFC 4479 <c>person</c>).</summary>
public sealed record PersonPresence
{
    /// <summary>Activities of RFC 4480 §3.2: <c>away</c>, <c>busy</c>, and <c>other</c> with <see cref="Other"/>; none: it is not known what it does. Further ones may come.</summary>
    public required IReadOnlyList<string> Activities { get; init; }

    /// <summary>With <c>other</c>: the tenant's own word.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Other { get; init; }

    /// <summary>Until when, as the person has said (UTC).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>It follows from the use of the devices (RCC-45); absent: the person has said so (RCC-44).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Inferred { get; init; }

    /// <summary>What the person says about it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>Since when it is so (UTC).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Timestamp { get; init; }

    // Who is offline or takes transfers only has not said what it does.
    internal static PersonPresence Of(AgentState state)
    {
        string[] activity = state.Availability switch { Availability.Away => ["away"], Availability.Busy => ["busy"], _ => [] };
        return new()
        {
            Activities = state.AvailabilityLabel is null ? activity : [.. activity, "other"],
            Other = state.AvailabilityLabel,
            Until = state.AvailabilityUntil,
            Inferred = state.AvailabilityInferred,
            Note = state.AvailabilityNote,
            Timestamp = state.AvailabilitySince,
        };
    }
}

/// <summary>A way to reach somebody (RFC 3863 <c>tuple</c>).</summary>
/// <param name="Id">Which.</param>
/// <param name="Basic">Whether it takes new conversations, from queues or colleagues.</param>
/// <param name="Timestamp">Since when it is so (UTC); absent: it has never changed.</param>
public sealed record PresenceTuple(string Id, Basic Basic, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Timestamp);
