using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Routing;

namespace Rcc.Core.Conversations;

/// <summary>
/// The rules of targets. Pure. A target follows from the conversation's other state: what is to change of it by time, or because a clock stops or runs again, is due at once, and happens with the next tick. So no other rule needs to know of targets,
/// and none can forget them.
/// </summary>
public static class ServiceLevels
{
    /// <summary>The targets of a session that begins; null when the queue has none.</summary>
    public static ServiceTargets? Begin(QueueState? queue, DateTimeOffset at, int warnPercent)
    {
        if (queue is not ({ FirstResponseSeconds: not null } or { ResolutionSeconds: not null }))
        {
            return null;
        }

        var clock = new BusinessClock(queue.Hours);
        return new() { FirstResponse = Begin(queue.FirstResponseSeconds), Resolution = Begin(queue.ResolutionSeconds) };

        ServiceTarget? Begin(int? seconds) => seconds is { } given
            ? Run(new() { Status = TargetStatus.Running, LeftSeconds = given, WarnSeconds = given - (int)((long)given * warnPercent / 100) }, at, clock)
            : null;
    }

    /// <summary>An agent has written to the customer: the first response is there, in time or not.</summary>
    public static ConversationSnapshot Answered(ConversationSnapshot now, Caller caller, Lane lane)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(caller);
        return caller.IsAgent && lane == Lane.Public && now.Handling.Targets is { FirstResponse: { } target } targets && IsOpen(target)
            ? With(now, targets with { FirstResponse = Met(target) })
            : now;
    }

    /// <summary>The conversation is resolved: no clock runs any more. A first response that never came is none that was missed.</summary>
    public static HandlingState Resolved(HandlingState handling)
    {
        ArgumentNullException.ThrowIfNull(handling);
        return handling.Targets is not { } targets
            ? handling
            : handling with
            {
                Targets = new()
                {
                    FirstResponse = targets.FirstResponse is { } first && IsOpen(first) ? null : targets.FirstResponse,
                    Resolution = targets.Resolution is { } resolution && IsOpen(resolution) ? Met(resolution) : targets.Resolution,
                },
            };
    }

    /// <summary>When something is to happen to a target; null for never.</summary>
    public static DateTimeOffset? NextAt(ConversationSnapshot now)
    {
        ArgumentNullException.ThrowIfNull(now);
        if (now.Handling.Targets is not { } targets || now.State.Status != ConversationStatus.Open)
        {
            return null;
        }

        ServiceTarget?[] all = [targets.FirstResponse, targets.Resolution];
        return all.OfType<ServiceTarget>().Where(IsOpen).Min(target =>
            IsPaused(now) != target.LeftSeconds is not null ? now.State.OpenedAt : target.WarnAt ?? (target.Status == TargetStatus.Breached ? null : target.DueAt));
    }

    /// <summary>Lets happen what is due: warnings, breaches, clocks that stop and run.</summary>
    public static ConversationSnapshot Tick(ConversationSnapshot now, DateTimeOffset at, BusinessClock clock)
    {
        ArgumentNullException.ThrowIfNull(now);
        return now.State.Status == ConversationStatus.Open && now.Handling.Targets is { } targets
            ? With(now, new() { FirstResponse = Tick(targets.FirstResponse), Resolution = Tick(targets.Resolution) })
            : now;

        ServiceTarget? Tick(ServiceTarget? target)
        {
            if (target is null || !IsOpen(target))
            {
                return target;
            }

            if (IsPaused(now))
            {
                return target.LeftSeconds is not null
                    ? target
                    : target with { DueAt = null, WarnAt = null, LeftSeconds = target.DueAt is { } due ? (int)Math.Ceiling(clock.Between(PausedSince(now) ?? at, due).TotalSeconds) : 0 };
            }

            var running = target.LeftSeconds is null ? target : Run(target, at, clock);
            if (running.DueAt <= at)
            {
                return running with { Status = TargetStatus.Breached, WarnAt = null };
            }

            return running.WarnAt <= at ? running with { Status = TargetStatus.Warned, WarnAt = null } : running;
        }
    }

    /// <summary>The customer is kept waiting with its knowledge.</summary>
    static bool IsPaused(ConversationSnapshot now) => PausedSince(now) is not null;

    /// <summary>Its clock stands from then on, however late the tick comes that stops it.</summary>
    static DateTimeOffset? PausedSince(ConversationSnapshot now) => new[] { now.Handling.Hold?.Since, now.Handling.Snooze?.Since }.Min();

    static bool IsOpen(ServiceTarget target) => target.Status is TargetStatus.Running or TargetStatus.Warned;

    static ServiceTarget Met(ServiceTarget target) => target with { Status = TargetStatus.Met, DueAt = null, WarnAt = null, LeftSeconds = null };

    /// <summary>Its clock runs. What the hours never leave time for is never due.</summary>
    static ServiceTarget Run(ServiceTarget target, DateTimeOffset at, BusinessClock clock)
    {
        var left = target.LeftSeconds.GetValueOrDefault();
        return target with
        {
            LeftSeconds = null,
            DueAt = clock.Add(at, TimeSpan.FromSeconds(left)),
            WarnAt = target.Status == TargetStatus.Running ? clock.Add(at, TimeSpan.FromSeconds(Math.Max(0, left - target.WarnSeconds))) : null,
        };
    }

    static ConversationSnapshot With(ConversationSnapshot now, ServiceTargets targets) => now with { Handling = now.Handling with { Targets = targets } };
}
