using Rcc.Client.Devices;
using Rcc.Contracts;

namespace Rcc.Replay.Play;

/// <summary>Counts of what was done to the devices and the server.</summary>
sealed class DisturbanceCounts
{
    int cuts;
    int absences;
    int restarts;
    int repeats;
    int serverKills;
    int postgresKills;

    public int Cuts => cuts;

    public int Absences => absences;

    public int Restarts => restarts;

    public int Repeats => repeats;

    public int ServerKills => serverKills;

    public int PostgresKills => postgresKills;

    public void Cut() => Interlocked.Increment(ref cuts);

    public void Leave() => Interlocked.Increment(ref absences);

    public void Restart() => Interlocked.Increment(ref restarts);

    public void Repeat() => Interlocked.Increment(ref repeats);

    public void KillServer() => Interlocked.Increment(ref serverKills);

    public void KillPostgres() => Interlocked.Increment(ref postgresKills);
}

/// <summary>What happens to the devices of one dialogue around a share of its turns. All of it comes from one seeded source, whose draws do not depend on timing.</summary>
sealed class Disturbances(double share, Random random, DisturbanceCounts counts, Ledger ledger)
{
    static readonly TimeSpan LongestAbsence = TimeSpan.FromMilliseconds(500);

    readonly List<Task> underWay = [];

    /// <summary>Draws what happens around the next turn; nothing, mostly.</summary>
    public Disturbance? Next(ReplayDevice writer, IReadOnlyList<ReplayDevice> audience)
    {
        var (whether, kind, whose, length) = (random.NextDouble(), random.Next(7), random.Next(audience.Count), random.NextDouble());
        if (whether >= share)
            return null;
        var other = audience[whose];
        return kind switch
        {
            0 => new Disturbance(After: _ => Cut(writer)),
            1 => new Disturbance(Before: () => Cut(other)),
            2 => new Disturbance(Before: () => Leave(writer, length * LongestAbsence)),
            3 => new Disturbance(Before: () => Leave(other, length * LongestAbsence)),
            4 => new Disturbance(After: _ => Restart(writer)),
            5 => new Disturbance(Before: () => Restart(other)),
            _ => new Disturbance(After: command => underWay.Add(RepeatAsync(command))),
        };
    }

    /// <summary>Every absent device is back, and every repeated command answered.</summary>
    public Task EndAsync() => Task.WhenAll(underWay);

    void Cut(ReplayDevice device)
    {
        counts.Cut();
        device.Cut();
    }

    void Leave(ReplayDevice device, TimeSpan length)
    {
        counts.Leave();
        device.GoOffline();
        underWay.Add(ReturnAsync());

        async Task ReturnAsync()
        {
            await Task.Delay(length);
            device.GoOnline();
        }
    }

    void Restart(ReplayDevice device)
    {
        counts.Restart();
        underWay.Add(device.RestartAsync());
    }

    /// <summary>The same command again, on its connection and on another of the same device: both must get the first answer, or none.</summary>
    async Task RepeatAsync(GivenCommand given)
    {
        counts.Repeat();
        await Task.WhenAny(given.Sent, given.Settled);
        if (!given.Sent.IsCompletedSuccessfully)
            return;
        var command = await given.Sent;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answers = await Task.WhenAll(
            AnswerAsync(() => given.Device.RepeatAsync(given.Method, command)), AnswerAsync(() => given.Device.RepeatElsewhereAsync(given.Method, command, patience.Token)));
        var first = await given.Settled;
        foreach (var answer in answers)
        {
            // Only what was done is remembered: what was refused is decided anew, and may be done by then.
            if (answer is not null && first.IsOk && answer != first && !given.Device.Ended.IsCompleted)
                ledger.Fail($"{given.Device.Name}: command {command.Number}, sent again, was answered {answer}, and first {first}");
        }
    }

    /// <summary>What the server says to it; null when it could not be asked, or does not know at the moment.</summary>
    static async Task<Outcome?> AnswerAsync(Func<Task<Outcome>> ask)
    {
        try
        {
            var outcome = await ask();
            return outcome.Code is ErrorCode.Busy or ErrorCode.RateLimited or ErrorCode.Unavailable or ErrorCode.Conflict or ErrorCode.Suspended or ErrorCode.Unauthenticated ? null : outcome;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or CredentialRefusedException)
        {
            return null;
        }
    }
}

/// <summary>What happens to a device around one turn.</summary>
/// <param name="Before">Done before the turn is given.</param>
/// <param name="After">Done with its command, when that has just been given.</param>
sealed record Disturbance(Action? Before = null, Action<GivenCommand>? After = null);
