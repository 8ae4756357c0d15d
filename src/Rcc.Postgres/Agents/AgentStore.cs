using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Agents;

/// <summary>Reads of agents and groups.</summary>
public sealed class AgentStore(Database database) : IAgentStore
{
    const string NoSub = "'00000000-0000-0000-0000-000000000000'";

    public Task<AgentSnapshot?> LoadAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken) => database.FindAsync(
        $"""
        SELECT a.id, i.state, coalesce(a.email, ''), a.password_hash, a.created_by, i.revision, coalesce(o.revision, 0), coalesce(s.revision, 0), d.ids, d.revisions, d.names, d.times,
            a.invitation_hash, a.invitation_expires_at, s.state
        FROM agent a
        JOIN item i ON i.tenant = $1 AND i.kind = 6 AND i.id = a.id AND i.sub = {NoSub}
        LEFT JOIN item o ON o.tenant = $1 AND o.kind = 5 AND o.id = a.id AND o.sub = {NoSub}
        LEFT JOIN item s ON s.tenant = $1 AND s.kind = -1 AND s.id = a.id AND s.sub = {NoSub}
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(d.id ORDER BY d.id), ARRAY[]::uuid[]) AS ids, array_agg(coalesce(di.revision, 0) ORDER BY d.id) AS revisions,
                array_agg(d.name ORDER BY d.id) AS names, array_agg(d.signed_in_at ORDER BY d.id) AS times
            FROM device d
            LEFT JOIN item di ON di.tenant = $1 AND di.kind = 8 AND di.id = d.id AND di.sub = {NoSub}
            WHERE d.tenant = $1 AND d.person = a.id AND d.scopes >= 0 AND d.signed_out_at IS NULL) d
        WHERE a.tenant = $1 AND a.id = $2
        """,
        row => new AgentSnapshot(
            row.GetGuid(0), row.GetInt32(5), ReadState(row), row.GetString(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetGuid(4), row.GetInt32(6), row.GetInt32(7),
            ReadDevices(row))
        {
            Invitation = row.IsDBNull(12) ? null : new(ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<byte[]>(12)), row.GetFieldValue<DateTimeOffset>(13)),
            SecondFactor = row.IsDBNull(14) ? null : SecondFactor.Read(row.GetFieldValue<byte[]>(14)),
        },
        [Database.Of(tenant), Database.Of(agent)], cancellationToken);

    public Task<GroupSnapshot?> LoadGroupAsync(TenantId tenant, Guid group, CancellationToken cancellationToken) => database.FindAsync(
        $"""
        SELECT g.id, g.name, g.master_agent, g.supervisors, i.revision
        FROM agent_group g
        JOIN item i ON i.tenant = $1 AND i.kind = 7 AND i.id = g.id AND i.sub = {NoSub}
        WHERE g.tenant = $1 AND g.id = $2
        """,
        row => new GroupSnapshot(row.GetGuid(0), row.GetInt32(4), ReadGroup(row)),
        [Database.Of(tenant), Database.Of(group)], cancellationToken);

    public Task<AgentLogin?> FindLoginAsync(string account, string email, CancellationToken cancellationToken) => database.FindAsync(
        """
        SELECT a.tenant, a.id, a.name, a.role, a.password_hash, a.suspended, t.suspended_at IS NOT NULL, coalesce((t.policies -> 'secondFactorRequired')::boolean, false), coalesce(t.policies ->> 'signIn' = 'OidcOnly', false)
        FROM tenant t
        JOIN agent a ON a.tenant = t.id AND a.email = $2
        WHERE t.slug = $1 AND t.ended_at IS NULL
        """,
        row => new AgentLogin(
            new TenantId(row.GetGuid(0)), row.GetGuid(1), row.GetString(2), (Role)row.GetInt16(3), row.GetString(4), row.GetBoolean(5), row.GetBoolean(6)) { SecondFactorRequired = row.GetBoolean(7), OidcOnly = row.GetBoolean(8) },
        [Database.Of(account), Database.Of(email.ToLowerInvariant())], cancellationToken);

    public Task<Invited?> FindInvitationAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => database.FindAsync(
        """
        SELECT a.tenant, a.id, t.name, t.slug, a.email, a.invitation_expires_at, coalesce(t.policies ->> 'signIn' = 'OidcOnly', false)
        FROM agent a JOIN tenant t ON t.id = a.tenant AND t.ended_at IS NULL
        WHERE a.invitation_hash = $1
        """,
        row => new Invited(new TenantId(row.GetGuid(0)), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5)) { OidcOnly = row.GetBoolean(6) },
        [Database.Of(hash)], cancellationToken);

    public async Task<IReadOnlyList<EndedSessions>> FindEndedSessionsAsync(int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT e.tenant, e.person, array_agg(e.id)
        FROM (
            SELECT d.tenant, d.person, d.id
            FROM tenant t JOIN device d ON d.tenant = t.id AND d.role IN (1, 2, 5) AND d.signed_out_at IS NULL
            WHERE t.policies ?| ARRAY['sessionDays', 'idleDays'] AND t.ended_at IS NULL AND t.suspended_at IS NULL
                AND NOT session_lives(d.role, d.signed_in_at, d.used_at, d.expires_at, t.policies, now())
            LIMIT $1) e
        GROUP BY e.tenant, e.person
        """,
        row => new EndedSessions(new TenantId(row.GetGuid(0)), row.GetGuid(1), ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<Guid[]>(2))),
        [Database.Of((long)limit)], cancellationToken);

    // Rows that are being changed are in use anyway; nobody waits for anybody.
    public Task KeepUsedAsync(IReadOnlyCollection<(TenantId Tenant, Guid Device)> devices, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        WITH due AS (
            SELECT d.tenant, d.id
            FROM unnest($1, $2) AS u(tenant, id) JOIN device d ON d.tenant = u.tenant AND d.id = u.id
            WHERE d.used_at < now() - interval '1 hour'
            FOR NO KEY UPDATE OF d SKIP LOCKED)
        UPDATE device d SET used_at = now() FROM due WHERE d.tenant = due.tenant AND d.id = due.id
        """,
        [Database.Of(devices.Select(device => device.Tenant.Value).ToArray()), Database.Of(devices.Select(device => device.Device).ToArray())], cancellationToken);

    public async Task<bool> KeepPresenceAsync(TenantId tenant, Guid agent, int revision, TimeSpan goodFor, CancellationToken cancellationToken) => (await database.ListAsync(
        $"""
        UPDATE presence_lease l SET until = clock_timestamp() + $4
        WHERE l.tenant = $1 AND l.agent = $2 AND l.until > clock_timestamp() AND (SELECT i.revision FROM item i WHERE i.tenant = $1 AND i.kind = -42 AND i.id = $2 AND i.sub = {NoSub}) = $3
        RETURNING 1
        """,
        row => row.GetInt32(0), [Database.Of(tenant), Database.Of(agent), Database.Of(revision), Database.Of(goodFor)], cancellationToken)).Count > 0;

    public async Task<IReadOnlyList<StoredItem>> ListIdentitiesAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken) => await database.ListAsync(
        "SELECT i.id, i.sub, i.revision, i.state FROM item i WHERE i.tenant = $1 AND i.kind = -40 AND convert_from(i.state, 'UTF8')::jsonb ->> 'agentId' = $2::text ORDER BY i.id",
        row => new StoredItem(new(ItemKind.Identity, row.GetGuid(0), row.GetGuid(1)), row.GetInt32(2), ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<byte[]>(3))),
        [Database.Of(tenant), Database.Of(agent)], cancellationToken);

    public async Task<IReadOnlyList<AvailabilityDue>> TakeAvailabilityDueAsync(DateTimeOffset at, DateTimeOffset again, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        $"""
        WITH due AS (
            SELECT a.tenant, a.id
            FROM agent a
            WHERE a.availability_check_at <= $1 AND NOT EXISTS (SELECT FROM tenant t WHERE t.id = a.tenant AND t.suspended_at IS NOT NULL)
            ORDER BY a.availability_check_at
            LIMIT $3
            FOR NO KEY UPDATE OF a SKIP LOCKED
        ), taken AS (
            UPDATE agent a SET availability_check_at = $2 FROM due d WHERE a.tenant = d.tenant AND a.id = d.id RETURNING a.tenant, a.id
        )
        SELECT t.tenant, t.id, i.revision FROM taken t JOIN item i ON i.tenant = t.tenant AND i.kind = 6 AND i.id = t.id AND i.sub = {NoSub}
        """,
        row => new AvailabilityDue(new TenantId(row.GetGuid(0)), row.GetGuid(1), row.GetInt32(2)),
        [Database.Of(at.ToUniversalTime()), Database.Of(again.ToUniversalTime()), Database.Of((long)limit)], cancellationToken);

    public async Task<IReadOnlyList<AgentListing>> ListAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        $"""
        SELECT a.id, i.state, a.email, a.created_by
        FROM agent a
        JOIN item i ON i.tenant = $1 AND i.kind = 6 AND i.id = a.id AND i.sub = {NoSub}
        WHERE a.tenant = $1 AND a.id > $2 AND NOT a.removed
        ORDER BY a.id LIMIT $3
        """,
        row => new AgentListing(row.GetGuid(0), row.GetString(2), ReadState(row), row.IsDBNull(3) ? null : row.GetGuid(3)),
        [Database.Of(tenant), Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)], cancellationToken);

    public async Task<IReadOnlyList<Guid>> ListRunAsync(TenantId tenant, Guid master, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        "SELECT g.id FROM agent_group g WHERE g.tenant = $1 AND g.master_agent = $2 ORDER BY g.id LIMIT $3",
        row => row.GetGuid(0),
        [Database.Of(tenant), Database.Of(master), Database.Of((long)limit)], cancellationToken);

    public async Task<IReadOnlyList<Guid>> ListMembersAsync(TenantId tenant, Guid group, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        "SELECT a.id FROM agent a WHERE a.tenant = $1 AND a.group_id = $2 AND NOT a.removed ORDER BY a.id LIMIT $3",
        row => row.GetGuid(0),
        [Database.Of(tenant), Database.Of(group), Database.Of((long)limit)], cancellationToken);

    public async Task<IReadOnlyList<GroupListing>> ListGroupsAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        "SELECT g.id, g.name, g.master_agent, g.supervisors FROM agent_group g WHERE g.tenant = $1 AND g.id > $2 ORDER BY g.id LIMIT $3",
        row => new GroupListing(row.GetGuid(0), ReadGroup(row)),
        [Database.Of(tenant), Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)], cancellationToken);

    public async Task<bool> TakesPartAsync(TenantId tenant, Guid conversation, Guid agent, CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT EXISTS (SELECT FROM participant p WHERE p.tenant = $1 AND p.conversation = $2 AND p.person = $3 AND NOT p.has_left)",
        row => row.GetBoolean(0), [Database.Of(tenant), Database.Of(conversation), Database.Of(agent)], cancellationToken))[0];

    /// <summary>The columns are for what is looked for; what an agent is stands in its item.</summary>
    static AgentState ReadState(NpgsqlDataReader row) => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), ContractJson.Default.AgentState)!;

    static GroupState ReadGroup(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(1), MasterAgentId = row.GetGuid(2), SupervisorIds = row.GetFieldValue<Guid[]>(3) is { Length: > 0 } supervisors ? supervisors : [],
    };

    static List<DeviceSnapshot> ReadDevices(NpgsqlDataReader row)
    {
        var ids = row.GetFieldValue<Guid[]>(8);
        if (ids.Length == 0)
        {
            return [];
        }

        var revisions = row.GetFieldValue<int[]>(9);
        var names = row.GetFieldValue<string[]>(10);
        var times = row.GetFieldValue<DateTimeOffset[]>(11);
        return [.. ids.Select((id, i) => new DeviceSnapshot(id, revisions[i], names[i], times[i]))];
    }
}
