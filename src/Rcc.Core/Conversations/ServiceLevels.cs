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
    /// <summary>The targets of a session that begins in a queue, or comes to it without any; null when the queue has none.</summary>
    public static ServiceTargets? Begin(Guid id, QueueState? queue, DateTimeOffset at, int warnPercent)
    {
        if (queue is not ({ FirstResponseSeconds: not null } or { ResolutionSeconds: not null }))
        {
            return null;
        }

        var clock = new BusinessClock(queue.Hours);
        return new() { QueueId = id, FirstResponse = Begin(queue.FirstResponseSeconds), Resolution = Begin(queue.ResolutionSeconds) };

        ServiceTarget? Begin(int? seconds) => seconds is { } given
            ? Run(new() { Status = TargetStatus.Running, LeftSeconds = given, WarnSeconds = given - (int)((long)given * warnPercent / 100) }, at, clock)
            : null;
    }

    /// <summary>An agent has written to the customer: the first response is there, in time or not.</summary>
    public static ConversationSnapshot Answered(ConversationSnapshot now, Standing caller, Lane lane)
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
                Targets = targets with
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

        return new[] { NextAt(targets.FirstResponse, now.Handling.Hold?.Since), NextAt(targets.Resolution, PutOffSince(now)) }.Min();

        DateTimeOffset? NextAt(ServiceTarget? target, DateTimeOffset? pausedSince)
        {
            if (target is null || !IsOpen(target))
            {
                return null;
            }

            return pausedSince is not null != target.LeftSeconds is not null ? now.State.OpenedAt : target.WarnAt ?? target.DueAt;
        }
    }

    /// <summary>Lets happen what is due: warnings, breaches, clocks that stop and run.</summary>
    public static ConversationSnapshot Tick(ConversationSnapshot now, DateTimeOffset at, BusinessClock clock)
    {
        ArgumentNullException.ThrowIfNull(now);
        return now.State.Status == ConversationStatus.Open && now.Handling.Targets is { } targets
            ? With(now, targets with { FirstResponse = Tick(targets.FirstResponse, now.Handling.Hold?.Since), Resolution = Tick(targets.Resolution, PutOffSince(now)) })
            : now;

        ServiceTarget? Tick(ServiceTarget? target, DateTimeOffset? pausedSince)
        {
            if (target is null || !IsOpen(target))
            {
                return target;
            }

            if (pausedSince is { } since)
            {
                return target.LeftSeconds is not null ? target : Stopped(target) with { LeftSeconds = Left(target, since, clock) };
            }

            var running = target.LeftSeconds is null ? target : Run(target, at, clock);
            if (running.DueAt <= at)
            {
                return running with { Status = TargetStatus.Breached, WarnAt = null };
            }

            return running.WarnAt <= at ? running with { Status = TargetStatus.Warned, WarnAt = null } : running;
        }
    }

    /// <summary>The clock of the resolution stands from then on, however late the tick comes that stops it.</summary>
    static DateTimeOffset? PutOffSince(ConversationSnapshot now) => new[] { now.Handling.Hold?.Since, now.Handling.Snooze?.Since }.Min();

    /// <summary>
    /// Open seconds that are left of a clock that is stopped. Its hours may have been edited while it ran: then what they make of the time before and of the time after differs, and nobody is to be late by it.
    /// </summary>
    static int Left(ServiceTarget target, DateTimeOffset at, BusinessClock clock)
    {
        var given = target.RunsSeconds.GetValueOrDefault();
        var unused = given - (int)clock.Between(target.RunsSince ?? at, at).TotalSeconds;
        var untilDue = target.DueAt is { } due ? (int)Math.Ceiling(clock.Between(at, due).TotalSeconds) : 0;
        return Math.Clamp(Math.Max(unused, untilDue), 0, given);
    }

    static bool IsOpen(ServiceTarget target) => target.Status is TargetStatus.Running or TargetStatus.Warned;

    static ServiceTarget Met(ServiceTarget target) => Stopped(target) with { Status = TargetStatus.Met, LeftSeconds = null };

    static ServiceTarget Stopped(ServiceTarget target) => target with { DueAt = null, WarnAt = null, RunsSince = null, RunsSeconds = null };

    /// <summary>Its clock runs. What the hours never leave time for is never due.</summary>
    static ServiceTarget Run(ServiceTarget target, DateTimeOffset at, BusinessClock clock)
    {
        var left = target.LeftSeconds.GetValueOrDefault();
        return target with
        {
            LeftSeconds = null,
            RunsSince = at,
            RunsSeconds = left,
            DueAt = clock.Add(at, TimeSpan.FromSeconds(left)),
            WarnAt = target.Status == TargetStatus.Running ? clock.Add(at, TimeSpan.FromSeconds(Math.Max(0, left - target.WarnSeconds))) : null,
        };
    }

    static ConversationSnapshot With(ConversationSnapshot now, ServiceTargets targets) => now with { Handling = now.Handling with { Targets = targets } };
}
