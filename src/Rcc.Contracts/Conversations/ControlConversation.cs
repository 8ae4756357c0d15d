namespace Rcc.Contracts.Conversations;

/// <summary>
/// Controls a communication. The set of operations is open (RCC-18): one that the server does not know is answered <see cref="ErrorCode.UnknownOperation"/>, and nothing is changed.
/// Which members an operation needs is said at <see cref="ControlOperations"/>; the others are ignored.
/// </summary>
public sealed record ControlConversation : DeviceCommand
{
    /// <summary>The conversation.</summary>
    public required Guid ConversationId { get; init; }

    /// <summary>One of <see cref="ControlOperations"/>.</summary>
    public required string Operation { get; init; }
}

/// <summary>What can be done to a communication besides posting, assigning, resolving and reopening.</summary>
public static class ControlOperations
{
    /// <summary>
    /// The agent a conversation is offered to takes it. Of all who try, on whatever device, one wins (RCC-9); the others are answered <see cref="ErrorCode.Conflict"/>.
    /// </summary>
    public const string AcceptOffer = "acceptOffer";

    /// <summary>The agent a conversation is offered to does not take it: it is offered to another.</summary>
    public const string DeclineOffer = "declineOffer";
}
