using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Postgres.Sync;

namespace Rcc.Postgres.Conversations;

/// <summary>Reads of conversations.</summary>
public sealed class ConversationStore(Database database, IOptions<AgentOptions> agentOptions) : IConversationStore
{
    const string TakesPart = "EXISTS (SELECT FROM participant p WHERE p.tenant = $1 AND p.conversation = c.id AND p.person = {0} AND NOT p.has_left)";

    /// <summary>The sub-agents a master agent manages: those of the groups it runs, and those it made that are in none.</summary>
    const string Managed =
        """
        SELECT a.id FROM agent a LEFT JOIN agent_group g ON g.tenant = $1 AND g.id = a.group_id
        WHERE a.tenant = $1 AND a.role = 1 AND (g.master_agent = {0} OR (a.group_id IS NULL AND a.created_by = {0}))
        """;

    public Task<ConversationSnapshot?> LoadAsync(TenantId tenant, Guid conversation, CancellationToken cancellationToken) => database.FindAsync(
        """
        SELECT i.revision, i.state, c.waiting_since, h.revision, h.state,
            coalesce((SELECT w.revision FROM item w WHERE w.tenant = $1 AND w.kind = 22 AND w.id = $2 AND w.sub = '00000000-0000-0000-0000-000000000000'), 0),
            coalesce((SELECT m.seq FROM message m WHERE m.tenant = $1 AND m.conversation = $2 AND m.lane = 0 ORDER BY m.seq DESC LIMIT 1), 0),
            coalesce((SELECT m.seq FROM message m WHERE m.tenant = $1 AND m.conversation = $2 AND m.lane = 1 ORDER BY m.seq DESC LIMIT 1), 0),
            p.kinds, p.subs, p.revisions
        FROM conversation c
        CROSS JOIN LATERAL (
            SELECT array_agg(x.kind) AS kinds, array_agg(x.sub) AS subs, array_agg(x.revision) AS revisions
            FROM item x WHERE x.tenant = $1 AND x.kind IN (24, 25) AND x.id = $2) p
        JOIN item i ON i.tenant = $1 AND i.kind = 1 AND i.id = $2 AND i.sub = '00000000-0000-0000-0000-000000000000'
        JOIN item h ON h.tenant = $1 AND h.kind = 20 AND h.id = $2 AND h.sub = $2
        WHERE c.tenant = $1 AND c.id = $2
        """,
        row => new ConversationSnapshot(
            conversation,
            row.GetInt32(0),
            ReadState(row.GetFieldValue<byte[]>(1)),
            row.GetInt32(3),
            ReadHandling(row.GetFieldValue<byte[]>(4)),
            row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2),
            row.GetInt32(5),
            row.GetInt64(6),
            row.GetInt64(7))
        {
            Personal = row.IsDBNull(8) ? ImmutableDictionary<ItemKey, int>.Empty : ReadPersonal(conversation, row),
        },
        [Database.Of(tenant), Database.Of(conversation)], cancellationToken);

    public async Task<MessageRows?> ReadMessagesAsync(
        TenantId tenant, Guid conversation, Lane lane, Guid? reader, long? before, int limit, CancellationToken cancellationToken)
    {
        // The first row says whether the conversation may be read, and its newest number.
        const string Sql =
            """
            WITH readable AS MATERIALIZED (
                SELECT coalesce((SELECT m.seq FROM message m WHERE m.tenant = $1 AND m.conversation = $2 AND m.lane = $3 ORDER BY m.seq DESC LIMIT 1), 0) AS newest
                FROM conversation c
                WHERE c.tenant = $1 AND c.id = $2 AND ($4 IS NULL OR EXISTS (
                    SELECT FROM participant p WHERE p.tenant = $1 AND p.conversation = $2 AND p.person = $4 AND NOT p.has_left AND ($3 = 0 OR p.is_agent)))
            )
            SELECT 0::smallint, NULL::bigint AS modseq, NULL::smallint AS lane, NULL::uuid AS conversation, NULL::uuid AS message_id, NULL::integer, NULL::bytea AS content,
                r.newest AS seq, NULL::bigint, NULL::uuid AS person, NULL::smallint AS role, NULL::timestamptz AS at, NULL::text AS content_type
            FROM readable r
            UNION ALL
            (SELECT 1, m.modseq, m.lane, m.conversation, m.message_id, NULL, m.content, m.seq, NULL, m.person, m.role, m.at, m.content_type
            FROM readable r JOIN message m ON m.tenant = $1 AND m.conversation = $2 AND m.lane = $3 AND m.seq < $5
            ORDER BY m.seq DESC LIMIT $6)
            """;
        long? newest = null;
        List<MessageEntry> messages = [];
        await database.ListAsync(
            Sql,
            row =>
            {
                if (row.GetInt32(0) == 0)
                {
                    newest = row.GetInt64(7);
                }
                else
                {
                    messages.Add(PageRows.ReadMessage(row));
                }

                return 0;
            },
            [
                Database.Of(tenant), Database.Of(conversation), Database.Of((short)lane), Database.OfNullable(reader, NpgsqlDbType.Uuid),
                Database.Of(before ?? long.MaxValue), Database.Of((long)limit),
            ],
            cancellationToken);
        return newest is { } last ? new MessageRows([.. messages.OrderBy(message => message.Message.Seq)], last) : null;
    }

    /// <summary>Who serves a queue is told by its rule, so that names of skills are compared in one way: so many agents are read as are there.</summary>
    public async Task<IReadOnlyList<TransferTarget>> FindTransferTargetsAsync(TenantId tenant, Guid conversation, Guid? group, QueueState? queue, int limit, CancellationToken cancellationToken)
    {
        var found = await database.ListAsync(
            """
            SELECT t.id, i.revision, t.availability, t.capacity,
                coalesce((SELECT o.revision FROM item o WHERE o.tenant = $1 AND o.kind = 21 AND o.id = $2 AND o.sub = t.id), 0), t.group_id, t.skills
            FROM (
                SELECT a.id, a.availability, coalesce(a.capacity, $4) AS capacity, a.group_id, a.skills,
                    (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.assignee = a.id AND c.status = 0)
                        + (SELECT count(*) FROM conversation c WHERE c.tenant = $1 AND c.offered_to = a.id) AS load,
                    (SELECT c.assigned_at FROM conversation c WHERE c.tenant = $1 AND c.assignee = a.id AND c.assigned_at IS NOT NULL ORDER BY c.assigned_at DESC LIMIT 1) AS last_at
                FROM agent a
                WHERE a.tenant = $1 AND a.availability IN (1, 3) AND NOT a.suspended AND ($3 IS NULL OR a.group_id = $3)
            ) t
            JOIN item i ON i.tenant = $1 AND i.kind = 6 AND i.id = t.id AND i.sub = '00000000-0000-0000-0000-000000000000'
            WHERE t.load < t.capacity
            ORDER BY t.load, t.last_at NULLS FIRST, t.id LIMIT $5
            """,
            row => new TransferTarget(
                new(row.GetGuid(0), row.GetInt32(1), IsSuspended: false, (Availability)row.GetInt16(2), row.GetInt32(3))
                {
                    GroupId = row.IsDBNull(5) ? null : row.GetGuid(5), Skills = row.GetFieldValue<string[]>(6),
                },
                row.GetInt32(4)),
            [
                Database.Of(tenant), Database.Of(conversation), Database.OfNullable(group, NpgsqlDbType.Uuid),
                Database.Of(agentOptions.Value.DefaultCapacity), Database.OfNullable<long>(queue is null ? limit : null, NpgsqlDbType.Bigint),
            ],
            cancellationToken);
        return queue is null ? found : [.. found.Where(target => Picking.Serves(target.Agent.Id, target.Agent.GroupId, target.Agent.Skills, queue)).Take(limit)];
    }

    public async Task<LastWords> ReadLastWordsAsync(TenantId tenant, Guid conversation, CancellationToken cancellationToken) => (await database.ListAsync(
        """
        SELECT (SELECT m.at FROM message m WHERE m.tenant = $1 AND m.conversation = $2 AND m.lane = 0 ORDER BY m.seq DESC LIMIT 1),
            EXISTS (SELECT FROM message m WHERE m.tenant = $1 AND m.conversation = $2 AND m.lane = 0 AND m.role <> ALL ($3))
        """,
        row => new LastWords(row.IsDBNull(0) ? null : row.GetFieldValue<DateTimeOffset>(0), row.GetBoolean(1)),
        [Database.Of(tenant), Database.Of(conversation), Database.Of(new[] { (short)Role.Customer, (short)Role.System })], cancellationToken))[0];

    public async Task<int> CountOpenAsync(TenantId tenant, Guid contact, int limit, CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT count(*)::integer FROM (SELECT FROM conversation c WHERE c.tenant = $1 AND c.contact = $2 AND c.status = 0 LIMIT $3) o",
        row => row.GetInt32(0), [Database.Of(tenant), Database.Of(contact), Database.Of((long)limit)], cancellationToken))[0];

    public async Task<IReadOnlyList<ConversationListing>> ListAsync(TenantId tenant, ConversationQuery query, CancellationToken cancellationToken)
    {
        // Only the conditions that are asked for, so that each combination finds its index.
        var sql = new StringBuilder(
            """
            SELECT c.id, i.revision, i.state
            FROM conversation c
            JOIN item i ON i.tenant = $1 AND i.kind = 1 AND i.id = c.id AND i.sub = '00000000-0000-0000-0000-000000000000'
            WHERE c.tenant = $1 AND c.display_id < $2
            """);
        List<NpgsqlParameter> parameters = [Database.Of(tenant), Database.Of(query.Before ?? long.MaxValue), Database.Of((long)query.Limit)];
        Where("c.status = {0}", (short?)query.Status);
        Where("c.assignee = {0}", query.AssigneeId);
        Where("c.inbox = {0}", query.InboxId);
        Where(query.WithMerged ? "c.contact = ANY (ARRAY(SELECT contact_family($1, contact_root($1, {0}))))" : "c.contact = {0}", query.ContactId);
        if (query.Tags?.Label is { } label)
        {
            parameters.Add(Database.Of(label));
            And("EXISTS (SELECT FROM label_use l WHERE l.tenant = $1 AND l.owner = 1 AND l.label = {0} AND l.id = c.id)");
        }

        if (query.Tags?.Attribute is { } attribute)
        {
            parameters.Add(Database.Of(attribute.Key));
            And("EXISTS (SELECT FROM attribute_use a WHERE a.tenant = $1 AND a.owner = 1 AND a.key = {0}");
            Where("a.value = {0} AND a.id = c.id)", (Guid?)attribute.Value);
        }

        Where("c.assignee IN (SELECT a.id FROM agent a WHERE a.tenant = $1 AND a.group_id = {0})", query.HolderGroupId);
        var sees = TakesPart;
        if (query.OrQueueIds is { } taken)
        {
            sees += $" OR c.queue = ANY ({Add(taken)})";
        }

        if (query.ForeignQueueIds is { } foreign)
        {
            sees += $" OR c.assignee IN ({Managed}) OR (c.assignee IS NULL AND NOT c.queue = ANY ({Add(foreign)}))";
        }

        Where($"({sees})", query.ParticipantId);
        Where("EXISTS (SELECT FROM item x WHERE x.tenant = $1 AND x.kind = 24 AND x.id = c.id AND x.sub = {0})", query.MentionedId);
        if (query.OnlyUnassigned)
        {
            sql.Append(" AND c.assignee IS NULL");
        }

        if (query.OnlySnoozed)
        {
            sql.Append(" AND c.snoozed");
        }

        sql.Append(" ORDER BY c.display_id DESC LIMIT $3");
        return await database.ListAsync(
            sql.ToString(), row => new ConversationListing(row.GetGuid(0), row.GetInt32(1), ReadState(row.GetFieldValue<byte[]>(2))), [.. parameters], cancellationToken);

        string Add(IReadOnlyCollection<Guid> ids)
        {
            parameters.Add(Database.Of<Guid[]>([.. ids]));
            return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
        }

        void Where<T>(string condition, T? value)
            where T : struct
        {
            if (value is { } given)
            {
                parameters.Add(Database.Of(given));
                And(condition);
            }
        }

        void And(string condition) => sql.Append(" AND ").Append(condition.Replace("{0}", string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}"), StringComparison.Ordinal));
    }

    static ImmutableDictionary<ItemKey, int> ReadPersonal(Guid conversation, NpgsqlDataReader row)
    {
        var (kinds, persons, revisions) = (row.GetFieldValue<short[]>(8), row.GetFieldValue<Guid[]>(9), row.GetFieldValue<int[]>(10));
        return Enumerable.Range(0, kinds.Length).ToImmutableDictionary(at => new ItemKey((ItemKind)kinds[at], conversation, persons[at]), at => revisions[at]);
    }

    static HandlingState ReadHandling(byte[] state) =>
        JsonSerializer.Deserialize(state, ContractJson.Default.HandlingState) ?? throw new InvalidOperationException("A conversation is stored without its handling.");

    static ConversationState ReadState(byte[] state) =>
        JsonSerializer.Deserialize(state, ContractJson.Default.ConversationState) ?? throw new InvalidOperationException("A conversation is stored without a state.");
}
