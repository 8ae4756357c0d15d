using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>How a device behaves.</summary>
public sealed record DeviceClientOptions
{
    /// <summary>What the device keeps; null: everything. A filter other than the stored token's makes the server start the device from nothing.</summary>
    public SyncFilter? Filter { get; init; }

    /// <summary>Messages to go back for in each conversation and lane: 1 … <see cref="int.MaxValue"/>. Default 200.</summary>
    public int HistoryMessages { get; init; } = 200;

    /// <summary>Messages asked for at once: 1 … what the server allows. Default 50.</summary>
    public int PageMessages { get; init; } = 50;

    /// <summary>Lanes loaded at the same time: at least 1. Default 4.</summary>
    public int ParallelLoads { get; init; } = 4;

    /// <summary>Commands the outbox keeps; one more is refused with <c>tooLarge</c>. Default 1000.</summary>
    public int MaxOutboxCommands { get; init; } = 1000;

    /// <summary>The longest first pause after a failure; it doubles with every further one. Default 0.5 s.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest pause ever. Default 30 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection on which a call is not answered for so long is given up. Default 30 s.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the jitter comes from. Many devices that lost one server must not come back together.</summary>
    public Random Random { get; init; } = Random.Shared;

    internal void Validate()
    {
        AtLeast(1, HistoryMessages, nameof(HistoryMessages));
        AtLeast(1, PageMessages, nameof(PageMessages));
        AtLeast(1, ParallelLoads, nameof(ParallelLoads));
        AtLeast(1, MaxOutboxCommands, nameof(MaxOutboxCommands));
        AtLeast(TimeSpan.FromMilliseconds(1), FirstPause, nameof(FirstPause));
        AtLeast(FirstPause, LongestPause, nameof(LongestPause));
        AtLeast(TimeSpan.FromMilliseconds(1), AnswerTimeout, nameof(AnswerTimeout));

        static void AtLeast<T>(T least, T value, string name)
            where T : IComparable<T>
        {
            if (value.CompareTo(least) < 0)
                throw new InvalidOperationException($"{nameof(DeviceClientOptions)}.{name} is {value}; it must be at least {least}.");
        }
    }

    /// <summary>Full jitter: anything up to the bound, which doubles with every attempt; but never less than a tenth of the first pause, so that chance alone makes no tight loop.</summary>
    internal TimeSpan Pause(int attempt)
    {
        var bound = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 20)));
#pragma warning disable CA5394 // Jitter is no secret.
        return TimeSpan.FromMilliseconds(Math.Max(Math.Max(1, FirstPause.TotalMilliseconds / 10), Random.NextDouble() * bound));
#pragma warning restore CA5394
    }
}
