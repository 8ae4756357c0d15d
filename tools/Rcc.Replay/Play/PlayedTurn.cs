using System.Diagnostics;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;

namespace Rcc.Replay.Play;

/// <summary>A turn on its way: from being given to a device until all devices that are to have it do.</summary>
sealed class PlayedTurn(Guid messageId, Guid conversationId, ReplayDevice writer, IReadOnlyList<ReplayDevice> audience, Ledger ledger)
{
    readonly TaskCompletionSource[] seen = [.. audience.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
    readonly TaskCompletionSource<Outcome> settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<PostMessage> sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long[] calm = [];
    long outages;
    long givenAt;
    int missing = audience.Count;

    public Guid MessageId => messageId;

    public Guid ConversationId => conversationId;

    public ReplayDevice Writer => writer;

    /// <summary>The server's final answer to the writer.</summary>
    public Task<Outcome> Settled => settled.Task;

    /// <summary>The command with its number, once it has gone out for the first time.</summary>
    public Task<PostMessage> Sent => sent.Task;

    /// <summary>Every device of the audience has it.</summary>
    public Task SeenByAll => Task.WhenAll(seen.Select(one => one.Task));

    /// <summary>From giving to the last device; null while one lacks it, and where a disturbance or an outage came between.</summary>
    public TimeSpan? Latency { get; private set; }

    public Task SeenOn(ReplayDevice device) => seen[IndexOf(device)].Task;

    /// <summary>The turn is about to be given to its writer.</summary>
    public void Give()
    {
        calm = [.. audience.Select(device => device.Calm)];
        outages = ledger.Outages;
        givenAt = Stopwatch.GetTimestamp();
    }

    public void Send(PostMessage command) => sent.TrySetResult(command);

    public void Settle(Outcome outcome)
    {
        if (!settled.TrySetResult(outcome) || outcome.IsOk)
            return;
        var refusal = new TurnRefusedException($"A turn was refused with {outcome.Code}: {outcome.Detail}");
        foreach (var one in seen)
            one.TrySetException(refusal);
    }

    /// <returns>Whether this device had not seen it before.</returns>
    public bool Show(ReplayDevice device)
    {
        var at = Stopwatch.GetTimestamp();
        var index = IndexOf(device);
        if (index < 0 || !seen[index].TrySetResult())
            return false;
        if (Interlocked.Decrement(ref missing) == 0 && WasCalm())
            Latency = Stopwatch.GetElapsedTime(givenAt, at);
        return true;
    }

    bool WasCalm() => long.IsEvenInteger(outages) && ledger.Outages == outages && audience.Select((one, i) => calm[i] >= 0 && one.Calm == calm[i]).All(same => same);

    int IndexOf(ReplayDevice device)
    {
        for (var i = 0; i < audience.Count; i++)
        {
            if (ReferenceEquals(audience[i], device))
                return i;
        }
        return -1;
    }
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
