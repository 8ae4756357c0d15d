using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace Rcc.LocalSilo.Tests;

/// <summary>
/// Many callers make random calls to few grains, while those end themselves, fall idle, have timers and call each other. Whatever the mixture: each call runs
/// exactly once, each caller's calls to a grain run in the order it made them, nothing overlaps that must not, and a grain lives at most once at a time.
/// </summary>
public sealed class StormTests
{
    const int Callers = 16, Grains = 5, Steps = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task No_call_is_lost_doubled_or_reordered_and_no_turn_is_shared(int seed)
    {
        var ledger = new Ledger();
        await using var silo = await TestSilo.StartAsync(
            options =>
            {
                // The clock races ahead of the work, which must not look late.
                options.ResponseTimeout = options.ActivationTimeout = options.DeactivationTimeout = TimeSpan.FromDays(40);
                options.MaxEnqueuedRequests = 100_000;
            },
            services => services.AddSingleton(ledger));
        var done = 0;
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random((seed * 1_000) + caller);
            var pending = new List<Task>();
            for (var step = 0; step < Steps; step++)
            {
                var target = random.Next(Grains);
                var grain = silo.Grains.GetGrain<IStormy>($"g{target}");
                var entry = new Entry(caller, step, random.Next(4));
                switch (random.Next(10))
                {
                    case 0:
                        pending.Add(grain.EndAsync(entry));
                        break;
                    case 1:
                        pending.Add(grain.InterleaveAsync(entry));
                        break;
                    case 2:
                        pending.Add(grain.ReadAsync(entry));
                        break;
                    case 3 when target + 1 < Grains:
                        pending.Add(grain.CallOnAsync(entry, $"g{random.Next(target + 1, Grains)}"));
                        break;
                    case 4:
                        pending.Add(grain.StartTimerAsync(entry));
                        break;
                    default:
                        pending.Add(grain.WriteAsync(entry));
                        break;
                }

                if (random.Next(20) == 0)
                {
                    await Task.WhenAll(pending);
                }
            }

            await Task.WhenAll(pending);
            Interlocked.Increment(ref done);
        })).ToArray();

        while (Volatile.Read(ref done) < Callers && !callers.Any(caller => caller.IsFaulted))
        {
            silo.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Task.WhenAll(callers);
        await silo.StopAsync();

        Assert.Empty(ledger.Faults);
        Assert.Equal(Callers * Steps, ledger.Entries.Count);
        Assert.Equal(Callers * Steps, ledger.Entries.Select(line => (line.Entry.Caller, line.Entry.Step)).Distinct().Count());
        foreach (var lines in ledger.Entries.Where(line => line.InOrder).GroupBy(line => (line.Grain, line.Entry.Caller)))
        {
            Assert.Equal(lines.Select(line => line.Entry.Step).Order(), lines.Select(line => line.Entry.Step));
        }

        Assert.True(ledger.Lives > Grains, "No grain was ever activated again.");
        Assert.Equal(ledger.Lives, ledger.Ends);
    }
}

sealed record Entry(int Caller, int Step, int Awaits);

/// <summary>What the stormy grains did, and what they saw that must not be.</summary>
sealed class Ledger
{
    int lives;
    int ends;

    public ConcurrentQueue<(string Grain, Entry Entry, bool InOrder)> Entries { get; } = new();

    public ConcurrentQueue<string> Faults { get; } = new();

    public ConcurrentDictionary<string, bool> Living { get; } = new(StringComparer.Ordinal);

    public int Lives => lives;

    public int Ends => ends;

    public void Begin(string grain)
    {
        Interlocked.Increment(ref lives);
        if (!Living.TryAdd(grain, true))
        {
            Faults.Enqueue($"{grain} lives twice");
        }
    }

    public void End(string grain)
    {
        Interlocked.Increment(ref ends);
        Living.TryRemove(grain, out _);
    }
}

interface IStormy : IGrainWithStringKey
{
    Task WriteAsync(Entry entry);

    Task EndAsync(Entry entry);

    Task CallOnAsync(Entry entry, string key);

    Task StartTimerAsync(Entry entry);

    Task CountAsync();

    [AlwaysInterleave]
    Task InterleaveAsync(Entry entry);

    [ReadOnly]
    Task ReadAsync(Entry entry);
}

sealed class StormyGrain(Ledger ledger) : Grain, IStormy
{
    int onThread;
    int writers;
    int readers;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        ledger.Begin(IdentityString);
        await Task.Yield();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (writers + readers > 0)
        {
            ledger.Faults.Enqueue($"{IdentityString} ended with a request running");
        }

        await Task.Yield();
        ledger.End(IdentityString);
    }

    public Task WriteAsync(Entry entry) => AloneAsync(entry, inOrder: true, () => Task.CompletedTask);

    public Task EndAsync(Entry entry) => AloneAsync(entry, inOrder: true, () =>
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    });

    public Task CallOnAsync(Entry entry, string key) =>
        AloneAsync(entry, inOrder: true, () => GrainFactory.GetGrain<IStormy>(key).CountAsync());

    public Task StartTimerAsync(Entry entry) => AloneAsync(entry, inOrder: true, () =>
    {
        this.RegisterGrainTimer(() => AloneAsync(null, inOrder: false, () => Task.CompletedTask), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        return Task.CompletedTask;
    });

    public Task CountAsync() => AloneAsync(null, inOrder: false, () => Task.CompletedTask);

    public async Task InterleaveAsync(Entry entry)
    {
        Note(entry, inOrder: false);
        await StepAsync(entry.Awaits);
    }

    public async Task ReadAsync(Entry entry)
    {
        Note(entry, inOrder: true);
        readers++;
        Check(writers == 0, "a reader beside a writer");
        await StepAsync(entry.Awaits);
        readers--;
    }

    async Task AloneAsync(Entry? entry, bool inOrder, Func<Task> body)
    {
        if (entry is not null)
        {
            Note(entry, inOrder);
        }

        writers++;
        Check(writers == 1 && readers == 0, "a writer beside another request");
        await body();
        await StepAsync(entry?.Awaits ?? 1);
        writers--;
    }

    void Note(Entry entry, bool inOrder) => ledger.Entries.Enqueue((IdentityString, entry, inOrder));

    async Task StepAsync(int awaits)
    {
        for (var step = 0; step < awaits; step++)
        {
            Check(onThread++ == 0, "two threads at once");
            Thread.SpinWait(10);
            onThread--;
            if (step % 2 == 0)
            {
                await Task.Yield();
            }
            else
            {
                await Task.Run(static () => Thread.SpinWait(50));
            }
        }
    }

    void Check(bool holds, string fault)
    {
        if (!holds)
        {
            ledger.Faults.Enqueue($"{IdentityString}: {fault}");
        }
    }
}
