namespace Rcc.Core.Devices;

/// <summary>Whom nodes tell which of a person's devices are in use; keyed by <see cref="TenantId.KeyOf"/> of the person.</summary>
[Alias("rcc.IActivityListener")]
public interface IActivityListener : IGrainWithStringKey
{
    /// <summary>A connection of a device is in use, idle or gone. Nothing of it is kept: nodes say it again and again.</summary>
    [Alias("Report")]
    Task ReportAsync(ActivityReport report, CancellationToken cancellationToken);
}

/// <summary>What a node says of one connection.</summary>
/// <param name="Connection">Several connections may be of one device.</param>
/// <param name="Use">What it is.</param>
/// <param name="GoodFor">How long to believe it.</param>
[GenerateSerializer, Immutable, Alias("rcc.devices.ActivityReport")]
public readonly record struct ActivityReport([property: Id(0)] Guid Connection, [property: Id(1)] DeviceUse Use, [property: Id(2)] TimeSpan GoodFor)
{
    /// <summary>Whose connection it is.</summary>
    [Id(3)] public Guid DeviceId { get; init; }

    /// <summary>When it was used last, by the node's clock; only of one that is idle, and only where it is known.</summary>
    [Id(4)] public DateTimeOffset? LastInput { get; init; }

    /// <summary>After how many seconds without input the device says that it is idle; null: it does not say.</summary>
    [Id(5)] public int? IdleThresholdSeconds { get; init; }
}

/// <summary>Whether a connection is in use.</summary>
public enum DeviceUse : short
{
    Active = 0,
    Idle = 1,
    Gone = 2,
}
