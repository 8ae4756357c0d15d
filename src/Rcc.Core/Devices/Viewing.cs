using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rcc.Contracts;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>
/// Says that an agent has a conversation open, for as long as one of its devices is connected: when it opens, again and again while it stays open, and when it closes. The other agents of the conversation are told, the
/// customer never. Who opens it asks the others, so that it knows at once who else is there. Nothing is kept: what is not said again has ended.
/// </summary>
internal sealed class Viewing(Caller caller, TimeProvider clock, TimeSpan lasts, Func<EphemeralEvent, Task> tell, ILogger logger) : IDisposable
{
    readonly Lock gate = new();
    Guid? open;
    int revision;
    ITimer? again;
    bool isDisposed;

    /// <summary>What the person has open, as its own item says; an older state than one that was seen counts for nothing.</summary>
    public void Notice(ItemKey key, int itemRevision, ReadOnlySpan<byte> state)
    {
        if (!caller.IsAgent || key.Kind != ItemKind.OpenConversation || key.Id != caller.PersonId)
        {
            return;
        }

        var now = JsonSerializer.Deserialize(state, ContractJson.Default.OpenConversationState)?.ConversationId;
        lock (gate)
        {
            if (isDisposed || itemRevision <= revision)
            {
                return;
            }

            revision = itemRevision;
            if (now == open)
            {
                return;
            }

            if (open is { } closed)
            {
                TellSoon(closed, isActive: false, asks: false);
            }

            open = now;
            again?.Dispose();
            again = now is null ? null : clock.CreateTimer(_ => SayAgain(), null, lasts / 3, lasts / 3);
            if (now is { } opened)
            {
                TellSoon(opened, isActive: true, asks: true);
            }
        }
    }

    /// <summary>Somebody else has opened a conversation, and asks who is there.</summary>
    public void Hear(EphemeralEvent fact)
    {
        lock (gate)
        {
            if (fact is { Kind: EphemeralKind.Viewing, Asks: true } && fact.ConversationId == open)
            {
                TellSoon(fact.ConversationId, isActive: true, asks: false);
            }
        }
    }

    /// <summary>Another device of the person may still have it open: nothing is said, and ends by itself.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            open = null;
            again?.Dispose();
        }
    }

    void SayAgain()
    {
        lock (gate)
        {
            if (open is { } still)
            {
                TellSoon(still, isActive: true, asks: false);
            }
        }
    }

    /// <summary>Called under the tail's lock, too: the telling itself happens elsewhere.</summary>
    void TellSoon(Guid conversation, bool isActive, bool asks) => _ = Task.Run(async () =>
    {
        try
        {
            await tell(new(caller.Tenant, Audience.OfNotes(conversation), conversation, caller.PersonId, isActive, EphemeralKind.Viewing, asks));
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException or BusyException)
        {
            logger.ViewingNotTold(failure, caller.Tenant);
        }
    });
}
