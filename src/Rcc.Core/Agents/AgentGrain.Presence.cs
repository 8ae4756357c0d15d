using Rcc.Core.Devices;

namespace Rcc.Core.Agents;

/// <summary>
/// Which of the agent's devices are there is told when it changes, a moment later, so that a connection that comes back at once, or several changes in a row, are told once or not at all. While nothing changes it is only
/// made to last, which no log and no device sees; and that finds out whether it is still what is known.
/// </summary>
internal sealed partial class AgentGrain
{
    /// <summary>How often what could not be kept is told again, in the time for which it counts.</summary>
    const int TriesInLifetime = 10;

    IGrainTimer? telling;
    DateTimeOffset? tellsAt;
    PresenceReport? told;
    int toldRevision;
    DateTimeOffset renewsAt;

    public Task ReportAsync(ActivityReport report, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        Devices.Report(report, at);
        TellPresenceSoon(at);
        return InferAvailabilityAsync(cancellationToken);
    }

    void TellPresenceSoon(DateTimeOffset at)
    {
        if (HasNews(PresenceAt(at), at))
        {
            TellPresenceAt(at + options.Value.PresenceDelay, at);
        }
    }

    PresenceReport PresenceAt(DateTimeOffset at)
    {
        var (devices, areAll) = Devices.There(at);
        return new(devices, areAll, options.Value.PresenceLifetime);
    }

    bool HasNews(PresenceReport now, DateTimeOffset at) => told is null ? !now.Devices.IsEmpty : !now.Says(told) || (now.AnyOpen && at >= renewsAt);

    void TellPresenceAt(DateTimeOffset due, DateTimeOffset at)
    {
        if (tellsAt is null || due < tellsAt)
        {
            tellsAt = due;
            telling ??= this.RegisterGrainTimer(TellPresenceAsync, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });

            // A timer drops what is less than a millisecond.
            telling.Change(due > at ? TimeSpan.FromMilliseconds(Math.Ceiling((due - at).TotalMilliseconds)) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    async Task TellPresenceAsync(CancellationToken cancellationToken)
    {
        tellsAt = null;
        var at = clock.GetUtcNow();
        var now = PresenceAt(at);
        if (HasNews(now, at))
        {
            try
            {
                await TellPresenceAsync(now, at, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The grain ends; another one begins with the next report.
                return;
            }
            catch (Exception failure)
            {
                told = null;
                logger.PresenceNotTold(failure, Tenant, Id);
            }
        }

        // Of a device that has gone nobody reports again.
        if (HasNews(PresenceAt(at), at))
        {
            TellPresenceAt(at + (options.Value.PresenceLifetime / TriesInLifetime), at);
        }

        // Devices whose node has died say nothing that would make anybody look.
        if (Devices.NextExpiry is { } next)
        {
            TellPresenceAt(next, at);
        }
    }

    async Task TellPresenceAsync(PresenceReport now, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (told is null || !now.Says(told) || !await store.KeepPresenceAsync(Tenant, Id, toldRevision, now.GoodFor, cancellationToken))
        {
            var revision = await GrainFactory.GetGrain<IPresenceListener>(this.GetPrimaryKeyString()).TellAsync(now, cancellationToken);
            told = revision is null ? null : now with { Devices = [.. now.Devices.Where(device => device.IsOpen)] };
            toldRevision = revision.GetValueOrDefault();
            if (revision is not null)
            {
                Devices.ForgetGone();
            }
        }

        renewsAt = at + (now.GoodFor / 2);
    }
}
