using System.Collections.Immutable;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>Reads of conversations. They are written through the log only.</summary>
public interface IConversationStore
{
    /// <summary>What the rules decide on; null when there is no such conversation in the tenant. One snapshot.</summary>
    Task<ConversationSnapshot?> LoadAsync(TenantId tenant, Guid conversation, CancellationToken cancellationToken);

    /// <summary>
    /// A page of messages for somebody who may read the lane, oldest first: the <paramref name="limit"/> newest with seq below <paramref name="before"/>. Null when <paramref name="reader"/> is given and takes no part
    /// in the conversation (or, for notes, is no agent), or when there is no such conversation. One statement.
    /// </summary>
    Task<MessageRows?> ReadMessagesAsync(
        TenantId tenant, Guid conversation, Lane lane, Guid? reader, long? before, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Agents who may get a transfer of the conversation and have capacity left, the least busy first, among equals the longest idle: those of a group, those who serve a queue, or all. One snapshot.
    /// </summary>
    Task<IReadOnlyList<TransferTarget>> FindTransferTargetsAsync(TenantId tenant, Guid conversation, Guid? group, QueueState? queue, int limit, CancellationToken cancellationToken);

    /// <summary>What was said last in the conversation.</summary>
    Task<LastWords> ReadLastWordsAsync(TenantId tenant, Guid conversation, CancellationToken cancellationToken);

    /// <summary>How many conversations the contact has open, counted up to a limit.</summary>
    Task<int> CountOpenAsync(TenantId tenant, Guid contact, int limit, CancellationToken cancellationToken);

    /// <summary>Lists conversations, newest first, after a cursor.</summary>
    Task<IReadOnlyList<ConversationListing>> ListAsync(TenantId tenant, ConversationQuery query, CancellationToken cancellationToken);
}

/// <summary>A page of messages.</summary>
/// <param name="Messages">Oldest first.</param>
/// <param name="LastSeq">The newest seq of the lane; 0 when it is empty.</param>
public sealed record MessageRows(ImmutableArray<MessageEntry> Messages, long LastSeq);

/// <summary>Which conversations to list.</summary>
public sealed record ConversationQuery
{
    public ConversationStatus? Status { get; init; }

    public Guid? AssigneeId { get; init; }

    public bool OnlyUnassigned { get; init; }

    /// <summary>Only what is put off.</summary>
    public bool OnlySnoozed { get; init; }

    public Guid? InboxId { get; init; }

    public Guid? ContactId { get; init; }

    /// <summary>With <see cref="ContactId"/>: also those of all contacts that are the same customer by merging.</summary>
    public bool WithMerged { get; init; }

    /// <summary>Only those that have them all.</summary>
    public Customers.Tags? Tags { get; init; }

    /// <summary>Only conversations this person takes part in.</summary>
    public Guid? ParticipantId { get; init; }

    /// <summary>With <see cref="ParticipantId"/>: also those of these queues.</summary>
    public IReadOnlyList<Guid>? OrQueueIds { get; init; }

    /// <summary>
    /// <see cref="ParticipantId"/> is a master agent: also those of the agents it manages, and those that no agent has, unless they are in one of these queues. As <see cref="Agents.Reach"/> says of each.
    /// </summary>
    public IReadOnlyCollection<Guid>? ForeignQueueIds { get; init; }

    /// <summary>Only those of agents of this group.</summary>
    public Guid? HolderGroupId { get; init; }

    /// <summary>Only conversations in which a note mentions this person.</summary>
    public Guid? MentionedId { get; init; }

    /// <summary>Only those with a lower display id than this.</summary>
    public long? Before { get; init; }

    public required int Limit { get; init; }
}

/// <summary>A conversation in a list.</summary>
public sealed record ConversationListing(Guid Id, int Revision, ConversationState State);
