using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A running timer of an activation. Disposing it prevents further ticks.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets new times. Called from within a tick, it takes effect when the tick has ended.</summary>
    /// <param name="dueTime">Until the next tick.</param>
    /// <param name="period">From the end of a callback to the next tick.</param>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>When a timer ticks and how its callback meets other requests.</summary>
public readonly struct GrainTimerCreationOptions()
{
    /// <summary>Makes options with the two times.</summary>
    /// <param name="dueTime">Until the first tick.</param>
    /// <param name="period">From the end of a callback to the next tick.</param>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Until the first tick; <see cref="Timeout.InfiniteTimeSpan"/> means never.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of a callback to the next tick; <see cref="Timeout.InfiniteTimeSpan"/> means one tick only.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether the callback may run while requests wait for something. Default false: it takes its turn.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use, so that idle collection stays away. Default false.</summary>
    public bool KeepAlive { get; init; }
}
