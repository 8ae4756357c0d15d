using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>
/// Turns two states of a contact into what must be committed to get from one to the other: its records, what each agent who serves it may see, its rows. Everything follows from the states, so that no rule can forget
/// to show something, or to hide it.
/// </summary>
internal static class ContactChange
{
    /// <summary>The decision to go from one state to the other; the state it leads to has the revisions it makes.</summary>
    /// <param name="before">What was decided on; null for a new contact.</param>
    /// <param name="after">What is to be.</param>
    /// <param name="released">A contact that is merged into it before, and after no more.</param>
    /// <param name="act">What to record.</param>
    /// <param name="looksUpAt">When to look up what others know of the customer; null: no reason to.</param>
    public static Decision<Dossier> Between(Dossier? before, Dossier after, MergedContact? released = null, Act? act = null, DateTimeOffset? looksUpAt = null)
    {
        after = after with { Record = after.Record with { Viewers = [.. after.Serving.Select(agent => agent.Id)] } };
        var items = new ViewItems(after.Views);
        var rows = ImmutableArray.CreateBuilder<RowWrite>();
        var fences = ImmutableArray.CreateBuilder<ItemFence>();
        var next = after with
        {
            Revision = items.AddRecord(RecordKey(after.Id), before?.Revision ?? 0, before?.Record.ToJson(), after.Record.ToJson()),
            VolatileRevision = items.AddVolatile(after.Id, after.VolatileRevision, before?.Volatile ?? [], after.Volatile),
            Merged = [.. after.Merged.Select(merged => merged with
            {
                Revision = items.AddRecord(RecordKey(merged.Id), merged.Revision, RecordOf(before, merged.Id)?.ToJson(), merged.Record.ToJson()),
            })],
        };
        // The customer is one over all its records: none may have moved, changed here or not.
        fences.AddRange(next.Merged.Select(merged => (merged.Id, merged.Revision)).Prepend((after.Id, next.Revision)).Select(record => new ItemFence(RecordKey(record.Item1), record.Item2))
            .Where(fence => !items.Writes(fence.Key)));

        AddRow(rows, after.Id, before?.Record, after.Record);
        foreach (var merged in after.Merged)
        {
            AddRow(rows, merged.Id, RecordOf(before, merged.Id), merged.Record);
        }

        if (released is not null)
        {
            items.AddRecord(RecordKey(released.Id), released.Revision, RecordOf(before, released.Id)?.ToJson(), released.Record.ToJson());
            AddRow(rows, released.Id, RecordOf(before, released.Id), released.Record);
        }

        rows.AddRange(FoundBy(after.Id, before?.Combined, after.Combined));

        ShowAll(items, next);
        next = next with { Views = items.Views };
        if (items.HasViews)
        {
            // Nobody is to be shown anything by rules that are no longer in force.
            fences.Add(new(ContactSettings.DisclosureKey, after.Rules.DisclosureRevision));
        }

        var expiry = NextExpiry(after);
        if ((looksUpAt ?? (expiry == (before is null ? null : NextExpiry(before)) ? null : expiry)) is { } due)
        {
            rows.Add(new ContextDueRow { PersonId = after.Id, At = due, LooksUp = looksUpAt is not null });
        }

        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Id = after.Id, Revision = next.Revision },
            Act = act,
            Audiences = before is null ? [new(after.Id, Audience.OfPerson(after.Id), MembershipState.Reads)] : [],
            Fences = fences.DrainToImmutable(),
            Items = items.Items,
            Departures = items.DepartAllBut(next.Serving.Select(agent => agent.Id)),
            Rows = rows.DrainToImmutable(),
        });
    }

    /// <summary>When something of the contact expires next.</summary>
    public static DateTimeOffset? NextExpiry(Dossier contact) => ContextInformation.NextExpiry(contact.Volatile.Concat(contact.Record.Context).Concat(contact.Merged.SelectMany(merged => merged.Record.Context)));

    /// <summary>What a contact is found by, where it is not the same as before.</summary>
    public static IEnumerable<RowWrite> FoundBy(Guid contact, ContactRecord? before, ContactRecord? after)
    {
        if (TaggingRow.Between(
            AttributeOwner.Contact, contact, before is null ? ([], []) : (before.Labels, before.CustomAttributes), after?.Labels ?? [], after?.CustomAttributes ?? ContactRecord.NoAttributes) is { } tagging)
        {
            yield return tagging;
        }

        if (SubscriptionRow.Between(contact, before?.Context ?? [], after?.Context ?? []) is { } subscriptions)
        {
            yield return subscriptions;
        }
    }

    public static ItemKey RecordKey(Guid contact) => new(ItemKind.ContactRecord, contact);

    static ContactRecord? RecordOf(Dossier? contact, Guid merged) => contact?.Merged.FirstOrDefault(old => old.Id == merged)?.Record;

    static void AddRow(ImmutableArray<RowWrite>.Builder rows, Guid id, ContactRecord? before, ContactRecord after)
    {
        var row = RowOf(id, after);
        if (before is null || RowOf(id, before) != row)
        {
            rows.Add(row);
        }

        var old = before?.Addresses ?? [];
        rows.AddRange(old.Where(address => !Has(after.Addresses, address)).Select(address => new AddressRow { ContactId = id, Kind = address.Kind, Value = address.Value, IsRemoved = true }));
        rows.AddRange(after.Addresses.Where(address => !Has(old, address)).Select(address => new AddressRow { ContactId = id, Kind = address.Kind, Value = address.Value }));

        static bool Has(ImmutableArray<ContactAddress> addresses, ContactAddress address) =>
            addresses.Any(other => other.Kind == address.Kind && string.Equals(other.Value, address.Value, StringComparison.Ordinal));
    }

    static ContactRow RowOf(Guid id, ContactRecord record) => new()
    {
        Id = id, Name = record.Name, Email = record.Email, Identifier = record.Identifier, CreatedAt = record.CreatedAt, MergedInto = record.MergedInto, IsErased = record.ErasedAt is not null,
    };

    /// <summary>Each agent who serves the customer gets what it may see, in an item of its own; who serves it no longer forgets it.</summary>
    static void ShowAll(ViewItems items, Dossier contact)
    {
        foreach (var agent in contact.Serving)
        {
            var viewer = new Viewer(agent.Role, agent.GroupId, Serves: true);
            items.Show(new(ItemKind.Contact, contact.Id, agent.Id), JsonSerializer.SerializeToUtf8Bytes(Disclosure.Show(contact, viewer), ContractJson.Default.ContactState));
            items.ShowVolatile(contact.Id, agent.Id, Disclosure.ShowVolatile(contact, viewer));
        }
    }
}
