using System.Diagnostics;

namespace Rcc.Bench.Load;

/// <summary>One phase: when messages are posted.</summary>
sealed class Phase(Fleet fleet, int number, DrivePhase order)
{
    /// <summary>More than any machine this runs on can do; a ledger that is too small fails loudly.</summary>
    const int MaxClosedPerSecond = 100_000;

    readonly Random random = new(number);
    readonly TaskCompletionSource issued = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int inFlight;
    long until;

    public int Number => number;

    public bool MayBeRefused => order.MayBeRefused;

    public Ledger Ledger { get; } = new(number, 1000 + (int)((order.WarmUpSeconds + order.Seconds) * (order.Load.Open ? 1.5 * order.Load.Amount : MaxClosedPerSecond)));

    /// <summary>Messages posted and neither complete nor refused.</summary>
    public int InFlight => Volatile.Read(ref inFlight);

    /// <summary>Completes when no more messages will be begun by the clock.</summary>
    public Task Issued => issued.Task;

    /// <summary>Begins; when the measured seconds begin.</summary>
    public long Start()
    {
        var began = Stopwatch.GetTimestamp();
        var measuring = began + (long)(order.WarmUpSeconds * Stopwatch.Frequency);
        until = measuring + (long)(order.Seconds * Stopwatch.Frequency);
        new Thread(order.Load.Open ? () => PostByChance(began) : PostInTurn) { IsBackground = true, Name = "arrivals" }.Start();
        return measuring;
    }

    public void PostOne() => Post(0, Stopwatch.GetTimestamp());

    public void OnFinished(int talk)
    {
        if (!order.Load.Open && Stopwatch.GetTimestamp() is var now && now < until)
        {
            Post(talk, now);
        }

        Interlocked.Decrement(ref inFlight);
    }

    void PostInTurn()
    {
        for (var talk = 0; talk < order.Load.Amount; talk++)
        {
            Post(talk, Stopwatch.GetTimestamp());
        }

        PreciseSleep.Until(until);
        issued.SetResult();
    }

    /// <summary>Poisson arrivals: exponential gaps, whatever the server does.</summary>
    void PostByChance(long began)
    {
        for (var due = (double)began; ;)
        {
            due -= Math.Log(1 - random.NextDouble()) / order.Load.Amount * Stopwatch.Frequency;
            if (due >= until)
            {
                issued.SetResult();
                return;
            }

            PreciseSleep.Until((long)due);
            Post(random.Next(fleet.Talks.Count), (long)due);
        }
    }

    void Post(int talk, long due)
    {
        Interlocked.Increment(ref inFlight);
        fleet.Post(this, talk, due);
    }
}
