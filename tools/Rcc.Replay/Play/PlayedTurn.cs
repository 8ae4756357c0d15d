using System.Collections.Concurrent;
using System.Diagnostics;
using Rcc.Contracts;
using Rcc.Contracts.Devices;

namespace Rcc.Replay.Play;

/// <summary>A turn on its way: from being given to a device until all devices that are to have it do.</summary>
sealed class PlayedTurn(Guid messageId, Guid conversationId, ReplayDevice writer, IReadOnlyList<ReplayDevice> audience, Ledger ledger)
{
    /// <summary>Odd, as if it had been given during an outage.</summary>
    const long NotMeasured = -1;

    readonly ConcurrentDictionary<ReplayDevice, TaskCompletionSource> seen = [];
    readonly TaskCompletionSource<Outcome> settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<DeviceCommand> sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly List<Guid> tries = [];
    long[] calm = [];
    long outages;
    long givenAt;
    int missing = audience.Count;

    public Guid MessageId => messageId;

    public Guid ConversationId => conversationId;

    /// <summary>The device it was given to last.</summary>
    public ReplayDevice Writer { get; private set; } = writer;

    /// <summary>Who has tried to say it: one of them, and mostly the only one, has.</summary>
    public IReadOnlyList<Guid> Writers { get; private set; } = [];

    /// <summary>How often it was given to a device.</summary>
    public int Tries => tries.Count;

    /// <summary>The server's final answer to the writer.</summary>
    public Task<Outcome> Settled => settled.Task;

    /// <summary>The command, as it goes out for the first time.</summary>
    public GivenCommand Command => new(Writer, nameof(IDeviceHub.PostMessage), sent.Task, settled.Task);

    /// <summary>Every device of the audience has it.</summary>
    public Task SeenByAll => Task.WhenAll(audience.Select(SeenOn));

    /// <summary>From giving to the last device; null while one lacks it, and where a disturbance or an outage came between.</summary>
    public TimeSpan? Latency { get; private set; }

    public Task SeenOn(ReplayDevice device) => Seen(device).Task;

    /// <summary>The turn is about to be given to a device, after another one could not say it perhaps: then nothing is measured.</summary>
    public void Give(ReplayDevice to)
    {
        calm = [.. audience.Select(device => device.Calm)];
        outages = givenAt == 0 ? ledger.Outages : NotMeasured;
        Writer = to;
        tries.Add(to.Person.Id);
        Writers = [.. tries.Distinct()];
        givenAt = Stopwatch.GetTimestamp();
    }

    /// <summary>It was said by the last try, or by one of those before: whose answer was lost, or whose command was carried out when it came once more.</summary>
    public void Attribute(bool toLast) => Writers = toLast ? [tries[^1]] : [.. tries[..^1].Distinct()];

    public void Send(DeviceCommand command) => sent.TrySetResult(command);

    public void Settle(Outcome outcome)
    {
        if (!settled.TrySetResult(outcome) || outcome.IsOk)
            return;
        var refusal = new TurnRefusedException($"A turn was refused with {outcome.Code}: {outcome.Detail}");
        foreach (var device in audience)
            Seen(device).TrySetException(refusal);
    }

    /// <returns>Whether this device had not seen it before.</returns>
    public bool Show(ReplayDevice device)
    {
        var at = Stopwatch.GetTimestamp();
        if (!Seen(device).TrySetResult())
            return false;
        if (audience.Contains(device) && Interlocked.Decrement(ref missing) == 0 && WasCalm())
            Latency = Stopwatch.GetElapsedTime(givenAt, at);
        return true;
    }

    bool WasCalm() => long.IsEvenInteger(outages) && ledger.Outages == outages && audience.Select((one, i) => calm[i] >= 0 && one.Calm == calm[i]).All(same => same);

    TaskCompletionSource Seen(ReplayDevice device) => seen.GetOrAdd(device, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>The server refused what the rules allow.</summary>
sealed class TurnRefusedException : Exception
{
    public TurnRefusedException()
    {
    }

    public TurnRefusedException(string message)
        : base(message)
    {
    }

    public TurnRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
