using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Rcc.Bench.Load;
using Rcc.Bench.Targets;
using Rcc.Client.Devices;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;

namespace Rcc.Bench.Routing;

/// <summary>All devices of the agents: note when offers come and when they end, and accept them.</summary>
sealed class Desks : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly ConcurrentDictionary<string, Offer> offers = new(StringComparer.Ordinal);
    readonly Dictionary<Guid, IDeviceLink> firstDevices = [];
    readonly List<IDeviceLink> links = [];
    readonly int devicesOfEach;
    long number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024;

    Desks(int devices) => devicesOfEach = devices;

    public ConcurrentBag<string> Failures { get; } = [];

    public static async Task<Desks> ConnectAsync(Uri server, ProductAccount.Session[][] agents, CancellationToken cancellationToken)
    {
        var desks = new Desks(agents[0].Length);
        foreach (var session in agents.SelectMany(devices => devices))
        {
            var link = await new WebSocketTransport(server, _ => new(session.AccessToken)).OpenAsync(desks.OnPush, cancellationToken);
            desks.links.Add(link);
            desks.firstDevices.TryAdd(session.PersonId, link);
            var answer = await link.InvokeAsync<SyncAnswer>(nameof(IDeviceHub.Synchronize), new SyncRequest(), cancellationToken);
            if (!answer.Outcome.IsOk)
            {
                throw new IOException($"A device was answered {answer.Outcome.Code}.");
            }
        }

        return desks;
    }

    /// <summary>Each stream opens a conversation, waits until it is offered on all devices of some agent, accepts it on one, waits until all know, and resolves it.</summary>
    public async Task<OfferPhase> RunAsync(ProductAccount account, ProductAccount.Session[] customers, int streams, TimeSpan duration, CancellationToken cancellationToken)
    {
        ConcurrentBag<long> toAll = [];
        ConcurrentBag<long> toSilence = [];
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, streams).Select(async stream =>
        {
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                var opened = Stopwatch.GetTimestamp();
                var conversation = await account.OpenAsync(customers[stream], cancellationToken);
                var offer = offers.GetOrAdd(conversation.ToString(), _ => new());
                var agent = await offer.OnAll.Task.WaitAsync(Patience, cancellationToken);
                toAll.Add(offer.LastCameAt - opened);

                var accepted = Stopwatch.GetTimestamp();
                var outcome = await firstDevices[agent].InvokeAsync<Outcome>(
                    nameof(IDeviceHub.ControlConversation),
                    new ControlConversation { Number = Interlocked.Increment(ref number), ConversationId = conversation, Operation = ControlOperations.AcceptOffer },
                    cancellationToken);
                if (!outcome.IsOk)
                {
                    Failures.Add(string.Create(CultureInfo.InvariantCulture, $"An accept was answered {outcome.Code}: {outcome.Detail}"));
                    return;
                }

                await offer.Silent.Task.WaitAsync(Patience, cancellationToken);
                toSilence.Add(offer.LastSilentAt - accepted);
                offers.TryRemove(conversation.ToString(), out _);
                await account.ResolveAsync(conversation, cancellationToken);
            }
        }));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new OfferPhase(streams, Math.Round(toAll.Count / seconds, 1), Latency.Of([.. toAll]), Latency.Of([.. toSilence]));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in links)
        {
            await link.DisposeAsync();
        }
    }

    void OnPush(PushBatch batch)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var item in batch.Items ?? [])
        {
            if (item.Kind is ItemKinds.Offer && item.Id is { } id)
            {
                var slash = id.IndexOf('/', StringComparison.Ordinal);
                var isOver = item.State.TryGetProperty("outcome", out _);
                offers.GetOrAdd(id[..slash], _ => new()).Note(Guid.Parse(id.AsSpan(slash + 1), CultureInfo.InvariantCulture), isOver, now, devicesOfEach);
            }
        }
    }

    sealed class Offer
    {
        readonly Lock gate = new();
        int came;
        int ended;

        public TaskCompletionSource<Guid> OnAll { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Silent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long LastCameAt { get; private set; }

        public long LastSilentAt { get; private set; }

        public void Note(Guid agent, bool isOver, long at, int devices)
        {
            lock (gate)
            {
                if (!isOver && ++came == devices)
                {
                    LastCameAt = at;
                    OnAll.TrySetResult(agent);
                }

                if (isOver && ++ended == devices)
                {
                    LastSilentAt = at;
                    Silent.TrySetResult();
                }
            }
        }
    }
}
