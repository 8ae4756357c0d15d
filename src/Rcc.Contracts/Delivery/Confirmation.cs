namespace Rcc.Contracts.Delivery;

/// <summary>
/// What a device has stored. Sent at most <see cref="Sync.SyncLimits.ConfirmWithinMs"/> late, many messages at once.
/// </summary>
public sealed record Confirmation
{
    /// <summary>The token of the last batch stored. Advisory: it makes nothing delivered.</summary>
    public string? Token { get; init; }

    /// <summary>Per conversation what the device holds; only this makes messages <em>delivered</em>.</summary>
    public IReadOnlyList<Held> Held { get; init; } = [];
}

/// <summary>Every body of the public lane up to <paramref name="Seq"/> is stored on the device.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Seq">The highest seq up to which nothing is missing.</param>
public sealed record Held(Guid ConversationId, long Seq);

/// <summary>
/// How far a person has the messages of a conversation (RFC 5438: <c>delivered</c>, <c>displayed</c>). Both only move forward, and delivered is never below displayed (IM-253).
/// A message with seq ≤ <paramref name="Delivered"/>, written by somebody else, is delivered to this person.
/// </summary>
/// <param name="Delivered">On at least one of the person's devices.</param>
/// <param name="Displayed">Seen by the person.</param>
public sealed record ReceiptState(long Delivered, long Displayed);
