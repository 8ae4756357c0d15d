using Rcc.Contracts;
using Rcc.Contracts.Devices;

namespace Rcc.Core.Devices;

/// <summary>Says whether the device of a connection is in use: when it changes, and again with each round of <see cref="ActivityReports"/>, which makes good what could not be told.</summary>
internal sealed class DeviceInUse(DeviceLinks node, Caller caller)
{
    readonly Guid connection = Guid.CreateVersion7();
    readonly PerSecondLimit rate = new(node.Options.MaxTypingPerSecond, node.Clock);
    volatile Idleness? idle;
    volatile bool isGone;

    public Outcome Set(DeviceActivity activity)
    {
        if (!caller.IsAgent)
        {
            return Outcome.Refused(ErrorCode.Forbidden, "Only an agent may do this.");
        }

        if (!rate.TryTake())
        {
            return Outcome.Refused(ErrorCode.RateLimited, $"Whether a device is in use may be said {node.Options.MaxTypingPerSecond} times a second.");
        }

        if (activity.IdleThresholdSeconds is { } seconds and (< 1 or > DeviceActivity.MaxIdleThresholdSeconds))
        {
            return Outcome.Refused(ErrorCode.Malformed, $"idleThresholdSeconds is {seconds}; it must be 1 … {DeviceActivity.MaxIdleThresholdSeconds}.");
        }

        // Who says so again has not been in use in between.
        idle = activity.Active ? null : idle ?? new(node.Clock.GetUtcNow() - (activity.IdleThresholdSeconds is { } threshold ? TimeSpan.FromSeconds(threshold) : null), activity.IdleThresholdSeconds);
        TellSoon();
        return Outcome.Done;
    }

    /// <summary>The device has synchronised.</summary>
    public void Begin()
    {
        idle = null;
        TellSoon();
    }

    /// <summary>The connection is gone.</summary>
    public void End()
    {
        isGone = true;
        TellSoon();
    }

    /// <summary>Says again what it is.</summary>
    public Task ReportAsync(CancellationToken cancellationToken)
    {
        var now = idle;
        var use = isGone ? DeviceUse.Gone : now is null ? DeviceUse.Active : DeviceUse.Idle;
        return node.ReportAsync(
            caller,
            new(connection, use, node.Options.ActivityInterval * 3) { DeviceId = caller.DeviceId, LastInput = now?.LastInput, IdleThresholdSeconds = now?.ThresholdSeconds },
            cancellationToken);
    }

    void TellSoon()
    {
        if (caller.IsAgent)
        {
            _ = TellAsync();
        }

        async Task TellAsync()
        {
            try
            {
                await ReportAsync(CancellationToken.None);
            }
            catch (Exception failure)
            {
                node.Logger.NotReported(failure);
            }
        }
    }

    /// <param name="LastInput">When it was used last, where that is known.</param>
    /// <param name="ThresholdSeconds">After how long it says that it is idle.</param>
    sealed record Idleness(DateTimeOffset? LastInput, int? ThresholdSeconds);
}
