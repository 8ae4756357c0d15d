using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>How conversations of an inbox, or of a queue, may end. One item each, told to all agents.</summary>
public static class Dispositions
{
    public static ItemKey Key(Guid of) => new(ItemKind.Dispositions, of);

    public static DispositionsState Read(StoredItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item.Read(ContractJson.Default.DispositionsState);
    }

    /// <summary>Replaces the list. A conversation that ended keeps what it was given.</summary>
    public static Decision<DispositionsSnapshot> Set(TenantId tenant, Guid of, DispositionsSnapshot? now, string objectType, DispositionsState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var next = new DispositionsSnapshot((now?.Revision ?? 0) + 1, state);
        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Revision = next.Revision },
            Act = new(objectType, of, "update")
            {
                Changes = ActChanges.None.And("disposition_required", now?.State.Required ?? false, state.Required).And("dispositions", now?.State.Names ?? [], state.Names).ToImmutable(),
            },
            Items = [ItemChange.Of(Key(of), next.Revision, state, ContractJson.Default.DispositionsState, Audience.OfAgents(tenant))],
        });
    }
}

/// <summary>A list as stored.</summary>
public sealed record DispositionsSnapshot(int Revision, DispositionsState State);

/// <summary>How a conversation ends, and the lists of its inbox and queue.</summary>
/// <param name="Disposition">The name given; null for none.</param>
/// <param name="Lists">What may be given; null for nothing.</param>
public readonly record struct Closing(string? Disposition, IReadOnlyList<DispositionsState>? Lists)
{
    /// <summary>Null when the conversation may end so.</summary>
    internal Answer? Refuse()
    {
        var lists = Lists ?? [];
        if (Disposition is { } given)
        {
            return lists.Any(list => list.Names.Contains(given, StringComparer.Ordinal)) ? null : Answer.Refused(ErrorCode.Malformed, "Neither the inbox nor the queue has such a disposition.");
        }

        return lists.Any(list => list.Required && list.Names.Count > 0)
            ? Answer.Refused(ErrorCode.DispositionRequired, "The inbox or the queue asks for a disposition.")
            : null;
    }
}
