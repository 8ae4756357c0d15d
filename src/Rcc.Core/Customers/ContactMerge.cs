using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>
/// The rules of merging two contacts that are one customer. Pure. A merged contact keeps its record, its addresses and its conversations; the survivor is read over all of them, and the merged one's id leads to the survivor. So its devices go on
/// as before, and unmerging gives back exactly what it had, less what was taken away meanwhile. Both records move with the change: of two that cross each other, one is decided again.
/// </summary>
public static class ContactMerge
{
    public static Decision<Dossier> Merge(Dossier? now, Caller caller, Dossier? other, DateTimeOffset at, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Refuse(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (other is null or { Record.ErasedAt: not null })
        {
            return Contact.NotFound;
        }

        if (other.Id == now!.Id || now.Merged.Any(merged => merged.Id == other.Id))
        {
            return ContactChange.Between(now, now);
        }

        if (other.Record.MergedInto is not null)
        {
            return Contact.MergedMeanwhile;
        }

        var count = now.Merged.Length + other.Merged.Length + 1;
        if (count > options.MaxMerged)
        {
            return Answer.Refused(ErrorCode.TooLarge, $"There would be {count} contacts merged into this one; MaxMerged is {options.MaxMerged}.");
        }

        // The one is found by all of it now, and the other by nothing.
        var beside = now with { Merged = [.. now.Merged, new(other.Id, other.Revision, other.Record), .. other.Merged] };
        var together = beside with
        {
            Record = now.Record with { Merged = now.Record.Merged.Add(other.Id) },
            Merged = [.. beside.Merged.Select(merged => merged.Id == other.Id ? merged with { Record = merged.Record with { MergedInto = now.Id } } : merged)],
            Serving = [.. now.Serving.UnionBy(other.Serving, agent => agent.Id).OrderBy(agent => agent.Id)],
            OpenConversations = [.. now.OpenConversations.Union(other.OpenConversations)],
        };
        var act = new Act("contact", now.Id, "merge", Act.Of(("contact_id", other.Id)));
        return With(
            ContactChange.Between(beside, together, act: act, looksUpAt: at),
            [.. ContactChange.FoundBy(now.Id, now.Combined, together.Combined), .. ContactChange.FoundBy(other.Id, other.Combined, null)]);
    }

    /// <summary>Gives a merged contact back to itself, with all that was merged into it.</summary>
    public static Decision<Dossier> Unmerge(Dossier? now, Caller caller, Guid other, DateTimeOffset at)
    {
        if (Refuse(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (now!.Merged.FirstOrDefault(merged => merged.Id == other) is not { Record.MergedInto: { } parent } gone)
        {
            return Answer.Refused(ErrorCode.NotFound, "No such contact is merged into this one.");
        }

        var leaving = Below(now, gone).Select(merged => merged.Id).ToHashSet();
        var next = now with { Merged = now.Merged.RemoveAll(merged => leaving.Contains(merged.Id)) };
        next = parent == now.Id
            ? next with { Record = Without(next.Record) }
            : next with { Merged = [.. next.Merged.Select(merged => merged.Id == parent ? merged with { Record = Without(merged.Record) } : merged)] };
        var freed = gone with { Record = gone.Record with { MergedInto = null } };
        var itself = now with { Id = other, Record = freed.Record, Merged = [.. Below(now, gone).Skip(1)] };
        return With(
            ContactChange.Between(now, next, released: freed, act: new("contact", now.Id, "unmerge", Act.Of(("contact_id", other))), looksUpAt: at),
            ContactChange.FoundBy(other, null, itself.Combined));

        ContactRecord Without(ContactRecord record) => record with { Merged = record.Merged.Remove(other) };
    }

    static Decision<Dossier> With(Decision<Dossier> decision, IEnumerable<RowWrite> rows) =>
        Decision.Accept(decision.Next!, decision.Change! with { Rows = [.. decision.Change.Rows, .. rows] });

    static IEnumerable<MergedContact> Below(Dossier now, MergedContact merged) =>
        merged.Record.Merged.SelectMany(id => now.Merged.Where(child => child.Id == id)).SelectMany(child => Below(now, child)).Prepend(merged);

    static Answer? Refuse(Dossier? now, Caller caller) => Contact.RefuseChange(now, caller)
        ?? (caller.Role == Role.Agent ? Answer.Refused(ErrorCode.Forbidden, "Only a master agent merges contacts.") : null);
}
