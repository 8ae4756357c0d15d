using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>One life of a grain in memory: the object, its scope of services, its timers.</summary>
sealed class Activation(Mailbox mailbox) : IGrainContext
{
    [ThreadStatic]
    static Activation? constructing;

    readonly AsyncServiceScope scope = mailbox.Silo.Services.CreateAsyncScope();
    readonly TaskCompletionSource deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly HashSet<GrainTimer> timers = [];
    Grain? grain;

    /// <summary>The activation whose grain is being made on this thread.</summary>
    public static Activation? Constructing => constructing;

    public Mailbox Mailbox => mailbox;

    public object? GrainInstance => grain;

    public IServiceProvider ActivationServices => scope.ServiceProvider;

    public Task Deactivated => deactivated.Task;

    /// <summary>Until when idle collection stays away.</summary>
    public TimeSpan KeptUntil { get; private set; }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        KeptUntil = TimeSpan.Zero;
        mailbox.RequestEnd(this, deactivationReason);
    }

    public void DelayDeactivation(TimeSpan timeSpan)
    {
        if (timeSpan < TimeSpan.Zero && timeSpan != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(timeSpan), timeSpan, "A delay cannot be negative.");
        }

        KeptUntil = timeSpan == Timeout.InfiniteTimeSpan || timeSpan == TimeSpan.MaxValue ? TimeSpan.MaxValue : mailbox.Silo.Now + timeSpan;
    }

    public GrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options);
        lock (timers)
        {
            timers.Add(timer);
        }

        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Forget(GrainTimer timer)
    {
        lock (timers)
        {
            timers.Remove(timer);
        }
    }

    public async Task StartAsync()
    {
        constructing = this;
        try
        {
            grain = mailbox.Class.Construct(scope.ServiceProvider);
        }
        finally
        {
            constructing = null;
        }

        await BoundedAsync(grain.OnActivateAsync, mailbox.Silo.Options.ActivationTimeout, nameof(Grain.OnActivateAsync));
    }

    public async Task StopAsync(DeactivationReason reason)
    {
        StopTimers();
        await BoundedAsync(token => grain!.OnDeactivateAsync(reason, token), mailbox.Silo.Options.DeactivationTimeout, nameof(Grain.OnDeactivateAsync));
    }

    /// <summary>Disposes the grain and its scope. Never throws.</summary>
    public async Task EndAsync()
    {
        StopTimers();
        try
        {
            switch (grain)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }

            await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            mailbox.Silo.Log.DeactivationFailed(exception, mailbox.ToString());
        }

        deactivated.SetResult();
    }

    void StopTimers()
    {
        GrainTimer[] all;
        lock (timers)
        {
            all = [.. timers];
        }

        foreach (var timer in all)
        {
            timer.Dispose();
        }
    }

    async Task BoundedAsync(Func<CancellationToken, Task> step, TimeSpan timeout, string name)
    {
        using var timeUp = new CancellationTokenSource(timeout, mailbox.Silo.Time);
        try
        {
            // A step that does not look at its token is left to itself.
            await step(timeUp.Token).WaitAsync(timeUp.Token);
        }
        catch (OperationCanceledException exception) when (timeUp.IsCancellationRequested)
        {
            throw new TimeoutException($"{mailbox} {name} did not end within {timeout}.", exception);
        }
    }
}
