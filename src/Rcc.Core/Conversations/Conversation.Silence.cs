using System.Collections.Immutable;
using System.Text;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>What comes of silence.</summary>
public static partial class Conversation
{
    static Decision<ConversationSnapshot> EndSilence(TenantId tenant, ConversationSnapshot now, SilenceFacts facts, DateTimeOffset at)
    {
        // The settings may have changed since.
        var silence = Silences.Moved(now.Handling.Silence, now.Handling.QueueId, facts.Queue, at);
        silence = silence is { ReassignAfterSeconds: null, ResolveAt: null } ? null : silence;
        var current = now with { Handling = now.Handling with { Silence = silence } };
        if (Silences.AnswerBy(current) <= at)
        {
            // Its agent may be asked again once nobody else could take it.
            var waits = Assigned(current, null, at);
            return Change(tenant, now, waits with { Handling = waits.Handling with { Passed = [now.State.AssigneeId!.Value], PassedAt = at } });
        }

        return now.Handling.Silence!.ResolveAt <= at && silence?.ResolveAt is not null && facts.Queue is { } queue && Silences.ResolveAfter(queue) is { } after
            ? ResolveSilent(tenant, now, current, queue, facts, after, at)
            : Change(tenant, now, current with { Handling = current.Handling with { Silence = KeepTime(now.Handling.Silence, silence) } });
    }

    /// <summary>Resolves what nobody has written in for so long, or says when to look again.</summary>
    static Decision<ConversationSnapshot> ResolveSilent(
        TenantId tenant, ConversationSnapshot now, ConversationSnapshot current, QueueState queue, SilenceFacts facts, TimeSpan after, DateTimeOffset at)
    {
        var isLeftAlone = facts.Last.Answered && now is { State: { AssigneeId: not null, OnHold: false }, Handling: { Snooze: null, Offer: null, Transfer: not { IsUnderWay: true } } };
        var silentUntil = facts.Last.At + after;
        if (!isLeftAlone || silentUntil > at)
        {
            return Change(tenant, now, current with { Handling = current.Handling with { Silence = current.Handling.Silence! with { ResolveAt = silentUntil > at ? silentUntil : at + after } } });
        }

        var next = Resolved(current, null);
        return queue.AutoResolveMessage is { } text
            ? Change(tenant, now, next with { LastSeq = now.LastSeq + 1 }, change => change with
            {
                Messages = [new(now.Id, Lane.Public, now.LastSeq + 1, facts.MessageId, tenant.Value, Role.System, "text/plain", ImmutableArray.Create(Encoding.UTF8.GetBytes(text)))],
            })
            : Change(tenant, now, next);
    }

    /// <summary>What is looked at for another reason is not silent for longer by that.</summary>
    static Silence? KeepTime(Silence before, Silence? after) => after is null || before.ResolveAt is null || after.ResolveAt is null ? after : after with { ResolveAt = before.ResolveAt < after.ResolveAt ? before.ResolveAt : after.ResolveAt };
}
