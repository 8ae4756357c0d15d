using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Sync;

/// <summary>Proposals of a batch that one call of <c>append_batch</c> can judge together: none reads or writes what an earlier one writes.</summary>
sealed class AppendRun
{
    /// <summary>Places only: what posts write. They are many, so they are kept apart from the rest.</summary>
    readonly HashSet<Place> places = [];
    readonly HashSet<Place> written = [];
    readonly HashSet<Guid> marked = [];

    /// <summary>Groups that agents work in, or queues name, after what is in the run. Many may join one of them in one run.</summary>
    readonly HashSet<Guid> named = [];

    public List<Proposal> Proposals { get; } = [];

    /// <summary>Cuts a batch into runs. They are committed together, one after the other; nearly always there is one.</summary>
    public static List<AppendRun> Split(TenantId tenant, IReadOnlyList<Proposal> proposals)
    {
        AppendRun current = new();
        List<AppendRun> runs = [current];
        foreach (var proposal in proposals)
        {
            if (current.Conflicts(tenant, proposal))
            {
                current = new AppendRun();
                runs.Add(current);
            }

            if (proposals.Count > 1)
            {
                current.Note(tenant, proposal);
            }

            current.Proposals.Add(proposal);
        }

        return runs;
    }

    bool Conflicts(TenantId tenant, Proposal proposal)
    {
        if (Proposals.Count == 0)
        {
            return false;
        }

        foreach (var place in PlacesOf(proposal))
        {
            if (places.Contains(place))
            {
                return true;
            }
        }

        if (written.Count > 0)
        {
            foreach (var place in ReadsOf(tenant, proposal))
            {
                if (written.Contains(place))
                {
                    return true;
                }
            }
        }

        foreach (var place in WritesOf(tenant, proposal))
        {
            if (written.Contains(place))
            {
                return true;
            }
        }

        // Whom a mark is told to depends on the conversation's status, and whether a group may go on who works in it.
        foreach (var row in proposal.Rows)
        {
            if (row is ConversationRow conversation && marked.Contains(conversation.Id)
                || row is GroupRow { IsRemoved: true } group && named.Contains(group.Id))
            {
                return true;
            }
        }

        return false;
    }

    void Note(TenantId tenant, Proposal proposal)
    {
        foreach (var place in PlacesOf(proposal))
        {
            places.Add(place);
        }

        foreach (var place in WritesOf(tenant, proposal))
        {
            written.Add(place);
        }

        foreach (var mark in proposal.Marks)
        {
            marked.Add(mark.ConversationId);
        }

        foreach (var row in proposal.Rows)
        {
            if (row is AgentRow { GroupId: { } group })
            {
                named.Add(group);
            }
            else if (row is QueueRow queue)
            {
                foreach (var one in queue.GroupIds.AsSpan())
                {
                    named.Add(one);
                }
            }
        }
    }

    static IEnumerable<Place> PlacesOf(Proposal proposal)
    {
        if (proposal.Command is { } command)
        {
            yield return new Place(PlaceKind.Command, proposal.By.GetValueOrDefault().DeviceId, default, command.Number);
        }

        foreach (var message in proposal.Messages)
        {
            yield return new Place(PlaceKind.Lane, message.ConversationId, default, (int)message.Lane);
        }
    }

    static IEnumerable<Place> ReadsOf(TenantId tenant, Proposal proposal)
    {
        yield return new Place(PlaceKind.Tenant, tenant.Value);
        if (proposal.By is { } by)
        {
            yield return new Place(PlaceKind.Device, by.DeviceId);
            yield return new Place(PlaceKind.Agent, by.PersonId);
        }

        foreach (var fence in proposal.Fences)
        {
            yield return OfItem(fence.Key);
        }

        foreach (var mark in proposal.Marks)
        {
            yield return new Place(PlaceKind.Conversation, mark.ConversationId);
        }

        foreach (var claim in proposal.Claims)
        {
            yield return new Place(PlaceKind.Load, claim.AgentId);
        }
    }

    static IEnumerable<Place> WritesOf(TenantId tenant, Proposal proposal)
    {
        foreach (var item in proposal.Items)
        {
            yield return OfItem(item.Key);
        }

        foreach (var departure in proposal.Departures)
        {
            if (departure.Delete)
            {
                yield return OfItem(departure.Key);
            }
        }

        foreach (var change in proposal.Audiences)
        {
            yield return new Place(PlaceKind.Membership, change.PersonId, change.Audience.Id, (int)change.Audience.Kind);
        }

        foreach (var claim in proposal.Claims)
        {
            yield return new Place(PlaceKind.Load, claim.AgentId);
        }

        foreach (var row in proposal.Rows)
        {
            yield return row switch
            {
                TenantRow => new Place(PlaceKind.Tenant, tenant.Value),
                DeviceRow device => new Place(PlaceKind.Device, device.Id),
                DeviceSignOutRow device => new Place(PlaceKind.Device, device.Id),
                KeyRotationRow key => new Place(PlaceKind.Device, key.Id),
                AgentRow agent => new Place(PlaceKind.Agent, agent.Id),
                GroupRow group => new Place(PlaceKind.Group, group.Id),
                InboxRow inbox => new Place(PlaceKind.Inbox, inbox.Id),
                ContactRow contact => new Place(PlaceKind.Contact, contact.Id),
                AddressRow address => new Place(PlaceKind.Address, AddressOf(address)),
                ContextDueRow due => new Place(PlaceKind.ContextDue, due.PersonId),
                PresenceLeaseRow lease => new Place(PlaceKind.PresenceLease, lease.AgentId),
                TaggingRow tagging => new Place(PlaceKind.Tagging, tagging.Id, default, (int)tagging.Of),
                SubscriptionRow found => new Place(PlaceKind.Subscription, found.ContactId),
                ContactSettingsRow => new Place(PlaceKind.ContactSettings, tenant.Value),
                QueueRow queue => new Place(PlaceKind.Queue, queue.Id),
                QueueWaitRow wait => new Place(PlaceKind.QueueWait, wait.ConversationId),
                ConversationRow conversation => new Place(PlaceKind.Conversation, conversation.Id),
                ParticipantRow participant => new Place(PlaceKind.Participant, participant.ConversationId, participant.PersonId),
                _ => throw new ArgumentException($"There is no table for {row.GetType().Name}.", nameof(proposal)),
            };
        }
    }

    /// <summary>Addresses that are equal are written one after the other; two that are not may be too.</summary>
    static Guid AddressOf(AddressRow address) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(int)address.Kind}:{address.Value}"))).AsSpan(0, 16));

    static Place OfItem(ItemKey key) => new(PlaceKind.Item, key.Id, key.Sub, (int)key.Kind);

    enum PlaceKind
    {
        Command,
        Lane,
        Item,
        Membership,
        Tenant,
        Device,
        Agent,
        Group,
        Inbox,
        Contact,
        Address,
        ContextDue,
        PresenceLease,
        ContactSettings,
        Tagging,
        Subscription,
        Queue,
        QueueWait,
        Conversation,
        Participant,

        /// <summary>How many conversations an agent serves or is offered. Only who claims its capacity adds to it.</summary>
        Load,
    }

    readonly record struct Place(PlaceKind Kind, Guid Id, Guid Sub = default, long Number = 0);
}
