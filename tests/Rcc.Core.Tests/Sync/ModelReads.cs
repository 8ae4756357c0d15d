using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Sync;

/// <summary>What can be read of a tenant: pages, gaps, and for the tests what a device must hold in the end.</summary>
public sealed partial class ModelTenant
{
    public DevicePage ReadPage(PageRequest request)
    {
        lock (gate)
        {
            if (VerdictOn(request) is not PageVerdict.Ok and var verdict)
            {
                return new DevicePage { Verdict = verdict };
            }

            return request.Position is { Snapshot: null } position ? Entries(request, position.ModSeq) : Snapshot(request);
        }
    }

    public LogBatch? ReadGap(long after, IReadOnlyCollection<Audience> audiences, IReadOnlyCollection<Guid> persons)
    {
        lock (gate)
        {
            if (after < floor)
            {
                return null;
            }

            var entries = from entry in log
                          where entry.ModSeq > after
                          let told = entry.Audiences.Where(audiences.Contains).ToImmutableArray()
                          where entry is MembershipEntry membership ? persons.Contains(membership.Change.PersonId) : told.Length > 0 && IsNewest(entry)
                          select entry is MembershipEntry ? entry : entry with { Audiences = told };
            return new LogBatch(id, after, Math.Max(after, newest), [.. entries]);
        }
    }

    public IReadOnlyList<MessageEntry> ReadMessages(Guid conversation, Lane lane)
    {
        lock (gate)
        {
            return lanes.TryGetValue(Audience.OfLane(conversation, lane), out var messages) ? [.. messages] : [];
        }
    }

    public StoredItem? FindItem(ItemKey key)
    {
        lock (gate)
        {
            return items.TryGetValue(key, out var item) ? new StoredItem(key, item.Revision, item.State) : null;
        }
    }

    public ConversationSnapshot? LoadConversation(Guid conversation)
    {
        lock (gate)
        {
            var key = new ItemKey(ItemKind.Conversation, conversation);
            if (!items.TryGetValue(key, out var item))
            {
                return null;
            }

            var handling = items[ItemKey.OfHandling(conversation)];
            return new ConversationSnapshot(
                conversation,
                item.Revision,
                JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.ConversationState)!,
                handling.Revision,
                JsonSerializer.Deserialize(handling.State.AsSpan(), ContractJson.Default.HandlingState)!,
                conversations[conversation].WaitingSince,
                items.TryGetValue(new(ItemKind.Waiting, conversation), out var waiting) ? waiting.Revision : 0,
                LastSeq(Audience.OfConversation(conversation)),
                LastSeq(Audience.OfNotes(conversation)));
        }
    }

    /// <summary>The items a device with this filter holds once it has everything.</summary>
    public Dictionary<ItemKey, (int Revision, ImmutableArray<byte> State)> ItemsFor(Guid person, SyncFilter filter)
    {
        lock (gate)
        {
            return Visible(person, filter).ToDictionary(key => key, key => (items[key].Revision, items[key].State));
        }
    }

    /// <summary>Whether the person was ever entitled to the message: it was told while the person read the lane, or the person has belonged to the conversation since.</summary>
    public bool MayHold(Guid person, Guid conversation, Lane lane, long seq)
    {
        lock (gate)
        {
            var audience = Audience.OfLane(conversation, lane);
            var message = lanes[audience][(int)seq - 1];
            return memberships.Exists(one => one.Person == person && one.Audience == audience && one.Until > message.ModSeq);
        }
    }

    /// <summary>Whether the person was ever entitled to this state of the item.</summary>
    public bool MayHold(Guid person, ItemKey key, int revision)
    {
        lock (gate)
        {
            var told = log.OfType<ItemEntry>().Where(entry => entry.Key == key && entry.Revision == revision).SelectMany(entry => entry.Audiences.Select(audience => (audience, entry.ModSeq)));
            return told.Any(one => memberships.Exists(reads => reads.Person == person && reads.Audience == one.audience && reads.Since < one.ModSeq && one.ModSeq <= reads.Until))
                || (items.TryGetValue(key, out var item) && revision <= item.Revision && memberships.Exists(one => one.Person == person && one.Audience == item.Home))
                || IsCut(key, revision);
        }
    }

    // What was told of it is no longer kept: only that it was once can be said.
    bool IsCut(ItemKey key, int revision) => floor > 0 && (!items.TryGetValue(key, out var item) || revision <= item.Revision);

    PageVerdict VerdictOn(PageRequest request)
    {
        if (suspended is not false)
        {
            return PageVerdict.Suspended;
        }

        if (!IsLive(new Author(request.PersonId, request.DeviceId)))
        {
            return PageVerdict.SignedOut;
        }

        if (request.Position?.ModSeq < floor)
        {
            return PageVerdict.BelowFloor;
        }

        return request.Position?.ModSeq > newest ? PageVerdict.Future : PageVerdict.Ok;
    }

    DevicePage Snapshot(PageRequest request)
    {
        var standsFor = request.Position?.ModSeq ?? newest;
        var after = request.Position?.Snapshot;
        var rest = Visible(request.PersonId, request.Filter).Where(key => after is not { } last || InKeyOrder.Compare(key, last) > 0).Order(InKeyOrder).ToList();
        ImmutableArray<LogEntry> entries = [.. rest.Take(request.MaxItems).Select(key => new ItemEntry(key, items[key].Revision, items[key].State) { ModSeq = items[key].ModSeq })];
        if (rest.Count > request.MaxItems)
        {
            return new DevicePage { Verdict = PageVerdict.Ok, Entries = entries, Position = new DevicePosition(standsFor, rest[request.MaxItems - 1]), More = true };
        }

        // What changed while the snapshot was read follows from the number it stands for.
        return standsFor == newest
            ? LastPage(request, entries)
            : new DevicePage { Verdict = PageVerdict.Ok, Entries = entries, Position = new DevicePosition(standsFor, null), More = true };
    }

    DevicePage Entries(PageRequest request, long position)
    {
        var reads = memberships.Where(one => one.Person == request.PersonId && one.Until > position && !(request.Filter.WithoutNotes && one.Audience.Kind == AudienceKind.Notes)).ToList();
        var entries = from entry in log
                      where entry.ModSeq > position && entry is not MembershipEntry
                          && reads.Exists(one => entry.Audiences.Contains(one.Audience) && entry.ModSeq > one.Since && entry.ModSeq <= one.Until)
                          && IsNewest(entry)
                      select WithWhatHangs(Pass(entry, request.Filter), request);
        List<LogEntry> page = [];
        foreach (var one in entries)
        {
            if (page.Count > 0 && page.Count + one.Count > request.MaxItems)
            {
                return new DevicePage { Verdict = PageVerdict.Ok, Entries = [.. page], Position = new DevicePosition(page[^1].ModSeq, null), More = true };
            }

            page.AddRange(one);
        }

        return LastPage(request, [.. page]);
    }

    /// <summary>A conversation that comes may come back into the filter: the device has forgotten what hangs on it. What changes later comes by itself.</summary>
    List<LogEntry> WithWhatHangs(LogEntry entry, PageRequest request)
    {
        if (request.Filter.Statuses is null || entry is not ItemEntry { Key: { Kind: ItemKind.Conversation, Id: var conversation } })
        {
            return [entry];
        }

        var hanging = Visible(request.PersonId, request.Filter)
            .Where(key => key.HangsOnConversation && key.Id == conversation && items[key].ModSeq < entry.ModSeq)
            .Order(InKeyOrder)
            .Select(key => new ItemEntry(key, items[key].Revision, items[key].State) { ModSeq = entry.ModSeq });
        return [entry, .. hanging];
    }

    DevicePage LastPage(PageRequest request, ImmutableArray<LogEntry> entries)
    {
        var reads = memberships
            .Where(one => one.Person == request.PersonId && one.State == MembershipState.Reads && !(request.Filter.WithoutNotes && one.Audience.Kind == AudienceKind.Notes))
            .Select(one => one.Audience)
            .ToList();
        return new DevicePage
        {
            Verdict = PageVerdict.Ok,
            Entries = entries,
            Position = new DevicePosition(newest, null),
            Audiences = [.. reads],
            FilteredOut = [.. reads.Where(audience => audience.Kind == AudienceKind.Conversation && !Matches(audience.Id, request.Filter)).Select(audience => audience.Id)],
        };
    }

    /// <summary>The store keeps the newest state of an item only: of what was told before, nothing is left to send. It may be told again as it stands.</summary>
    bool IsNewest(LogEntry entry) => entry is not ItemEntry item || (items.TryGetValue(item.Key, out var stored) && stored.Revision == item.Revision && stored.ModSeq <= item.ModSeq);

    /// <summary>
    /// What is held back tells that its conversation is outside the filter, even if its item does so later on: before that page is read the conversation may be inside again, and what was held back would
    /// be missing on a device that never heard of it.
    /// </summary>
    LogEntry Pass(LogEntry entry, SyncFilter filter) => entry switch
    {
        MessageEntry message when !Matches(message.Message.ConversationId, filter) => Filtered(entry, message.Message.ConversationId),
        ItemEntry { Key: var key } when (key.Kind == ItemKind.Conversation || key.HangsOnConversation) && !Matches(key.Id, filter) => Filtered(entry, key.Id),
        _ => entry,
    };

    static LeftEntry Filtered(LogEntry entry, Guid conversation) =>
        new(new ItemKey(ItemKind.Conversation, conversation), LeftReason.Filtered) { ModSeq = entry.ModSeq, Audiences = entry.Audiences };

    IEnumerable<ItemKey> Visible(Guid person, SyncFilter filter)
    {
        var belongs = memberships.Where(one => one.Person == person && one.State != MembershipState.Left).Select(one => one.Audience).ToHashSet();
        return from item in items
               where belongs.Contains(item.Value.Home)
               let ofConversation = item.Key.Kind == ItemKind.Conversation || item.Key.HangsOnConversation
               where !ofConversation || (belongs.Contains(Audience.OfConversation(item.Key.Id)) && Matches(item.Key.Id, filter))
               select item.Key;
    }

    bool Matches(Guid conversation, SyncFilter filter) => filter.Statuses is null || (StatusOf(conversation) is { } status && filter.Statuses.Contains(status));

    static readonly Comparer<ItemKey> InKeyOrder = Comparer<ItemKey>.Create((a, b) => (a.Kind, a.Id, a.Sub).CompareTo((b.Kind, b.Id, b.Sub)));
}
