using System.Diagnostics;
using System.Globalization;

namespace Rcc.Bench.Load;

/// <summary>All devices and conversations of a run, and the phase that is being driven.</summary>
sealed class Fleet : IAsyncDisposable
{
    /// <summary>How long anything may take before it counts as failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    const int ConnectAtOnce = 32;

    /// <summary>Each device's turn to confirm comes once a round of groups: at most 80 ms late, where 100 are allowed.</summary>
    const int ConfirmGroups = 16;

    static readonly TimeSpan ConfirmTick = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan IdleTick = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);

    readonly Device[] devices;
    readonly Site site;
    readonly Thread confirming;
    readonly List<string> lost = [];
    Phase? current;
    volatile bool confirms;
    volatile bool ending;
    int phases;

    public Fleet(Site site)
    {
        this.site = site;
        Dialect = site.Dialect;
        confirms = Dialect == Dialect.Product;
        Talks = [.. site.Conversations.Select(c => new Talk(c, site.Devices[c.Customer].PersonId, site.Devices[c.Agent[0]].PersonId))];
        devices = [.. site.Devices.Select((device, index) => new Device(this, index, device))];
        for (var talk = 0; talk < Talks.Count; talk++)
        {
            for (var party = 0; party < Talks[talk].Parties.Count; party++)
            {
                devices[Talks[talk].Parties[party]].Join(talk, party);
            }
        }

        confirming = new Thread(ConfirmAndPing) { IsBackground = true, Name = "confirm" };
    }

    public Dialect Dialect { get; }

    public IReadOnlyList<Talk> Talks { get; }

    /// <summary>Of the phase being driven, or the last one.</summary>
    public Ledger? Ledger => current?.Ledger;

    public async Task<Connected> ConnectAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(
            devices,
            new ParallelOptions { MaxDegreeOfParallelism = ConnectAtOnce, CancellationToken = cancellationToken },
            async (device, token) => await device.ConnectAsync(site, token));
        confirming.Start();
        return new Connected([.. devices.Select(device => device.Token)]);
    }

    /// <summary>Posts for a while, then waits until every message is complete and every receipt has arrived.</summary>
    public async Task<PhaseEnded> DriveAsync(DrivePhase order, Func<Task> onMeasuring, CancellationToken cancellationToken)
    {
        var phase = current = new Phase(this, ++phases, order);
        var from = phase.Start();
        await Task.Delay(TimeSpan.FromSeconds(order.WarmUpSeconds), cancellationToken);
        await onMeasuring();
        var (wall, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await phase.Issued.WaitAsync(cancellationToken);
        await CompleteAsync(phase, cancellationToken);
        var busy = (Environment.CpuUsage.TotalTime - cpu) / Stopwatch.GetElapsedTime(wall);
        var to = from + (long)(order.Seconds * Stopwatch.Frequency);
        var (latency, toLastDevice, inWindow, since) = phase.Ledger.Measure(from, to);
        return new PhaseEnded(phase.Ledger.Count, inWindow, since, order.Seconds, latency, toLastDevice, Math.Round(busy, 3), phase.Ledger.Refused);
    }

    /// <summary>One message, and what was wrong since the last check.</summary>
    public async Task<Checked> ProbeAsync(CancellationToken cancellationToken)
    {
        var failures = TakeFailures();
        var phase = current = new Phase(this, ++phases, new DrivePhase(new PhaseLoad(Open: false, 1), 0, 0));
        phase.PostOne();
        await CompleteAsync(phase, cancellationToken);
        failures.AddRange(TakeFailures());
        return new Checked(failures);
    }

    public async Task<PagesRead> ReadPagesAsync(ReadPages order, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var until = began + (long)(order.Seconds * Stopwatch.Frequency);
        var ticks = new List<long>[order.Clients];
        var failures = new List<string>[order.Clients];
        await Task.WhenAll(Enumerable.Range(0, order.Clients).Select(async client =>
        {
            (ticks[client], failures[client]) = ([], []);
            while (Stopwatch.GetTimestamp() < until && failures[client].Count == 0)
            {
                var asked = Stopwatch.GetTimestamp();
                if (await devices[client].ReadPageAsync(order.PageMessages, cancellationToken) is { } refusal)
                {
                    failures[client].Add($"page refused: {refusal}");
                }
                else if (devices[client].Arrived.Items != order.PageMessages)
                {
                    failures[client].Add(string.Create(CultureInfo.InvariantCulture, $"a page had {devices[client].Arrived.Items} messages instead of {order.PageMessages}"));
                }

                ticks[client].Add(Stopwatch.GetTimestamp() - asked);
            }
        }));
        List<long> all = [.. ticks.SelectMany(list => list)];
        return new PagesRead(all.Count, Math.Round(all.Count / Stopwatch.GetElapsedTime(began).TotalSeconds, 1), Latency.Of(all), [.. failures.SelectMany(list => list)]);
    }

    /// <summary>The first device catches up from the token it was given, several times.</summary>
    public async Task<CaughtUp> CatchUpAsync(CatchUp order, CancellationToken cancellationToken)
    {
        // A confirmation between two catch-ups would add to what the second brings.
        confirms = false;
        var ticks = new List<long>();
        var (device, token, bytes) = (devices[0], site.Devices[0].Token, 0L);
        for (var time = 0; time < order.Times; time++)
        {
            var before = device.BytesReceived;
            var asked = Stopwatch.GetTimestamp();
            await device.SynchroniseAsync(token, cancellationToken);
            ticks.Add(Stopwatch.GetTimestamp() - asked);
            bytes = device.BytesReceived - before;
        }

        return new CaughtUp(device.Arrived.Items, device.Arrived.Messages, device.Arrived.Pages, bytes, Latency.Of(ticks), TakeFailures());
    }

    /// <summary>A message is complete.</summary>
    public void OnComplete(int talk) => current!.OnFinished(talk);

    /// <summary>Posts of the phase being driven may be refused.</summary>
    public bool MayBeRefused => current!.MayBeRefused;

    /// <summary>A message will never be complete.</summary>
    public void OnRefused(int talk) => current!.OnFinished(talk);

    public void OnLost(string failure)
    {
        lock (lost)
        {
            lost.Add(failure);
        }
    }

    /// <summary>Posts the next message of a conversation.</summary>
    public void Post(Phase phase, int talk, long due)
    {
        var sender = Talks[talk].TakeTurn();
        var entry = phase.Ledger.Enter(talk, sender, Talks[talk].Parties.Count, due);
        devices[Talks[talk].Parties[sender]].Post(entry, Talks[talk].Id, MessageStamp.Write(phase.Number, entry));
    }

    public async ValueTask DisposeAsync()
    {
        ending = true;
        await Parallel.ForEachAsync(devices, async (device, _) => await device.DisposeAsync());
    }

    async Task CompleteAsync(Phase phase, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (waiting.Elapsed < Patience && !HasLost() && !(phase.InFlight == 0 && HasAllReceipts()))
        {
            await Task.Delay(2, cancellationToken);
        }

        if (phase.InFlight == 0 && !HasAllReceipts())
        {
            phase.Ledger.Note("conversations without all their receipts");
        }

        bool HasLost()
        {
            lock (lost)
            {
                return lost.Count > 0;
            }
        }
    }

    bool HasAllReceipts() => Dialect == Dialect.BareHub || Talks.All(talk => talk.HasAllReceipts);

    List<string> TakeFailures()
    {
        lock (lost)
        {
            List<string> failures = [.. Ledger?.TakeFailures() ?? [], .. lost];
            lost.Clear();
            return failures;
        }
    }

    void ConfirmAndPing()
    {
        var pinged = Stopwatch.GetTimestamp();
        for (var round = 0; !ending; round++)
        {
            Thread.Sleep(Dialect == Dialect.Product ? ConfirmTick : IdleTick);
            for (var device = round % ConfirmGroups; device < devices.Length && confirms; device += ConfirmGroups)
            {
                devices[device].ConfirmIfDue();
            }

            if (Stopwatch.GetElapsedTime(pinged) > PingEvery)
            {
                pinged = Stopwatch.GetTimestamp();
                Array.ForEach(devices, device => device.Ping());
            }
        }
    }
}
