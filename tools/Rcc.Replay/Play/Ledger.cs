using System.Collections.Concurrent;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Replay.Accounts;

namespace Rcc.Replay.Play;

/// <summary>What was posted, answered and seen, by all devices together, and what went wrong.</summary>
sealed class Ledger(Owners owners)
{
    readonly ConcurrentDictionary<Guid, PlayedTurn> turns = [];
    readonly ConcurrentQueue<string> failures = [];
    readonly ConcurrentDictionary<(ReplayDevice Device, Guid Id), byte> foreign = [];
    readonly TaskCompletionSource broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long posted;
    long acknowledged;
    long events;
    long outages;

    public long Posted => Volatile.Read(ref posted);

    public long Acknowledged => Volatile.Read(ref acknowledged);

    /// <summary>Counts everything that moves the replay on: while it stands still, nothing happens.</summary>
    public long Events => Volatile.Read(ref events);

    /// <summary>A number that is odd while the server or its store is away, and changes with each time it was.</summary>
    public long Outages => Volatile.Read(ref outages);

    /// <summary>What must not happen and is none of the counted failures, for people.</summary>
    public IReadOnlyCollection<string> Failures => failures;

    /// <summary>Completes at the first of <see cref="Failures"/>.</summary>
    public Task Broken => broken.Task;

    /// <summary>Ids of other tenants, each with the device it turned up on.</summary>
    public IReadOnlyCollection<(ReplayDevice Device, Guid Id)> Foreign => [.. foreign.Keys];

    public IEnumerable<TimeSpan> Latencies => turns.Values.Select(turn => turn.Latency).OfType<TimeSpan>();

    public void Post(PlayedTurn turn)
    {
        turns[turn.MessageId] = turn;
        Interlocked.Increment(ref posted);
    }

    public PlayedTurn? Find(Guid messageId) => turns.GetValueOrDefault(messageId);

    /// <summary>Something has moved on that is no turn.</summary>
    public void Move() => Interlocked.Increment(ref events);

    /// <summary>An outage begins or ends.</summary>
    public void TurnOutage() => Interlocked.Increment(ref outages);

    public async Task UntilAcknowledgedAsync(long turns, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Acknowledged < turns)
            await tick.WaitForNextTickAsync(cancellationToken);
    }

    public void Fail(string what)
    {
        failures.Enqueue(what);
        broken.TrySetResult();
    }

    public void Settle(Guid messageId, Outcome outcome)
    {
        if (Find(messageId) is not { } turn)
            return;
        if (outcome.IsOk && !turn.Settled.IsCompleted)
            Interlocked.Increment(ref acknowledged);
        Interlocked.Increment(ref events);
        turn.Settle(outcome);
    }

    /// <summary>A device has stored this.</summary>
    public void Took(ReplayDevice device, DeviceChanges changes)
    {
        foreach (var message in changes.Messages.Values)
        {
            if (message is null)
                continue;
            Look(device, message.ConversationId, mustBeKnown: true);
            Look(device, message.PersonId, mustBeKnown: true);
            if (Find(message.MessageId) is { } turn && turn.Show(device))
                Interlocked.Increment(ref events);
        }
        foreach (var (key, item) in changes.Items)
        {
            if (item is not null)
                Look(device, key);
        }
    }

    /// <summary>Looks through all that a device holds now.</summary>
    public void Look(ReplayDevice device)
    {
        var snapshot = device.Snapshot;
        foreach (var message in snapshot.Messages.Values)
        {
            Look(device, message.ConversationId, mustBeKnown: true);
            Look(device, message.PersonId, mustBeKnown: true);
        }
        foreach (var item in snapshot.Items)
            Look(device, item.Key);
    }

    void Look(ReplayDevice device, ItemKey key)
    {
        var mustBeKnown = key.Kind is ItemKinds.Conversation or ItemKinds.Agent or ItemKinds.Account;
        foreach (var part in key.Id.Split('/'))
        {
            if (Guid.TryParseExact(part, "D", out var id))
                Look(device, id, mustBeKnown);
        }
    }

    void Look(ReplayDevice device, Guid id, bool mustBeKnown)
    {
        var account = device.Person.AccountId;
        if (owners.IsForeign(account, id) || (mustBeKnown && !owners.IsOwn(account, id)))
            foreign.TryAdd((device, id), 0);
    }
}
