using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Grains;

/// <summary>What <see cref="MemoryTenant"/> keeps of contacts beside their rows and items.</summary>
sealed class MemoryDossiers(MemoryTenant tenant)
{
    public Dictionary<(AddressKind Kind, string Value), Guid> Addresses { get; } = [];

    /// <summary>What things are found by.</summary>
    public Dictionary<Guid, TaggingRow> Tagging { get; } = [];

    public Dictionary<Guid, SubscriptionRow> Subscriptions { get; } = [];

    public Dictionary<Guid, (DateTimeOffset At, Guid Stamp, Guid? Lookup)> Due { get; } = [];

    /// <summary>Until when devices of an agent count as connected.</summary>
    readonly Dictionary<Guid, DateTimeOffset> leases = [];

    public IEnumerable<Guid> ListDue() => Due.Where(due => due.Value.At <= TimeProvider.System.GetUtcNow()).Select(due => due.Key).Concat(leases.Keys.Where(agent => LeaseOf(agent) == PresenceLease.Over));

    public PresenceLease LeaseOf(Guid agent) => !leases.TryGetValue(agent, out var until) ? PresenceLease.None : until > TimeProvider.System.GetUtcNow() ? PresenceLease.Good : PresenceLease.Over;

    public bool KeepPresence(Guid agent, int revision, TimeSpan goodFor)
    {
        var isKept = LeaseOf(agent) == PresenceLease.Good && tenant.Items.GetValueOrDefault(new(ItemKind.PresenceRecord, agent))?.Revision == revision;
        if (isKept)
        {
            leases[agent] = TimeProvider.System.GetUtcNow() + goodFor;
        }

        return isKept;
    }

    public AgentDossier Load(AgentSnapshot agent, GroupSnapshot? group, IReadOnlyCollection<Guid> viewers)
    {
        var record = tenant.Items.GetValueOrDefault(new(ItemKind.AgentContextRecord, agent.Id));
        var presence = tenant.Items.GetValueOrDefault(new(ItemKind.PresenceRecord, agent.Id));
        return new()
        {
            Agent = agent,
            Group = group,
            Revision = record?.Revision ?? 0,
            Record = record is null ? new() : AgentContextRecord.OfJson(record.State.AsSpan()),
            Presence = presence is null ? new() : PresenceRecord.OfJson(presence.State.AsSpan()),
            PresenceRevision = presence?.Revision ?? 0,
            Lease = LeaseOf(agent.Id),
            Viewers = viewers.Where(viewer => tenant.Agents.TryGetValue(viewer, out var row) && !row.Removed)
                .ToImmutableSortedDictionary(viewer => viewer, viewer => new Viewer(tenant.Agents[viewer].Role, tenant.Agents[viewer].GroupId, Serves: true)),
            Views = [.. tenant.Items.Values.Where(item => item.Key.Kind is ItemKind.AgentContext or ItemKind.Presence && item.Key.Id == agent.Id)],
            Rules = Settings.Disclosure,
            RulesRevision = Settings.DisclosureRevision,
        };
    }

    public ContactSettingsSnapshot Settings
    {
        get
        {
            var settings = tenant.Items.Values.FirstOrDefault(item => item.Key.Kind == ItemKind.ContactSettings);
            var lookup = tenant.Items.Values.FirstOrDefault(item => item.Key.Kind == ItemKind.ContextLookup);
            var rules = tenant.Items.Values.FirstOrDefault(item => item.Key.Kind == ItemKind.Disclosure);
            return new()
            {
                Revision = settings?.Revision ?? 0,
                Settings = settings is null ? new() : JsonSerializer.Deserialize(settings.State.AsSpan(), ContractJson.Default.ContactSettingsState)!,
                DisclosureRevision = rules?.Revision ?? 0,
                Disclosure = rules is null ? new() : DisclosureRecord.OfJson(rules.State.AsSpan()),
                LookupRevision = lookup?.Revision ?? 0,
                Lookup = lookup is null ? new() : LookupRecord.OfJson(lookup.State.AsSpan()),
            };
        }
    }

    public Guid? Resolve(Guid contact) => tenant.Contacts.GetValueOrDefault(contact) switch
    {
        null => null,
        { MergedInto: { } survivor } => Resolve(survivor),
        var row => row.Id,
    };

    public Dossier? Load(Guid contact)
    {
        if (RecordOf(contact) is not { } own)
        {
            return null;
        }

        var family = Below(own).ToList();
        var open = tenant.Conversations.Values
            .Where(row => row.Status != ConversationStatus.Resolved && (row.ContactId == contact || family.Any(merged => merged.Id == row.ContactId))).Select(row => row.Id).ToHashSet();
        var volatileItem = tenant.Items.GetValueOrDefault(new(ItemKind.VolatileRecord, contact));
        return new()
        {
            Id = contact,
            Revision = own.Revision,
            Record = own.Record,
            Volatile = volatileItem is null ? [] : VolatileRecord.OfJson(volatileItem.State.AsSpan()).Context,
            VolatileRevision = volatileItem?.Revision ?? 0,
            Merged = [.. family],
            Serving =
            [
                .. tenant.Participants.Where(part => part is { IsAgent: true, Left: false } && open.Contains(part.ConversationId)).Select(part => part.PersonId).Distinct().Order()
                    .Select(agent => new ServingAgent(agent, tenant.Agents[agent].Role, tenant.Agents[agent].GroupId)),
            ],
            OpenConversations = [.. open],
            Views = [.. tenant.Items.Values.Where(item => item.Key.Kind is ItemKind.Contact or ItemKind.VolatileContext && item.Key.Id == contact)],
            Rules = Settings,
        };
    }

    public bool Settle(Guid contact, Guid stamp, DateTimeOffset? next)
    {
        if (!Due.TryGetValue(contact, out var due) || due.Stamp != stamp)
        {
            return false;
        }

        if (next is { } at)
        {
            Due[contact] = (at, stamp, due.Lookup);
        }
        else
        {
            Due.Remove(contact);
        }

        return true;
    }

    public void FinishLookup(Guid contact, Guid lookup)
    {
        if (Due.TryGetValue(contact, out var due) && due.Lookup == lookup)
        {
            Due[contact] = (Callers.Noon, due.Stamp, null);
        }
    }

    public string? FindTaken(Proposal proposal) =>
        proposal.Rows.OfType<AddressRow>().Any(row => !row.IsRemoved && Addresses.TryGetValue((row.Kind, row.Value), out var owner) && owner != row.ContactId) ? "The address is used." : null;

    /// <summary>Before the rows are: who is to be looked at by them.</summary>
    public void Apply(Proposal proposal)
    {
        foreach (var row in proposal.Rows)
        {
            switch (row)
            {
                case ConversationRow conversation when tenant.Conversations.GetValueOrDefault(conversation.Id)?.Status != conversation.Status:
                    Mark(conversation.ContactId, Callers.Noon, conversation.Status == ConversationStatus.Open);
                    break;
                case ParticipantRow { IsAgent: true } part:
                    Mark(proposal.Rows.OfType<ConversationRow>().FirstOrDefault(candidate => candidate.Id == part.ConversationId)?.ContactId ?? tenant.Conversations[part.ConversationId].ContactId, Callers.Noon);
                    break;
                case AgentRow agent when tenant.Agents.GetValueOrDefault(agent.Id) is { } old && (old.Role, old.GroupId) != (agent.Role, agent.GroupId):
                    MarkServed(part => part.PersonId == agent.Id);
                    break;
                case ContactRow contact when tenant.Contacts.GetValueOrDefault(contact.Id) is { } old && (old.MergedInto is not null || contact.MergedInto is not null):
                    foreach (var id in new[] { contact.Id, old.MergedInto, contact.MergedInto }.OfType<Guid>())
                    {
                        Mark(id, Callers.Noon);
                    }

                    break;
                case AddressRow { IsRemoved: true } address:
                    Addresses.Remove((address.Kind, address.Value));
                    break;
                case AddressRow address:
                    Addresses[(address.Kind, address.Value)] = address.ContactId;
                    break;
                case ContextDueRow due:
                    Mark(due.PersonId, due.At, due.LooksUp);
                    break;
                case PresenceLeaseRow { GoodFor: { } goodFor } lease:
                    leases[lease.AgentId] = TimeProvider.System.GetUtcNow() + goodFor;
                    break;
                case PresenceLeaseRow lease:
                    leases.Remove(lease.AgentId);
                    break;
                case DeviceSignOutRow signOut when tenant.Devices.GetValueOrDefault(signOut.Id) is { } device && tenant.Items.ContainsKey(new(ItemKind.PresenceRecord, device.PersonId)):
                    Mark(device.PersonId, Callers.Noon);
                    break;
                case TaggingRow tagging:
                    Tagging[tagging.Id] = tagging;
                    break;
                case SubscriptionRow found:
                    Subscriptions[found.ContactId] = found;
                    break;
                case ContactSettingsRow:
                    MarkServed(_ => true);
                    break;
                default:
                    break;
            }
        }
    }

    void MarkServed(Func<ParticipantRow, bool> condition)
    {
        foreach (var part in tenant.Participants.Where(part => part is { IsAgent: true, Left: false } && condition(part)).ToList())
        {
            Mark(tenant.Conversations[part.ConversationId].ContactId, Callers.Noon);
        }
    }

    void Mark(Guid contact, DateTimeOffset at, bool looksUp = false)
    {
        for (Guid? id = contact; id is { } due; id = tenant.Contacts.GetValueOrDefault(due)?.MergedInto)
        {
            var known = Due.TryGetValue(due, out var old);
            Due[due] = (known && old.At < at ? old.At : at, Guid.NewGuid(), looksUp ? Guid.NewGuid() : old.Lookup);
        }
    }

    MergedContact? RecordOf(Guid contact) =>
        tenant.Items.GetValueOrDefault(new(ItemKind.ContactRecord, contact)) is { } item ? new(contact, item.Revision, ContactRecord.OfJson(item.State.AsSpan())) : null;

    IEnumerable<MergedContact> Below(MergedContact contact) => contact.Record.Merged.Select(id => RecordOf(id)!).SelectMany(merged => Below(merged).Prepend(merged));
}
