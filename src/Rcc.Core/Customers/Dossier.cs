using System.Collections.Immutable;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>One contact with all that decisions about it rest on: what is kept of it, what was merged into it, who serves it, and what they were shown.</summary>
public sealed record Dossier
{
    public required Guid Id { get; init; }

    /// <summary>Of the record's item.</summary>
    public int Revision { get; init; }

    public required ContactRecord Record { get; init; }

    public ImmutableArray<ContextEntry> Volatile { get; init; } = [];

    /// <summary>Of the volatile record's item; 0 when there never was volatile context.</summary>
    public int VolatileRevision { get; init; }

    /// <summary>The contacts merged into this one, directly or not, in the order in which they count.</summary>
    public ImmutableArray<MergedContact> Merged { get; init; } = [];

    /// <summary>The agents who take part in an open conversation of the customer.</summary>
    public ImmutableArray<ServingAgent> Serving { get; init; } = [];

    public ImmutableArray<Guid> OpenConversations { get; init; } = [];

    /// <summary>What the agents' devices were given.</summary>
    public ImmutableArray<StoredItem> Views { get; init; } = [];

    /// <summary>What holds for all contacts of the tenant.</summary>
    public ContactSettingsSnapshot Rules { get; init; } = new();

    /// <summary>There is where to look context up for it.</summary>
    public bool IsLookedUp => !Rules.Lookup.Origins().IsEmpty && Record is { MergedInto: null, ErasedAt: null };

    /// <summary>Somebody serves the customer: what was looked up here is looked up again when it is not as good as new any more.</summary>
    public ImmutableArray<LookupOrigin> Refreshed => IsLookedUp && !Serving.IsEmpty ? Rules.Lookup.Origins() : [];

    /// <summary>Until when all that is looked up is as good as new; null where nothing is.</summary>
    public DateTimeOffset? FreshUntil => Rules.Lookup.Origins().Min(origin => Record.FreshUntilOf(origin) ?? (DateTimeOffset?)DateTimeOffset.MinValue);

    /// <summary>The customer as one, over everything that was merged into it. What the contact itself says counts before what came with another; it is looked up as one, so what was looked up of another says nothing.</summary>
    public ContactRecord Combined => Merged.Aggregate(Record, (all, merged) => all with
    {
        Name = all.Name ?? merged.Record.Name,
        Email = all.Email ?? merged.Record.Email,
        Identifier = all.Identifier ?? merged.Record.Identifier,
        CreatedAt = all.CreatedAt < merged.Record.CreatedAt ? all.CreatedAt : merged.Record.CreatedAt,
        Addresses = [.. all.Addresses, .. merged.Record.Addresses],
        Labels = [.. all.Labels.Union(merged.Record.Labels, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        CustomAttributes = merged.Record.CustomAttributes.SetItems(all.CustomAttributes),
        Context = all.Context.Aggregate(merged.Record.Context.RemoveAll(entry => entry.Source == ContextSource.Database), ContextInformation.Set),
    });

    /// <summary>The customer with every record of it changed alike: what is taken away is gone, whoever it came with.</summary>
    public Dossier InAll(Func<ContactRecord, ContactRecord> edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        return this with { Record = edit(Record), Merged = [.. Merged.Select(merged => merged with { Record = edit(merged.Record) })] };
    }
}

/// <summary>A contact that was merged into another.</summary>
public sealed record MergedContact(Guid Id, int Revision, ContactRecord Record);

/// <summary>An agent who serves a customer, and what disclosure rules ask of it.</summary>
public sealed record ServingAgent(Guid Id, Role Role, Guid? GroupId);
