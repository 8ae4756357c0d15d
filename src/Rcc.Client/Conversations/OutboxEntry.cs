using System.Text.Json.Serialization;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;

namespace Rcc.Client.Conversations;

/// <summary>Where a command stands.</summary>
public enum OutboxState
{
    /// <summary>Not answered for good yet.</summary>
    Waiting = 0,

    /// <summary>The server has carried it out, and synchronisation has not yet brought its effect: until then the command goes on standing for it.</summary>
    Accepted,

    /// <summary>A post the server has refused; it stays until the user dismisses it or tries again.</summary>
    Refused,
}

/// <summary>A command of this device that the server has not settled yet, as it is kept.</summary>
public sealed record OutboxEntry
{
    /// <summary>The hub method.</summary>
    public required string Method { get; init; }

    /// <summary>The conversation it is about; null: none.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>The queue it waits in; commands of one queue go one after the other.</summary>
    [JsonIgnore]
    public string Queue => ConversationId is { } conversation ? conversation.ToString("D")
        : Method is nameof(IDeviceHub.SetContext) or nameof(IDeviceHub.ClearContext) ? "Context" : Method;

    /// <summary>The command with its number.</summary>
    public required DeviceCommand Command { get; init; }

    /// <summary>It may have reached the server: its body must not change any more.</summary>
    public bool Attempted { get; init; }

    public OutboxState State { get; init; }

    /// <summary>The final answer, once there is one.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Its effect came by synchronisation before its answer: once it is accepted, nothing of it is to come any more.</summary>
    public bool Seen { get; init; }

    /// <summary>Shown to the user as a message of its own.</summary>
    [JsonIgnore]
    public bool IsShown => Command is PostMessage && !Seen;
}
