using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>The embedded engine: makes references, keeps the time of calls and activations, starts and stops with the host.</summary>
sealed class Silo : IClusterClient, IHostedLifecycleService
{
    readonly ConcurrentDictionary<ObserverInbox, bool> observers = new();
    readonly GrainCatalog catalog;
    readonly long startedAt;
    ITimer? timeoutTimer;
    ITimer? collectionTimer;
    long now;
    long observersMade;
    int activations;
    State state;

    public Silo(IServiceProvider services, IOptions<LocalSiloOptions> options, TimeProvider time, ILogger<Silo> log)
    {
        Services = services;
        Options = options.Value;
        Time = time;
        Log = log;
        startedAt = time.GetTimestamp();
        catalog = new(this, Options.Assemblies);
    }

    enum State
    {
        Created,
        Running,
        Stopping,
        Stopped,
    }

    public IServiceProvider Services { get; }

    public LocalSiloOptions Options { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>Time since the silo was made, as of the last look at the clock: precise enough for time-outs, and free.</summary>
    public TimeSpan Now => new(Volatile.Read(ref now));

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        if (string.IsNullOrWhiteSpace(primaryKey))
        {
            throw new ArgumentException($"The key of a {typeof(TGrainInterface).Name} must not be blank.", nameof(primaryKey));
        }

        var grainClass = catalog.Choose(typeof(TGrainInterface), grainClassNamePrefix);
        return ProxyFactory.For(typeof(TGrainInterface)).Create<TGrainInterface>(new GrainAddress(grainClass, primaryKey));
    }

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (TaskScheduler.Current is Mailbox)
        {
            throw new InvalidOperationException("Cannot create a local object reference from a grain.");
        }

        if (obj is GrainProxy)
        {
            throw new ArgumentException("Argument obj is already a grain reference.", nameof(obj));
        }

        if (obj is not TGrainObserverInterface)
        {
            throw new InvalidCastException($"{obj.GetType().FullName} does not implement {typeof(TGrainObserverInterface).FullName}.");
        }

        var inbox = new ObserverInbox(this, obj, Interlocked.Increment(ref observersMade));
        observers[inbox] = true;
        return ProxyFactory.For(typeof(TGrainObserverInterface)).Create<TGrainObserverInterface>(inbox);
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (TaskScheduler.Current is Mailbox)
        {
            throw new InvalidOperationException("Cannot delete a local object reference from a grain.");
        }

        if (obj is not GrainProxy { Target: ObserverInbox inbox } || !ReferenceEquals(inbox.Silo, this))
        {
            throw new ArgumentException("Argument obj is not an observer reference of this silo.", nameof(obj));
        }

        if (!inbox.Delete())
        {
            throw new ArgumentException("Reference is not associated with a local object.", nameof(obj));
        }

        observers.TryRemove(inbox, out _);
    }

    /// <summary>While the silo stops, only what running requests still need is let in.</summary>
    public bool Accepts(GrainCall call) => state == State.Running || (state == State.Stopping && call.Caller is not null);

    public SiloUnavailableException Unavailable(CallTarget target) =>
        new($"{target} cannot be called: the silo {(state == State.Created ? "has not been started" : "has stopped or is stopping")}.");

    public TimeoutException TimedOut(GrainCall call, TimeSpan at) =>
        new($"{call} was not answered within {call.Method.Timeout ?? Options.ResponseTimeout}; waited {(at - call.SentAt).TotalSeconds:0.0} s. It may still be running.");

    public bool TryReserveActivation()
    {
        if (Interlocked.Increment(ref activations) <= Options.MaxActivations)
        {
            return true;
        }

        ReleaseActivation();
        return false;
    }

    public void ReleaseActivation() => Interlocked.Decrement(ref activations);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        timeoutTimer = Time.CreateTimer(_ => TimeOut(), null, Options.ResponseTimeoutCheckInterval, Options.ResponseTimeoutCheckInterval);
        collectionTimer = Time.CreateTimer(_ => Collect(), null, Options.CollectionInterval, Options.CollectionInterval);
        state = State.Running;
        Log.Started(catalog.Classes.Count);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After every other service has stopped: those may still call grains while they do.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        state = State.Stopping;
        collectionTimer?.Dispose();
        using var timeUp = new CancellationTokenSource(Options.StopTimeout, Time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeUp.Token);
        try
        {
            // A deactivation may call another grain, which is then active again.
            while (catalog.Classes.SelectMany(grainClass => grainClass.Mailboxes).ToArray() is { Length: > 0 } left)
            {
                await Task.WhenAll(left.Select(mailbox => mailbox.StopAsync(new(DeactivationReasonCode.ShuttingDown, "The silo stops.")))).WaitAsync(enough.Token);
            }
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            // Told below, with the number of those that had not ended.
        }

        state = State.Stopped;
        timeoutTimer?.Dispose();
        var stopped = new SiloUnavailableException("The silo stopped before the call was answered.");
        var unfinished = 0;
        foreach (var mailbox in catalog.Classes.SelectMany(grainClass => grainClass.Mailboxes))
        {
            unfinished++;
            mailbox.Abandon(stopped);
        }

        foreach (var (inbox, _) in observers)
        {
            inbox.Abandon(stopped);
        }

        Log.Stopped(unfinished);
    }

    void TimeOut()
    {
        var at = Time.GetElapsedTime(startedAt);
        Volatile.Write(ref now, at.Ticks);
        foreach (var mailbox in catalog.Classes.SelectMany(grainClass => grainClass.Mailboxes))
        {
            mailbox.TimeOut(at);
        }

        foreach (var (inbox, _) in observers)
        {
            inbox.TimeOut(at);
            if (inbox.IsGone)
            {
                observers.TryRemove(inbox, out _);
            }
        }
    }

    void Collect()
    {
        foreach (var mailbox in catalog.Classes.SelectMany(grainClass => grainClass.Mailboxes))
        {
            mailbox.CollectIfIdle(Now);
        }
    }
}
