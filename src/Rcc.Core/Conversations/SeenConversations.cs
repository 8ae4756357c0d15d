using Rcc.Contracts.Sync;
using Rcc.Core.Agents;

namespace Rcc.Core.Conversations;

/// <summary>Conversations as somebody sees them: what doors read by, with all that <see cref="Reach"/> has to say.</summary>
public sealed class SeenConversations(IConversationStore conversations, Reaches reaches, PickingUp picking)
{
    /// <summary>Null when there is none that the caller sees.</summary>
    public async Task<ConversationSnapshot?> FindAsync(Caller caller, Guid conversation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return await conversations.LoadAsync(caller.Tenant, conversation, cancellationToken) is { } now && Conversation.IsVisible(now, new(caller, await FindReachAsync(caller, now, cancellationToken)))
            ? now
            : null;
    }

    /// <summary>As <see cref="FindAsync"/>, and what waits for who may take it.</summary>
    public async Task<ConversationSnapshot?> FindReadableAsync(Caller caller, Guid conversation, CancellationToken cancellationToken) =>
        await FindAsync(caller, conversation, cancellationToken) ?? await FindWaitingAsync(caller, conversation, cancellationToken);

    /// <summary>What waits, for who may take it.</summary>
    public async Task<ConversationSnapshot?> FindWaitingAsync(Caller caller, Guid conversation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.IsAgent && await conversations.LoadAsync(caller.Tenant, conversation, cancellationToken) is { } now && await picking.MayTakeAsync(caller, now, cancellationToken) ? now : null;
    }

    /// <summary>Whether the caller sees the conversation without taking part.</summary>
    public async Task<bool> IsManagedAsync(Caller caller, Guid conversation, CancellationToken cancellationToken)
    {
        // Only a master agent costs a read.
        var reach = Reach.Of(caller);
        return reach.Manages || (caller.Role == Role.MasterAgent
            && await conversations.LoadAsync(caller.Tenant, conversation, cancellationToken) is { } now && (await FindReachAsync(caller, now, cancellationToken)).Manages);
    }

    ValueTask<Reach> FindReachAsync(Caller caller, ConversationSnapshot now, CancellationToken cancellationToken) =>
        reaches.FindAsync(caller, now.State.AssigneeId, now.Handling.QueueId, toSupervise: false, cancellationToken);
}
