using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to what an agent's devices are told by synchronisation, for who asks instead; and to typing, for who has no connection.</summary>
public sealed class DeskDoor(IGrainFactory grains, SeenConversations conversations, IDeskStore desks, ISyncStore items, Admission admission, IOptions<AccessOptions> access)
{
    /// <summary>What is offered to the calling agent now.</summary>
    public Task<Found<IReadOnlyList<OfferListing>>> ListOffersAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<IReadOnlyList<OfferListing>>(caller, Permission.RequireAgent(caller), async () =>
            new(Outcome.Done, await desks.ListOffersAsync(caller.Tenant, caller.PersonId, access.Value.MaxListItems, cancellationToken)));
    }

    /// <summary>What the calling agent's desk counts.</summary>
    public Task<Found<DeskNumbers>> CountAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<DeskNumbers>(caller, Permission.RequireAgent(caller), async () => await desks.CountAsync(caller.Tenant, caller.PersonId, cancellationToken));
    }

    /// <summary>What was whispered to the calling agent in a conversation, or by it.</summary>
    public Task<Found<WhispersState>> FindWhispersAsync(Caller caller, Guid conversation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<WhispersState>(caller, Permission.RequireAgent(caller), async () =>
        {
            if (await conversations.FindAsync(caller, conversation, cancellationToken) is null)
            {
                return NoConversation;
            }

            return await items.FindItemAsync(caller.Tenant, new(ItemKind.Whispers, conversation, caller.PersonId), cancellationToken) is { } item
                ? item.Read(ContractJson.Default.WhispersState)
                : new WhispersState();
        });
    }

    /// <summary>Typing or not. Not kept; told to whoever else reads the conversation now, or with <see cref="Lane.Notes"/>, and while nobody of its customer's sees the caller, to agents alone.</summary>
    public async Task<Outcome> SetTypingAsync(Caller caller, Typing typing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(typing);
        var refusal = Permission.RequireWriter(caller) ?? TypingReach.Refuse(caller, typing.Lane);
        var found = await admission.ReadAsync<ConversationSnapshot>(caller, refusal, async () =>
        {
            if (await conversations.FindAsync(caller, typing.ConversationId, cancellationToken) is not { } now)
            {
                return NoConversation;
            }

            if (now.State.Status == ConversationStatus.Resolved)
            {
                return Outcome.Refused(ErrorCode.Closed, "The conversation is resolved; it must be reopened first.");
            }

            var audience = TypingReach.Of(now.Handling, caller, now.Id, typing.Lane);
            await grains.GetGrain<ILogGrain>(caller.Tenant.Key).TellAsync(new(caller.Tenant, audience, now.Id, caller.PersonId, typing.Active), cancellationToken);
            return now;
        });
        return found.Outcome;
    }

    static Outcome NoConversation => Decision.NotFound("conversation").ToOutcome();
}
