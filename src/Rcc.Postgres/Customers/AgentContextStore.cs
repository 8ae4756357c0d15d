using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Customers;

/// <summary>Reads of agents' context.</summary>
public sealed class AgentContextStore(Database database) : IAgentContextStore
{
    public async Task<AgentDossier> LoadAsync(TenantId tenant, AgentSnapshot agent, GroupSnapshot? group, IReadOnlyCollection<Guid> viewers, CancellationToken cancellationToken)
    {
        // Its records and views, then the rules.
        const string Items =
            """
            SELECT i.kind, i.id, i.sub, i.revision, i.state
            FROM unnest('{-42,-41,-51,41,42,53}'::smallint[]) AS k(kind)
            CROSS JOIN LATERAL (SELECT x.kind, x.id, x.sub, x.revision, item_state(x) AS state FROM item x WHERE x.tenant = $1 AND x.kind = k.kind AND x.id = $2 OFFSET 0) i
            UNION ALL
            SELECT i.kind, i.id, i.sub, i.revision, i.state
            FROM item i WHERE i.tenant = $1 AND i.kind = -55 AND i.id = '00000000-0000-0000-0000-000000000000' AND i.sub = '00000000-0000-0000-0000-000000000000'
            """;
        const string Open =
            """
            SELECT c.id
            FROM (SELECT x.conversation FROM participant x WHERE x.tenant = $1 AND x.person = $2 AND NOT x.has_left OFFSET 0) p
            CROSS JOIN LATERAL (SELECT x.id FROM conversation x WHERE x.tenant = $1 AND x.id = p.conversation AND x.status <> 1 LIMIT 1) c
            """;
        const string Lease = "SELECT l.until > clock_timestamp() FROM presence_lease l WHERE l.tenant = $1 AND l.agent = $2";
        const string Watching = "SELECT a.id, a.role, a.group_id FROM unnest($2) AS v(id) CROSS JOIN LATERAL (SELECT * FROM agent x WHERE x.tenant = $1 AND x.id = v.id AND NOT x.removed LIMIT 1) a";
        var open = await database.ListAsync(Open, row => row.GetGuid(0), [Database.Of(tenant), Database.Of(agent.Id)], cancellationToken);
        var watching = await database.ListAsync(
            Watching,
            row => KeyValuePair.Create(row.GetGuid(0), new Viewer((Role)row.GetInt16(1), row.IsDBNull(2) ? null : row.GetGuid(2), Serves: true)),
            [Database.Of(tenant), Database.Of(viewers.ToArray())],
            cancellationToken);
        var items = await database.ListAsync(
            Items,
            row => new StoredItem(
                new((ItemKind)row.GetInt16(0), row.GetGuid(1), row.GetGuid(2)), row.GetInt32(3), ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<byte[]>(4))),
            [Database.Of(tenant), Database.Of(agent.Id)],
            cancellationToken);

        // After the items: what has changed in between has moved their revisions as well.
        var leases = await database.ListAsync(Lease, row => row.GetBoolean(0) ? PresenceLease.Good : PresenceLease.Over, [Database.Of(tenant), Database.Of(agent.Id)], cancellationToken);
        var record = items.Find(item => item.Key.Kind == ItemKind.AgentContextRecord);
        var presence = items.Find(item => item.Key.Kind == ItemKind.PresenceRecord);
        var fleeting = items.Find(item => item.Key.Kind == ItemKind.VolatileRecord);
        var rules = items.Find(item => item.Key.Kind == ItemKind.Disclosure);
        return new()
        {
            Agent = agent,
            Group = group,
            Revision = record?.Revision ?? 0,
            Record = record is null ? new() : AgentContextRecord.OfJson(record.State.AsSpan()),
            Volatile = fleeting is null ? [] : VolatileRecord.OfJson(fleeting.State.AsSpan()).Context,
            VolatileRevision = fleeting?.Revision ?? 0,
            Presence = presence is null ? new() : PresenceRecord.OfJson(presence.State.AsSpan()),
            PresenceRevision = presence?.Revision ?? 0,
            Lease = leases.SingleOrDefault(),
            OpenConversations = [.. open],
            Viewers = watching.ToImmutableSortedDictionary(),
            Views = [.. items.Where(item => item.Key.Kind is ItemKind.AgentContext or ItemKind.VolatileContext or ItemKind.Presence)],
            Rules = rules is null ? new() : DisclosureRecord.OfJson(rules.State.AsSpan()),
            RulesRevision = rules?.Revision ?? 0,
        };
    }
}
