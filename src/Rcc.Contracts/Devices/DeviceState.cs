using System.Text.Json.Serialization;

namespace Rcc.Contracts.Devices;

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
