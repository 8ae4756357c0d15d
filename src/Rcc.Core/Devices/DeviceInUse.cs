using Rcc.Contracts;

namespace Rcc.Core.Devices;

/// <summary>Says whether the device of a connection is in use: when it changes, and again with each round of <see cref="ActivityReports"/>, which makes good what could not be told.</summary>
internal sealed class DeviceInUse(DeviceLinks node, Caller caller)
{
    readonly Guid connection = Guid.CreateVersion7();
    readonly PerSecondLimit rate = new(node.Options.MaxTypingPerSecond, node.Clock);
    volatile bool isIdle;

    public Outcome Set(bool isActive)
    {
        if (!caller.IsAgent)
        {
            return Outcome.Refused(ErrorCode.Forbidden, "Only an agent may do this.");
        }

        if (!rate.TryTake())
        {
            return Outcome.Refused(ErrorCode.RateLimited, $"Whether a device is in use may be said {node.Options.MaxTypingPerSecond} times a second.");
        }

        isIdle = !isActive;
        TellSoon(isActive ? DeviceUse.Active : DeviceUse.Idle);
        return Outcome.Done;
    }

    /// <summary>The device has synchronised.</summary>
    public void Begin()
    {
        isIdle = false;
        TellSoon(DeviceUse.Active);
    }

    /// <summary>The connection is gone.</summary>
    public void End() => TellSoon(DeviceUse.Gone);

    /// <summary>Says again what it is.</summary>
    public Task ReportAsync(CancellationToken cancellationToken) => ReportAsync(isIdle ? DeviceUse.Idle : DeviceUse.Active, cancellationToken);

    Task ReportAsync(DeviceUse use, CancellationToken cancellationToken) =>
        node.ReportAsync(caller, new(connection, use, node.Options.ActivityInterval * 3), cancellationToken);

    void TellSoon(DeviceUse use)
    {
        if (caller.IsAgent)
        {
            _ = TellAsync();
        }

        async Task TellAsync()
        {
            try
            {
                await ReportAsync(use, CancellationToken.None);
            }
            catch (Exception failure)
            {
                node.Logger.NotReported(failure);
            }
        }
    }
}
