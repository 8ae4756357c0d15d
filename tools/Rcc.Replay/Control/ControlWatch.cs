using System.Collections.Concurrent;
using Rcc.Client.Sync;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Replay.Check;
using Rcc.Replay.Play;

namespace Rcc.Replay.Control;

/// <summary>
/// What all devices together are told of who has which conversation: the newest of it for whoever plays, and all of it, change by change, for the checks of owners and capacity.
/// </summary>
sealed class ControlWatch(Findings findings)
{
    readonly ConcurrentDictionary<Guid, Sighting> sightings = [];
    readonly ConcurrentDictionary<Guid, ConcurrentDictionary<Guid, byte>> met = [];
    readonly ConcurrentDictionary<Guid, int> capacities = [];
    readonly ConcurrentDictionary<ReplayDevice, DevicePlaces> places = [];
    readonly ConcurrentDictionary<Guid, byte> exceeded = [];
    readonly ConcurrentDictionary<ShownOffer, byte> offers = [];

    public Ownership Owners { get; } = new(findings);

    /// <summary>An offer is shown for the first time on any device of its agent.</summary>
    public Action<ShownOffer>? OfferShown { get; set; }

    public void SetCapacity(Guid agent, int capacity) => capacities[agent] = capacity;

    /// <summary>The newest that any device was told.</summary>
    public Seen Newest(Guid conversation) => Of(conversation).Newest;

    public async Task UntilAsync(Guid conversation, Func<Seen, bool> condition, CancellationToken cancellationToken)
    {
        for (var seen = Newest(conversation); !condition(seen); seen = Newest(conversation))
            await seen.Changed.WaitAsync(cancellationToken);
    }

    /// <summary>The customer may meet the agent in the conversation, by whatever was asked for.</summary>
    public void Meet(Guid conversation, Guid agent) => met.GetOrAdd(conversation, _ => [])[agent] = 0;

    /// <summary>Whether the customer may have met the agent.</summary>
    public bool HasMet(Guid conversation, Guid agent) => met.TryGetValue(conversation, out var agents) && agents.ContainsKey(agent);

    /// <summary>A device has stored this; one call at a time for each device.</summary>
    public void Took(ReplayDevice device, DeviceChanges changes)
    {
        foreach (var (key, item) in changes.Items)
        {
            if (item is not null)
                Took(device, key, item);
        }
        if (!capacities.TryGetValue(device.Person.Id, out var capacity))
            return;
        var own = places.GetOrAdd(device, _ => new DevicePlaces(new HeldPlaces(device.Person.Id, capacity)));
        foreach (var (key, item) in changes.Items)
            own.Held.Take(key, item);
        if (changes.Position is { } position)
            own.StandsStill = position is { Complete: true, SweepDue: false };
        if (own is { StandsStill: true, Held.IsExceeded: true } && exceeded.TryAdd(device.Person.Id, 0))
            findings.Exceed($"{device.Name}: was told of {own.Held.Count} conversations, offers and consultations at once; the agent's capacity is {capacity}");
    }

    void Took(ReplayDevice device, ItemKey key, ReplicaItem item)
    {
        if (!Guid.TryParseExact(key.Id.Split('/')[0], "D", out var conversation))
            return;
        switch (key.Kind)
        {
            case ItemKinds.Conversation:
                var state = item.Read<ConversationState>();
                Owners.See(conversation, item.Revision, state.AssigneeId, device.Name);
                if (state.AssigneeId is { } owner)
                    Meet(conversation, owner);
                Of(conversation).See(item.Revision, state);
                break;
            case ItemKinds.Handling:
                var handling = item.Read<HandlingState>();
                Owners.See(conversation, handling, device.Name);
                foreach (var seen in handling.Agents.Where(one => one.Part.IsSeen()))
                    Meet(conversation, seen.AgentId);
                Of(conversation).See(item.Revision, handling);
                break;
            case ItemKinds.Offer when item.Read<OfferState>().Outcome is null && offers.TryAdd(new(conversation, device.Person.Id, item.Revision), 0):
                OfferShown?.Invoke(new(conversation, device.Person.Id, item.Revision));
                break;
        }
    }

    Sighting Of(Guid conversation) => sightings.GetOrAdd(conversation, _ => new Sighting());

    sealed class DevicePlaces(HeldPlaces held)
    {
        public HeldPlaces Held => held;

        /// <summary>It is not in the middle of catching up.</summary>
        public bool StandsStill { get; set; }
    }
}

/// <summary>What is known of a conversation.</summary>
/// <param name="Revision">Of <paramref name="State"/>; 0 while nothing was told.</param>
/// <param name="HandlingRevision">Of <paramref name="Handling"/>, likewise.</param>
/// <param name="Changed">Completes when more is known.</param>
sealed record Seen(int Revision, ConversationState? State, int HandlingRevision, HandlingState? Handling, Task Changed)
{
    /// <summary>The agent who has it.</summary>
    public Guid? Owner => State is { Status: ConversationStatus.Open, AssigneeId: { } agent } ? agent : null;
}

/// <summary>Keeps the newest of a conversation.</summary>
sealed class Sighting
{
    readonly Lock all = new();
    TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Seen newest;

    public Sighting() => newest = new Seen(0, null, 0, null, changed.Task);

    public Seen Newest => Volatile.Read(ref newest);

    public void See(int revision, ConversationState state)
    {
        lock (all)
        {
            if (revision > newest.Revision)
                Turn(newest with { Revision = revision, State = state });
        }
    }

    public void See(int revision, HandlingState handling)
    {
        lock (all)
        {
            if (revision > newest.HandlingRevision)
                Turn(newest with { HandlingRevision = revision, Handling = handling });
        }
    }

    void Turn(Seen next)
    {
        var before = changed;
        changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref newest, next with { Changed = changed.Task });
        before.TrySetResult();
    }
}
