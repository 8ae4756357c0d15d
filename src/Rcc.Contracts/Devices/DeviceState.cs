using System.Text.Json.Serialization;

namespace Rcc.Contracts.Devices;

/// <summary>Whether a device is in use: it has seen its person lately (RPID <c>user-input</c>, RFC 4480 §3.10). How long <em>lately</em> is, is the device's to say.</summary>
public sealed record DeviceActivity
{
    /// <summary>The longest time a device may wait for input, in seconds: a day.</summary>
    public const int MaxIdleThresholdSeconds = 86_400;

    /// <summary>In use, or idle.</summary>
    public required bool Active { get; init; }

    /// <summary>After how long without input the device says that it is idle: 1 … <see cref="MaxIdleThresholdSeconds"/>; absent: it does not say, and nobody knows when it was used last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? IdleThresholdSeconds { get; init; }
}

/// <summary>One of a person's devices (RCC-2): what signed in, and can be signed out. Several instances of one device may be connected at once (RCC-3).</summary>
public sealed record DeviceState
{
    /// <summary>What the person called it: 1 … 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>When it signed in (UTC).</summary>
    public required DateTimeOffset SignedInAt { get; init; }

    /// <summary>When it was signed out (UTC); absent while it may connect.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? SignedOutAt { get; init; }
}
