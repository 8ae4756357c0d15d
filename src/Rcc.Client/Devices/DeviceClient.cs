using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rcc.Client.Conversations;
using Rcc.Client.Delivery;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;

namespace Rcc.Client.Devices;

/// <summary>
/// A device: a local copy of what its person may see that follows the server, and an outbox that outlasts disconnects and restarts.
/// <para>
/// All rules are plain objects that one lock guards. An event (a batch, an answer, an act of the user, a timer) runs through them under the lock, what it changes is committed to the
/// store in one go, and only then is anything sent or told to observers, outside the lock and in order.
/// </para>
/// </summary>
public sealed partial class DeviceClient : IAsyncDisposable
{
    static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    readonly Lock gate = new();
    readonly IDeviceTransport transport;
    readonly IDeviceStore store;
    readonly DeviceClientOptions options;
    readonly ILogger logger;
    readonly Replica replica;
    readonly Outbox outbox;
    readonly Confirmations confirmations;
    readonly LoadPlan loads;
    readonly PassingFacts typing = new("typing");
    readonly PassingFacts viewing = new("viewing");
    readonly QueuePlaces places = new();
    readonly ITimer timer;
    readonly long began;
    readonly CancellationTokenSource disposed = new();
    readonly Queue<Action> effects = [];
    IDeviceObserver[] observers = [];
    bool draining;
    DateTimeOffset armedFor = DateTimeOffset.MaxValue;

    public DeviceClient(IDeviceTransport transport, IDeviceStore store, DeviceClientOptions? options = null, ILogger<DeviceClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(store);
        this.transport = transport;
        this.store = store;
        this.options = options ?? new DeviceClientOptions();
        this.options.Validate();
        began = this.options.Time.GetTimestamp();
        this.logger = logger ?? NullLogger<DeviceClient>.Instance;

        var snapshot = store.Load();
        replica = new Replica(snapshot, this.options.HistoryMessages, this.options.Filter?.WithoutNotes == true);
        outbox = new Outbox(snapshot.Outbox, this.options.MaxOutboxCommands);
        confirmations = new Confirmations(snapshot.Confirmed);
        loads = new LoadPlan(this.options.ParallelLoads);
        foreach (var window in replica.Lanes.Values)
            Follow(window);
        timer = this.options.Time.CreateTimer(static client => ((DeviceClient)client!).TimerWentOff(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Tells an observer of everything from now on, until the answer is disposed.</summary>
    public IDisposable Observe(IDeviceObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        lock (gate)
            observers = [.. observers, observer];
        return new Observation(this, observer);
    }

    public DeviceStatus Status { get; private set; }

    /// <summary>With <see cref="DeviceStatus.Halted"/>: why the server does not let the device in.</summary>
    public ErrorCode? HaltedBy { get; private set; }

    /// <summary>With <see cref="DeviceStatus.Failed"/>: what failed.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Begins to connect.</summary>
    public void Start() => Run(_ =>
    {
        if (Status is DeviceStatus.Stopped or DeviceStatus.Halted)
            Open();
    });

    /// <summary>Closes the connection and stays away until <see cref="GoOnline"/>.</summary>
    public void GoOffline() => Run(_ =>
    {
        if (Status is DeviceStatus.Halted or DeviceStatus.OtherPerson or DeviceStatus.Failed)
            return;
        CloseLink();
        Turn(DeviceStatus.Offline);
    });

    /// <summary>Comes back at once.</summary>
    public void GoOnline() => Run(_ =>
    {
        if (Status is DeviceStatus.Offline or DeviceStatus.Stopped)
            OpenOrWait();
    });

    /// <summary>The machine was asleep, or the network is back: what was pushed meanwhile may be lost, so that the device pulls first.</summary>
    public void Wake() => Run(_ =>
    {
        if (Status == DeviceStatus.Waiting)
            OpenOrWait();
        else if (Status == DeviceStatus.Online)
            WantSync(Now);
    });

    public async ValueTask DisposeAsync()
    {
        IDeviceLink? open;
        lock (gate)
        {
            if (disposed.IsCancellationRequested)
                return;
            open = link;
            linkId++;
            link = null;
            Status = DeviceStatus.Stopped;
            foreach (var waiter in outbox.Commands.SelectMany(c => c.Waiters))
                effects.Enqueue(() => waiter.TrySetCanceled());
            foreach (var question in asked)
                question.Cancel();
            disposed.Cancel();
        }
        await timer.DisposeAsync().ConfigureAwait(false);
        if (open is not null)
            await open.DisposeAsync().ConfigureAwait(false);
        Drain();
        disposed.Dispose();
    }

    /// <summary>One event: change, follow up, commit; then send and tell.</summary>
    void Run(Action<DeviceChanges> act)
    {
        lock (gate)
        {
            if (disposed.IsCancellationRequested || Status == DeviceStatus.Failed)
                return;
            var changes = new DeviceChanges();
            var before = effects.Count;
            try
            {
                act(changes);
                FollowUp(changes);
                Pump(changes);
                if (!changes.IsEmpty)
                {
                    store.Commit(changes);
                    Tell(o => o.Changed(changes));
                }
                Arm();
            }
            catch (Exception e)
            {
                // What was not committed must not be sent: the rules' memory is ahead of the store and of no use any more.
                Withdraw(before);
                Fail(e);
            }
        }
        Drain();
    }

    /// <summary>What follows from what has changed, whoever changed it.</summary>
    void FollowUp(DeviceChanges changes)
    {
        foreach (var (conversation, seq) in changes.Confirmed)
        {
            if (seq is null)
                confirmations.Forget(conversation);
        }
        var shown = new HashSet<Guid>();
        foreach (var (key, message) in changes.Messages)
        {
            if (message is null || !replica.Lanes.TryGetValue(key.Lane, out var window))
                continue;
            if (message.Seq <= window.End && outbox.Commands.Count > 0)
                shown.Add(message.MessageId);
            if (typing.End(message.ConversationId, message.PersonId))
                Tell(o => o.TypingChanged(message.ConversationId));
        }
        foreach (var (id, record) in changes.Lanes)
        {
            var window = record is null ? null : replica.Lanes.GetValueOrDefault(id);
            if (window is null)
                loads.Forget(id);
            else
                Follow(window);
        }
        foreach (var (key, item) in changes.Items)
        {
            if (item is null || !string.Equals(key.Kind, Contracts.Sync.ItemKinds.Conversation, StringComparison.Ordinal) || !Guid.TryParse(key.Id, out var conversation))
                continue;
            foreach (var lane in (ReadOnlySpan<Lane>)[Lane.Public, Lane.Notes])
            {
                if (replica.Lanes.TryGetValue(new LaneId(conversation, lane), out var window))
                    loads.Consider(window);
            }
        }
        Collapse(shown, changes);
    }

    void Follow(MessageWindow window)
    {
        loads.Consider(window);
        if (window.Id.Lane == Lane.Public && window.Confirmable > 0)
            confirmations.Hold(window.Id.ConversationId, window.Confirmable, ConfirmAt());
    }

    DateTimeOffset ConfirmAt() => Now + TimeSpan.FromMilliseconds(replica.Position.Limits?.ConfirmWithinMs ?? 100);

    /// <summary>What pauses are measured by: a clock that is set forward or back must not make a device wait for a day.</summary>
    DateTimeOffset Now => DateTimeOffset.UnixEpoch + options.Time.GetElapsedTime(began);

    void TimerWentOff() => Run(_ => armedFor = DateTimeOffset.MaxValue);

    /// <summary>The one timer goes off at the next thing that time alone brings about.</summary>
    void Arm()
    {
        var next = DateTimeOffset.MaxValue;
        Soonest(typing.NextExpiry);
        Soonest(places.NextExpiry);
        Soonest(viewing.NextExpiry);
        if (Status == DeviceStatus.Waiting)
            Soonest(openDue);
        if (Status == DeviceStatus.Connecting)
            Soonest(openingSince + options.AnswerTimeout);
        if (outstanding.Count > 0)
            Soonest(outstanding.Values.Min() + options.AnswerTimeout);
        if (Status == DeviceStatus.Online)
        {
            Soonest(outbox.NextDue);
            Soonest(loads.NextDue);
            Soonest(confirmations.Due);
            Soonest(syncDue);
        }
        if (next == armedFor)
            return;
        armedFor = next;
        // A timer may go off early, and no timer takes every wait; it then finds nothing due and is armed again.
        var wait = TimeSpan.FromMilliseconds(Math.Clamp((next - Now).TotalMilliseconds, 1, LongestTimer.TotalMilliseconds));
        timer.Change(next == DateTimeOffset.MaxValue ? Timeout.InfiniteTimeSpan : wait, Timeout.InfiniteTimeSpan);

        void Soonest(DateTimeOffset? at)
        {
            if (at < next)
                next = at.Value;
        }
    }

    void Tell(Action<IDeviceObserver> what)
    {
        foreach (var observer in observers)
            effects.Enqueue(() => what(observer));
    }

    void Turn(DeviceStatus status)
    {
        if (Status == status)
            return;
        Status = status;
        Tell(o => o.StatusChanged(status));
        logger.StatusChanged(status);
    }

    void Fail(Exception e)
    {
        Failure = e;
        CloseLink();
        Turn(DeviceStatus.Failed);
        logger.Failed(e);
        foreach (var waiter in outbox.Commands.SelectMany(c => c.Waiters).ToArray())
            effects.Enqueue(() => waiter.TrySetException(new InvalidOperationException("The device has failed; a new client on the same store goes on.", e)));
    }

    void Withdraw(int keep)
    {
        var kept = effects.Take(keep).ToArray();
        effects.Clear();
        foreach (var effect in kept)
            effects.Enqueue(effect);
    }

    /// <summary>Runs what was left to be done outside the lock, in order, by one thread at a time.</summary>
    void Drain()
    {
        while (true)
        {
            Action effect;
            lock (gate)
            {
                if (draining || !effects.TryDequeue(out effect!))
                    return;
                draining = true;
            }
            try
            {
                effect();
            }
            catch (Exception e)
            {
                // An observer's mistake is not the device's: the next observer and the connection go on.
                logger.ObserverFailed(e);
            }
            finally
            {
                lock (gate)
                    draining = false;
            }
        }
    }

    sealed class Observation(DeviceClient client, IDeviceObserver observer) : IDisposable
    {
        public void Dispose()
        {
            lock (client.gate)
                client.observers = [.. client.observers.Where(o => !ReferenceEquals(o, observer))];
        }
    }
}
