using System.Runtime.InteropServices;
using Npgsql;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Access;

namespace Rcc.Postgres.Access;

/// <summary>What credentials stand for. Unlike tenant data these rows are written directly: no device is ever told of them.</summary>
public sealed class CredentialStore(Database database) : ICredentialStore
{
    const string CredentialColumns =
        """
        SELECT d.tenant, d.person, d.id, d.role, d.inbox, d.scopes,
            t.suspended_at IS NOT NULL OR EXISTS (SELECT FROM agent a WHERE a.tenant = d.tenant AND a.id = d.person AND a.suspended),
            coalesce((SELECT b.allowed_origins FROM inbox b WHERE b.tenant = d.tenant AND b.id = d.inbox), ARRAY[]::text[]),
            (SELECT a.controls FROM agent a WHERE a.tenant = d.tenant AND a.id = d.person)
        """;

    const string LiveDevice = " FROM device d JOIN tenant t ON t.id = d.tenant AND t.ended_at IS NULL WHERE d.signed_out_at IS NULL AND " + Lives;

    /// <summary>By the database's clock: a server's own may be wrong.</summary>
    const string Lives = "session_lives(d.role, d.signed_in_at, d.used_at, d.expires_at, t.policies, now())";

    public Task<Credential?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => database.FindAsync(
        CredentialColumns + LiveDevice + " AND d.credential_hash = $1 UNION ALL " + CredentialColumns + LiveDevice + " AND d.previous_hash = $1 AND d.previous_until > now()",
        ReadCredential, [Database.Of(hash)], cancellationToken);

    public Task AddTicketAsync(ReadOnlyMemory<byte> hash, ReadOnlyMemory<byte> credentialHash, DateTimeOffset expiresAt, CancellationToken cancellationToken) => database.ExecuteAsync(
        "INSERT INTO ticket (hash, credential_hash, expires_at) VALUES ($1, $2, $3)",
        [Database.Of(hash), Database.Of(credentialHash), Database.Of(expiresAt.ToUniversalTime())], cancellationToken);

    public Task<Credential?> TakeTicketAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => database.FindAsync(
        "WITH taken AS (DELETE FROM ticket WHERE hash = $1 RETURNING credential_hash, expires_at) " + CredentialColumns +
        " FROM taken k JOIN device d ON d.credential_hash = k.credential_hash AND d.signed_out_at IS NULL JOIN tenant t ON t.id = d.tenant AND t.ended_at IS NULL WHERE k.expires_at > now() AND " + Lives,
        ReadCredential, [Database.Of(hash)], cancellationToken);

    public Task AddSignInCodeAsync(ReadOnlyMemory<byte> hash, ReadOnlyMemory<byte> said, DateTimeOffset expiresAt, CancellationToken cancellationToken) => database.ExecuteAsync(
        "INSERT INTO sign_in_code (hash, said, expires_at) VALUES ($1, $2, $3)",
        [Database.Of(hash), Database.Of(said), Database.Of(expiresAt.ToUniversalTime())], cancellationToken);

    public async Task<byte[]?> TakeSignInCodeAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => (await database.ListAsync(
        "DELETE FROM sign_in_code c WHERE c.hash = $1 RETURNING CASE WHEN c.expires_at > now() THEN c.said END",
        row => row.IsDBNull(0) ? null : row.GetFieldValue<byte[]>(0), [Database.Of(hash)], cancellationToken)).SingleOrDefault();

    public Task<OperatorLogin?> FindOperatorAsync(string name, CancellationToken cancellationToken) => database.FindAsync(
        "SELECT o.id, o.name, o.password_hash FROM platform_operator o WHERE o.name = $1",
        row => new OperatorLogin(row.GetGuid(0), row.GetString(1), row.GetString(2)), [Database.Of(name)], cancellationToken);

    public async Task<bool> HasOperatorAsync(CancellationToken cancellationToken) =>
        (await database.ListAsync("SELECT EXISTS (SELECT FROM platform_operator)", row => row.GetBoolean(0), [], cancellationToken))[0];

    // The unique index settles who is first when two ask at once.
    public async Task<bool> AddFirstOperatorAsync(Guid id, string name, string passwordHash, CancellationToken cancellationToken) => await database.ExecuteAsync(
        """
        INSERT INTO platform_operator (id, name, password_hash, is_first)
        SELECT $1, $2, $3, true WHERE NOT EXISTS (SELECT FROM platform_operator)
        ON CONFLICT DO NOTHING
        """,
        [Database.Of(id), Database.Of(name), Database.Of(passwordHash)], cancellationToken) == 1;

    public Task AddOperatorSessionAsync(Guid operatorId, ReadOnlyMemory<byte> hash, DateTimeOffset expiresAt, CancellationToken cancellationToken) => database.ExecuteAsync(
        "INSERT INTO operator_session (hash, operator, expires_at) VALUES ($1, $2, $3)",
        [Database.Of(hash), Database.Of(operatorId), Database.Of(expiresAt.ToUniversalTime())], cancellationToken);

    public async Task<Guid?> FindOperatorSessionAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT s.operator FROM operator_session s WHERE s.hash = $1 AND s.expires_at > now()",
        row => (Guid?)row.GetGuid(0), [Database.Of(hash)], cancellationToken)).SingleOrDefault();

    public Task RemoveOperatorSessionAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
        database.ExecuteAsync("DELETE FROM operator_session WHERE hash = $1", [Database.Of(hash)], cancellationToken);

    static Credential ReadCredential(NpgsqlDataReader row) => new(
        new Caller
        {
            Tenant = new TenantId(row.GetGuid(0)),
            PersonId = row.GetGuid(1),
            DeviceId = row.GetGuid(2),
            Role = (Role)row.GetInt16(3),
            InboxId = row.IsDBNull(4) ? null : row.GetGuid(4),
            Scopes = (Scopes)row.GetInt32(5),
            Controls = row.IsDBNull(8) ? Controls.All : (Controls)row.GetInt32(8),
        },
        row.GetBoolean(6),
        ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<string[]>(7)));
}
