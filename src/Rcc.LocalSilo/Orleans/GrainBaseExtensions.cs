using Orleans.Runtime;
using Rcc.LocalSilo;

namespace Orleans;

/// <summary>What a grain can ask of its own activation.</summary>
/// <remarks>
/// A timer's callback takes its turn like a request unless <see cref="GrainTimerCreationOptions.Interleave"/> is set, the period
/// counts from the end of the callback, and a callback that throws is logged and does not stop the timer.
/// </remarks>
public static class GrainBaseExtensions
{
    /// <summary>Ends this activation once the requests it is running have finished; requests still waiting go to the next one.</summary>
    /// <param name="grain">The grain.</param>
    public static void DeactivateOnIdle(this IGrainBase grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        grain.GrainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));
    }

    /// <summary>Starts a timer that lives as long as the activation.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="callback">Runs on the activation's scheduler; its token is cancelled when the timer is disposed.</param>
    /// <param name="state">Given to the callback.</param>
    /// <param name="options">Due time, period and behaviour.</param>
    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(grain);
        ArgumentNullException.ThrowIfNull(callback);
        var activation = grain.GrainContext as Activation
            ?? throw new InvalidOperationException($"This {grain.GetType().Name} was made outside a silo, so it cannot have timers.");
        return activation.AddTimer(token => callback(state, token), options);
    }

    /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, GrainTimerCreationOptions)"/>
    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return RegisterGrainTimer(grain, (s, _) => callback(s), state, options);
    }

    /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, GrainTimerCreationOptions)"/>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return RegisterGrainTimer(grain, static (run, token) => run(token), callback, options);
    }

    /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, GrainTimerCreationOptions)"/>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return RegisterGrainTimer(grain, static (run, _) => run(), callback, options);
    }

    /// <summary>Starts a timer that lives as long as the activation.</summary>
    /// <param name="grain">The grain.</param>
    /// <param name="callback">Runs on the activation's scheduler.</param>
    /// <param name="state">Given to the callback.</param>
    /// <param name="dueTime">Until the first tick; <see cref="Timeout.InfiniteTimeSpan"/> means never.</param>
    /// <param name="period">From the end of a callback to the next tick; <see cref="Timeout.InfiniteTimeSpan"/> means one tick only.</param>
    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, CancellationToken, Task> callback, TState state, TimeSpan dueTime, TimeSpan period) =>
        RegisterGrainTimer(grain, callback, state, new GrainTimerCreationOptions(dueTime, period));

    /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, TimeSpan, TimeSpan)"/>
    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, Task> callback, TState state, TimeSpan dueTime, TimeSpan period) =>
        RegisterGrainTimer(grain, callback, state, new GrainTimerCreationOptions(dueTime, period));

    /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, TimeSpan, TimeSpan)"/>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, TimeSpan dueTime, TimeSpan period) =>
        RegisterGrainTimer(grain, callback, new GrainTimerCreationOptions(dueTime, period));

    /// <inheritdoc cref="RegisterGrainTimer{TState}(IGrainBase, Func{TState, CancellationToken, Task}, TState, TimeSpan, TimeSpan)"/>
    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, TimeSpan dueTime, TimeSpan period) =>
        RegisterGrainTimer(grain, callback, new GrainTimerCreationOptions(dueTime, period));
}
