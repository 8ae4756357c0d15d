using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>Items of a change: records that are written when they differ from what is stored, and what each viewer is shown of them, in items of its own.</summary>
/// <param name="shown">What the viewers' devices were given.</param>
internal sealed class ViewItems(ImmutableArray<StoredItem> shown)
{
    readonly Dictionary<ItemKey, StoredItem> known = shown.ToDictionary(view => view.Key);
    readonly ImmutableArray<ItemChange>.Builder items = ImmutableArray.CreateBuilder<ItemChange>();
    readonly ImmutableArray<StoredItem>.Builder views = ImmutableArray.CreateBuilder<StoredItem>();

    public bool HasViews => items.Any(item => item.Key.Kind is ItemKind.Contact or ItemKind.AgentContext or ItemKind.VolatileContext);

    /// <summary>What the viewers' devices have after the change.</summary>
    public ImmutableArray<StoredItem> Views => views.ToImmutable();

    public ImmutableArray<ItemChange> Items => items.ToImmutable();

    public bool Writes(ItemKey key) => items.Any(item => item.Key == key);

    /// <summary>A record's new revision, the old one when it has not changed.</summary>
    public int AddRecord(ItemKey key, int revision, byte[]? before, byte[] after)
    {
        if (before is not null && before.AsSpan().SequenceEqual(after))
        {
            return revision;
        }

        items.Add(new(key, revision + 1, ImmutableArray.Create(after), Audience.OfNobody, []));
        return revision + 1;
    }

    /// <summary>As <see cref="AddRecord"/>, of the volatile context of a customer or an agent.</summary>
    public int AddVolatile(Guid of, int revision, ImmutableArray<ContextEntry> before, ImmutableArray<ContextEntry> after) =>
        AddRecord(new(ItemKind.VolatileRecord, of), revision, new VolatileRecord { Context = before }.ToJson(), new VolatileRecord { Context = after }.ToJson());

    /// <summary>Shows a viewer volatile context.</summary>
    public void ShowVolatile(Guid of, Guid viewer, VolatileContextState context) => Show(
        new(ItemKind.VolatileContext, of, viewer), JsonSerializer.SerializeToUtf8Bytes(context, ContractJson.Default.VolatileContextState), context.Context.Count == 0);

    /// <summary>Shows a viewer, who is <see cref="ItemKey.Sub"/>, a state. One that <paramref name="isEmpty"/> is shown only in the place of another: else it would tell that there is something to hide.</summary>
    public void Show(ItemKey key, byte[] state, bool isEmpty = false)
    {
        var old = known.GetValueOrDefault(key);
        if (old is null && isEmpty)
        {
            return;
        }

        if (old is not null && old.State.AsSpan().SequenceEqual(state))
        {
            views.Add(old);
            return;
        }

        var home = Audience.OfPerson(key.Sub);
        var item = new ItemChange(key, (old?.Revision ?? 0) + 1, ImmutableArray.Create(state), home, [home]);
        items.Add(item);
        views.Add(new(key, item.Revision, item.State));
    }

    /// <summary>Who is no viewer any more forgets what it was shown.</summary>
    public ImmutableArray<Departure> DepartAllBut(IEnumerable<Guid> viewers)
    {
        var stay = viewers.ToHashSet();
        return [.. known.Values.Where(view => !stay.Contains(view.Key.Sub)).Select(view => new Departure(view.Key, LeftReason.Left, [Audience.OfPerson(view.Key.Sub)], Delete: true))];
    }
}
