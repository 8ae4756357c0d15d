using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Grains;

/// <summary>The store's promises (see <see cref="ILogStore"/>) kept in memory: fences, first answers, uniqueness. Everything under one lock. Several silos may share one.</summary>
sealed class MemoryStore : ILogStore, ISyncStore, INodeStore, IConversationStore, IAgentStore, ITenantStore, ICustomerStore, IAgentContextStore, IRoutingStore, IQueueStore
{
    readonly Lock gate = new();
    readonly Dictionary<TenantId, MemoryTenant> tenants = [];
    int linesAsked;

    /// <summary>How often somebody has asked who waits in which queue.</summary>
    public int LinesAsked => Volatile.Read(ref linesAsked);

    public Task<CommittedBatch> AppendAsync(TenantId tenant, IReadOnlyList<Proposal> proposals, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var from = Of(tenant).Newest;
            var results = proposals.Select(proposal => Of(tenant).Append(proposal)).ToList();
            return Task.FromResult(new CommittedBatch(from, Of(tenant).Newest, results, []));
        }
    }

    public Task<IReadOnlyList<long>> ReadNewestAsync(IReadOnlyList<TenantId> tenants, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<long>>([.. tenants.Select(tenant => Of(tenant).Newest)]);
        }
    }

    /// <summary>Conversations that cannot be read.</summary>
    public ConcurrentDictionary<Guid, bool> Unreadable { get; } = [];

    public Task<ConversationSnapshot?> LoadAsync(TenantId tenant, Guid conversation, CancellationToken cancellationToken) =>
        Unreadable.ContainsKey(conversation) ? throw new InvalidOperationException("It cannot be read.") : Answer(tenant, known => known.LoadConversation(conversation));

    public Task<MessageRows?> ReadMessagesAsync(TenantId tenant, Guid conversation, Lane lane, Guid? reader, long? before, int limit, CancellationToken cancellationToken) =>
        Answer(tenant, known =>
        {
            var isReader = reader is not { } person || known.Participants.Any(part => part.ConversationId == conversation && part.PersonId == person && !part.Left && (part.IsAgent || lane == Lane.Public));
            if (!known.Conversations.ContainsKey(conversation) || !isReader)
            {
                return null;
            }

            var all = known.MessagesOf(conversation, lane);
            return new MessageRows([.. all.Where(message => message.Seq < (before ?? long.MaxValue)).TakeLast(limit).Select(message => new MessageEntry(message, Callers.Noon))], all.Count);
        });

    public Task<int> CountOpenAsync(TenantId tenant, Guid contact, int limit, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Conversations.Values.Where(row => row.ContactId == contact && row.Status == ConversationStatus.Open).Take(limit).Count());

    public Task<IReadOnlyList<ConversationListing>> ListAsync(TenantId tenant, ConversationQuery query, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<ConversationListing>>(tenant, known =>
        [
            .. known.Conversations.Values
                .Where(row => (query.Status is null || row.Status == query.Status)
                    && (query.AssigneeId is null || row.AssigneeId == query.AssigneeId)
                    && (!query.OnlyUnassigned || row.AssigneeId is null)
                    && (!query.OnlySnoozed || row.IsSnoozed)
                    && (query.InboxId is null || row.InboxId == query.InboxId)
                    && (query.ContactId is null || row.ContactId == query.ContactId)
                    && (query.HolderGroupId is null || (row.AssigneeId is { } holder && known.Agents[holder].GroupId == query.HolderGroupId))
                    && (query.ParticipantId is null || query.OrQueueIds?.Contains(row.QueueId) == true || known.Participants.Any(part => part.ConversationId == row.Id && part.PersonId == query.ParticipantId && !part.Left)
                        || (query.ForeignQueueIds is { } foreign && (row.AssigneeId is { } other ? known.IsManaged(other, query.ParticipantId.Value) : !foreign.Contains(row.QueueId))))
                    && (query.MentionedId is not { } mentioned || known.Items.ContainsKey(new(ItemKind.Mention, row.Id, mentioned)))
                    && (query.Before is null || row.DisplayId < query.Before))
                .OrderByDescending(row => row.DisplayId)
                .Take(query.Limit)
                .Select(row => known.LoadConversation(row.Id)!)
                .Select(now => new ConversationListing(now.Id, now.Revision, now.State)),
        ]);

    public Task<IReadOnlyList<TransferTarget>> FindTransferTargetsAsync(TenantId tenant, Guid conversation, Guid? group, QueueState? queue, int limit, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<TransferTarget>>(tenant, known =>
        [
            .. known.Agents.Values
                .Where(row => row is { Suspended: false, Availability: Availability.Online or Availability.TransferOnly } && (group is null || row.GroupId == group)
                    && (queue is null || Picking.Serves(row.Id, row.GroupId, row.Skills, queue)))
                .Select(row => (Load: known.LoadOf(row.Id), Agent: new ConversationAgent(row.Id, known.Items[new(ItemKind.Agent, row.Id)].Revision, false, row.Availability, row.Capacity ?? new AgentOptions().DefaultCapacity)))
                .Where(one => one.Load < one.Agent.Capacity)
                .OrderBy(one => one.Load)
                .Take(limit)
                .Select(one => new TransferTarget(one.Agent, known.Items.GetValueOrDefault(new(ItemKind.Offer, conversation, one.Agent.Id))?.Revision ?? 0)),
        ]);

    /// <summary>All was said at noon, long ago.</summary>
    public Task<LastWords> ReadLastWordsAsync(TenantId tenant, Guid conversation, CancellationToken cancellationToken) => Answer(tenant, known =>
    {
        var said = known.MessagesOf(conversation, Lane.Public);
        return new LastWords(said.Count > 0 ? Callers.Noon : null, said.Any(message => message.Role is not (Role.Customer or Role.System)));
    });

    public Task<bool> TakesPartAsync(TenantId tenant, Guid conversation, Guid person, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Participants.Any(part => part.ConversationId == conversation && part.PersonId == person && !part.Left));

    public Task<long> ReadHighestDisplayIdAsync(TenantId tenant, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Conversations.Values.Select(row => row.DisplayId).DefaultIfEmpty().Max());

    public Task<ImmutableArray<byte>> GetSealingKeyAsync(CancellationToken cancellationToken) => Task.FromResult(ImmutableArray<byte>.Empty);

    public Task<StoredItem?> FindItemAsync(TenantId tenant, ItemKey key, CancellationToken cancellationToken) => Answer(tenant, known => known.Items.GetValueOrDefault(key));

    Task<AgentSnapshot?> IAgentStore.LoadAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken) => Answer(tenant, known => known.LoadAgent(agent));

    public Task<GroupSnapshot?> LoadGroupAsync(TenantId tenant, Guid group, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Items.GetValueOrDefault(new(ItemKind.Group, group)) is { } item
            ? new GroupSnapshot(group, item.Revision, JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.GroupState)!)
            : null);

    public Task<IReadOnlyList<StoredItem>> ListIdentitiesAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<StoredItem>>(tenant, known => [.. known.Items.Values.Where(item => item.Key.Kind == ItemKind.Identity && Identity.Read(item).AgentId == agent)]);

    public Task<IReadOnlyList<Guid>> ListRunAsync(TenantId tenant, Guid master, int limit, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<Guid>>(tenant, known => [.. known.Groups.Values.Where(row => row.MasterAgentId == master).Select(row => row.Id).Order().Take(limit)]);

    public Task<IReadOnlyList<Guid>> ListMembersAsync(TenantId tenant, Guid group, int limit, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<Guid>>(tenant, known => [.. known.Agents.Values.Where(row => row.GroupId == group && !row.Removed).Select(row => row.Id).Order().Take(limit)]);

    public Task<AgentLogin?> FindLoginAsync(string account, string email, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(tenants
                .Where(tenant => tenant.Value.Row?.Slug == account)
                .SelectMany(tenant => tenant.Value.Agents.Values
                    .Where(agent => agent.Email == email)
                    .Select(agent => new AgentLogin(tenant.Key, agent.Id, agent.Name, agent.Role, agent.PasswordHash, agent.Suspended, tenant.Value.Row!.Suspended)))
                .FirstOrDefault());
        }
    }

    public Task<TenantSnapshot?> FindAsync(string slug, CancellationToken cancellationToken)
    {
        TenantId tenant;
        lock (gate)
        {
            tenant = tenants.FirstOrDefault(tenant => tenant.Value.Row?.Slug == slug).Key;
        }

        return ((ITenantStore)this).LoadAsync(tenant, cancellationToken);
    }

    Task<IReadOnlyList<AgentListing>> IAgentStore.ListAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<AgentListing>>(tenant, known =>
        [
            .. known.Agents.Values.Where(row => row.Id > (after ?? Guid.Empty) && !row.Removed).OrderBy(row => row.Id).Take(limit)
                .Select(row => new AgentListing(row.Id, row.Email!, known.LoadAgent(row.Id)!.State, row.CreatedBy)),
        ]);

    public Task<IReadOnlyList<GroupListing>> ListGroupsAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<EndedSessions>> FindEndedSessionsAsync(int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<EndedSessions>>([]);

    public Task<bool> KeepPresenceAsync(TenantId tenant, Guid agent, int revision, TimeSpan goodFor, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Dossiers.KeepPresence(agent, revision, goodFor));

    Task<AgentDossier> IAgentContextStore.LoadAsync(TenantId tenant, AgentSnapshot agent, GroupSnapshot? group, IReadOnlyCollection<Guid> viewers, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Dossiers.Load(agent, group, viewers));

    public Task KeepUsedAsync(IReadOnlyCollection<(TenantId Tenant, Guid Device)> devices, CancellationToken cancellationToken) => Task.CompletedTask;

    Task<TenantSnapshot?> ITenantStore.LoadAsync(TenantId tenant, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Row is { } row
            ? new TenantSnapshot(tenant, known.Items[new(ItemKind.Account, tenant.Value)].Revision, row.Name, row.Slug, row.Suspended, Callers.Noon) { Deletion = row.Deletion }
            : null);

    public Task<InboxSnapshot?> LoadInboxAsync(TenantId tenant, Guid inbox, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Inboxes.GetValueOrDefault(inbox) is { } row ? known.SnapshotOf(tenant, row) : null);

    public Task<InboxSnapshot?> FindInboxAsync(string identifier, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(tenants.SelectMany(tenant => tenant.Value.Inboxes.Values.Where(row => row.Identifier == identifier).Select(row => tenant.Value.SnapshotOf(tenant.Key, row))).FirstOrDefault());
        }
    }

    public Task<IReadOnlyList<InboxSnapshot>> ListInboxesAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<InboxSnapshot>>(tenant, known =>
            [.. known.Inboxes.Values.Where(row => row.Id > (after ?? Guid.Empty)).OrderBy(row => row.Id).Take(limit).Select(row => known.SnapshotOf(tenant, row))]);

    public Task<bool> HasConversationsAsync(TenantId tenant, Guid inbox, CancellationToken cancellationToken) => Answer(tenant, known => known.Conversations.Values.Any(row => row.InboxId == inbox));

    public async Task<KeyListing?> FindKeyAsync(TenantId tenant, Guid key, CancellationToken cancellationToken) =>
        (await ListKeysAsync(tenant, null, int.MaxValue, cancellationToken)).SingleOrDefault(listed => listed.Id == key);

    public async Task<int> CountKeysAsync(TenantId tenant, CancellationToken cancellationToken) =>
        (await ListKeysAsync(tenant, null, int.MaxValue, cancellationToken)).Count(listed => listed.RevokedAt is null);

    public Task<IReadOnlyList<KeyListing>> ListKeysAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<KeyListing>>(tenant, known =>
        [
            .. known.Devices.Values.Where(row => row.Role == Role.Application && row.Id > (after ?? Guid.Empty)).OrderBy(row => row.Id).Take(limit)
                .Select(row => new KeyListing(row.Id, row.Name, row.Scopes, row.SignedInAt, row.SignedOutAt)),
        ]);

    public Task<IReadOnlyList<TenantSnapshot>> ListAsync(Guid? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ContactSnapshot?> FindAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Contacts.GetValueOrDefault(contact) is { } row ? Snapshot(row) : null);

    public Task<Guid?> ResolveAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) => Answer(tenant, known => known.Dossiers.Resolve(contact));

    public Task<Guid?> FindByAddressAsync(TenantId tenant, AddressKind kind, string value, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Dossiers.Addresses.TryGetValue((kind, value), out var owner) ? known.Dossiers.Resolve(owner) : null);

    public Task<IReadOnlyList<Dossier>> LoadAsync(TenantId tenant, IReadOnlyCollection<Guid> contacts, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<Dossier>>(tenant, known => [.. contacts.Select(known.Dossiers.Load).OfType<Dossier>()]);

    public Task<ContactSettingsSnapshot> LoadSettingsAsync(TenantId tenant, CancellationToken cancellationToken) => Answer(tenant, known => known.Dossiers.Settings);

    public Task<ContextDue?> FindDueAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Dossiers.Due.TryGetValue(contact, out var due) ? new ContextDue(due.Stamp, due.Lookup)
            : known.Dossiers.LeaseOf(contact) == PresenceLease.Over ? new ContextDue(default, null) : null);

    public Task<IReadOnlyList<DeviceSnapshot>> ListLiveDevicesAsync(TenantId tenant, Guid contact, int limit, CancellationToken cancellationToken) => Answer<IReadOnlyList<DeviceSnapshot>>(
        tenant,
        known => [.. known.Devices.Values.Where(row => row.PersonId == contact && known.Items[new(ItemKind.Device, row.Id)].ToLiveDevice() is not null).OrderBy(row => row.SignedInAt).Take(limit)
            .Select(row => known.Items[new(ItemKind.Device, row.Id)].ToLiveDevice()!)]);

    public Task<IReadOnlyList<(Guid Contact, Guid Device)>> ListDevicesAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task FinishLookupAsync(TenantId tenant, Guid contact, Guid lookup, CancellationToken cancellationToken) => Answer(tenant, known =>
    {
        known.Dossiers.FinishLookup(contact, lookup);
        return true;
    });

    public Task SettleAsync(TenantId tenant, Guid contact, Guid stamp, DateTimeOffset? next, CancellationToken cancellationToken) => Answer(tenant, known => known.Dossiers.Settle(contact, stamp, next));

    public Task<IReadOnlyList<DuePerson>> ListDueAsync(int limit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<DuePerson>>(
                [.. tenants.SelectMany(tenant => tenant.Value.Dossiers.ListDue().Select(due => new DuePerson(tenant.Key, due, tenant.Value.Agents.ContainsKey(due)))).Take(limit)]);
        }
    }

    public Task<ContactSnapshot?> FindByIdentifierAsync(TenantId tenant, string identifier, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Contacts.Values.Where(row => row.Identifier == identifier).Select(Snapshot).FirstOrDefault());

    Task<IReadOnlyList<Guid>> ICustomerStore.ListAsync(TenantId tenant, Tags? tags, SubscriptionQuery? subscription, Guid? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Guid>> SearchAsync(TenantId tenant, ContactSearch search, Guid? after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>What the store's clock is ahead of the servers'.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>How often routing has looked.</summary>
    public int Looks { get; private set; }

    public Task<IReadOnlyList<TenantId>> FindTenantsWithWorkAsync(TenantId? after, int limit, CancellationToken cancellationToken) =>
        FindTenants(tenant => tenant.Routing(1) is { Waiting.Count: > 0 } || tenant.Due(Now, null, 1).Due.Count > 0, after, limit);

    public Task<IReadOnlyList<TenantId>> FindTenantsWithHeldAsync(TenantId? after, int limit, CancellationToken cancellationToken) => FindTenants(tenant => tenant.Held().Any(), after, limit);

    public Task<IReadOnlyList<Guid>> FindHeldAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<Guid>>(tenant, known => [.. known.Held().Order().Where(id => after is null || id > after).Take(limit)]);

    DateTimeOffset Now => DateTimeOffset.UtcNow + Ahead;

    Task<IReadOnlyList<TenantId>> FindTenants(Func<MemoryTenant, bool> has, TenantId? after, int limit)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<TenantId>>(
                [.. tenants.OrderBy(tenant => tenant.Key.Value).Where(tenant => (after is null || tenant.Key.Value > after.Value.Value) && has(tenant.Value)).Select(tenant => tenant.Key).Take(limit)]);
        }
    }

    public Task<IReadOnlyList<AvailabilityDue>> TakeAvailabilityDueAsync(DateTimeOffset at, DateTimeOffset again, int limit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<AvailabilityDue>>(
            [
                .. tenants.SelectMany(tenant => tenant.Value.Agents.Values
                    .Where(row => row.AvailabilityUntil <= at || row is { AvailabilityInferred: true, Availability: Contracts.Agents.Availability.Online })
                    .Select(row => new AvailabilityDue(tenant.Key, row.Id, tenant.Value.LoadAgent(row.Id)!.Revision))).Take(limit),
            ]);
        }
    }

    public Task<Invited?> FindInvitationAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(tenants
                .SelectMany(tenant => tenant.Value.Agents.Values
                    .Where(agent => agent.Invitation is { } invitation && invitation.Hash.AsSpan().SequenceEqual(hash.Span))
                    .Select(agent => new Invited(tenant.Key, agent.Id, tenant.Value.Row!.Name, tenant.Value.Row.Slug, agent.Email!, agent.Invitation!.ExpiresAt)))
                .FirstOrDefault());
        }
    }

    Task<RoutingSnapshot> IRoutingStore.LoadAsync(TenantId tenant, int limit, CancellationToken cancellationToken) => Answer(tenant, known =>
    {
        Looks++;
        return known.Routing(limit);
    });

    Task<QueueSnapshot?> IQueueStore.LoadAsync(TenantId tenant, Guid queue, CancellationToken cancellationToken) => Answer(tenant, known => known.LoadQueue(queue));

    Task<IReadOnlyList<QueueSnapshot>> IQueueStore.ListAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<QueueSnapshot>>(tenant, known => [.. known.Queues.Keys.Where(id => id > (after ?? Guid.Empty)).Order().Select(known.LoadQueue).OfType<QueueSnapshot>().Take(limit)]);

    public Task<int> CountAsync(TenantId tenant, CancellationToken cancellationToken) => Answer(tenant, known => known.Queues.Values.Count(row => row.Name is not null));

    public Task<IReadOnlyList<QueueLine>> ListLinesAsync(TenantId tenant, DateTimeOffset servedSince, int sample, int limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref linesAsked);
        return Answer(tenant, known => known.Lines(limit));
    }

    public Task<IReadOnlyList<Guid>> FilterWaitingAsync(TenantId tenant, IReadOnlyList<Guid> conversations, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<Guid>>(tenant, known => [.. conversations.Where(id => known.Conversations.GetValueOrDefault(id)?.WaitingSince is not null)]);

    public Task<PlaceInQueue?> FindPlaceAsync(TenantId tenant, Guid conversation, DateTimeOffset servedSince, int limit, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.PlaceOf(conversation));

    public Task<string?> FindWayInAsync(TenantId tenant, Guid queue, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Inboxes.Values.FirstOrDefault(row => row.QueueId == queue || row.Departments.Any(one => one.QueueId == queue))?.Name ?? known.Queues.Values.FirstOrDefault(row => row.OverflowQueueId == queue)?.Name);

    public Task<string?> FindNamingAsync(TenantId tenant, Guid group, CancellationToken cancellationToken) =>
        Answer(tenant, known => known.Queues.Values.FirstOrDefault(row => row.GroupIds.Contains(group))?.Name);

    Task<DueConversations> IRoutingStore.FindDueAsync(TenantId tenant, DueConversation? after, int limit, CancellationToken cancellationToken) => Answer(tenant, known => known.Due(Now, after, limit));

    public Task<Epoch> ReadEpochAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Epoch> BeginEpochAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DevicePage> ReadPageAsync(PageRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LogBatch?> ReadGapAsync(TenantId tenant, long after, IReadOnlyCollection<Audience> audiences, IReadOnlyCollection<Guid> persons, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>No node has tails here.</summary>
    public Task<IReadOnlyList<Guid>> FindFollowersAsync(TenantId tenant, TimeSpan within, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Guid>>([]);

    public Task<bool> BeatAsync(Guid node, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task FollowAsync(Guid node, Guid tail, TenantId tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task LeaveAsync(Guid tail, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ForgetAsync(Guid node, CancellationToken cancellationToken) => throw new NotSupportedException();

    static ContactSnapshot Snapshot(ContactRow row) => new(row.Id, row.Name, row.Email, row.Identifier, row.CreatedAt, row.MergedInto);

    Task<T> Answer<T>(TenantId tenant, Func<MemoryTenant, T> read)
    {
        lock (gate)
        {
            return Task.FromResult(read(Of(tenant)));
        }
    }

    MemoryTenant Of(TenantId tenant)
    {
        if (!tenants.TryGetValue(tenant, out var known))
        {
            tenants[tenant] = known = new();
        }

        return known;
    }
}
