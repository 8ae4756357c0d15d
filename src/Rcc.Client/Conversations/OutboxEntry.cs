using Rcc.Contracts;
using Rcc.Contracts.Conversations;

namespace Rcc.Client.Conversations;

/// <summary>Where a command stands.</summary>
public enum OutboxState
{
    /// <summary>Not answered for good yet.</summary>
    Waiting = 0,

    /// <summary>A post the server has appended; its message is on the way.</summary>
    Accepted,

    /// <summary>A post the server has refused; it stays until the user dismisses it or tries again.</summary>
    Refused,
}

/// <summary>A command of this device that the server has not settled yet, as it is kept.</summary>
public sealed record OutboxEntry
{
    /// <summary>The hub method.</summary>
    public required string Method { get; init; }

    /// <summary>Commands of one conversation go one after the other; null: those of no conversation do among themselves.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>The command with its number.</summary>
    public required DeviceCommand Command { get; init; }

    /// <summary>It may have reached the server: its body must not change any more.</summary>
    public bool Attempted { get; init; }

    public OutboxState State { get; init; }

    /// <summary>The final answer, once there is one.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>A post whose message came by synchronisation before its outcome: no longer shown as pending.</summary>
    public bool Collapsed { get; init; }

    /// <summary>Shown to the user as a message of its own.</summary>
    public bool IsShown => Command is PostMessage && !Collapsed;
}
