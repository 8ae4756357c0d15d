using System.Collections.Immutable;

namespace Rcc.Core.Agents;

/// <summary>Whom an agent's grain tells which of its devices are there; keyed by <see cref="TenantId.KeyOf"/> of the agent.</summary>
[Alias("rcc.IPresenceListener")]
public interface IPresenceListener : IGrainWithStringKey
{
    /// <summary>Keeps what is new in it. Answers the revision of what is kept, which <see cref="IAgentStore.KeepPresenceAsync"/> makes last; null when it could not be kept.</summary>
    [Alias("Tell")]
    Task<int?> TellAsync(PresenceReport report, CancellationToken cancellationToken);
}

/// <summary>Which of an agent's devices are there.</summary>
/// <param name="Devices">Those of which something is known: they are there, or have just gone.</param>
/// <param name="AreAll">No other one is there.</param>
/// <param name="GoodFor">How long to believe it.</param>
[GenerateSerializer, Immutable, Alias("rcc.agents.PresenceReport")]
public sealed record PresenceReport([property: Id(0)] ImmutableArray<DeviceThere> Devices, [property: Id(1)] bool AreAll, [property: Id(2)] TimeSpan GoodFor)
{
    public bool AnyOpen => Devices.Any(device => device.IsOpen);

    /// <summary>Whether it says the same.</summary>
    public bool Says(PresenceReport other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return AreAll == other.AreAll && Devices.SequenceEqual(other.Devices);
    }
}

/// <summary>What is known of a device.</summary>
/// <param name="DeviceId">Which.</param>
/// <param name="IsOpen">It is connected; else it has gone.</param>
/// <param name="IsIdle">It is not in use.</param>
/// <param name="LastInput">When it was used last, where it is idle and that is known.</param>
/// <param name="IdleThresholdSeconds">After how long without input it says that it is idle, where it says so.</param>
/// <param name="At">Since when it is so.</param>
[GenerateSerializer, Immutable, Alias("rcc.agents.DeviceThere")]
public sealed record DeviceThere(
    [property: Id(0)] Guid DeviceId,
    [property: Id(1)] bool IsOpen,
    [property: Id(2)] bool IsIdle,
    [property: Id(3)] DateTimeOffset? LastInput,
    [property: Id(4)] int? IdleThresholdSeconds,
    [property: Id(5)] DateTimeOffset At);
