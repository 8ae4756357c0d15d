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
            (SELECT a.controls FROM agent a WHERE a.tenant = d.tenant AND a.id = d.person),
            d.role IN (1, 2, 5) AND d.used_at < now() - interval '1 hour'
        """;

    const string LiveDevice = " FROM device d JOIN tenant t ON t.id = d.tenant AND t.ended_at IS NULL WHERE d.signed_out_at IS NULL AND " + Lives;

    /// <summary>By the database's clock: a server's own may be wrong.</summary>
    const string Lives = "session_lives(d.role, d.signed_in_at, d.used_at, d.expires_at, t.policies, now())";

    // Most requests write nothing: a day is what counts, so an hour is exact enough.
    public async Task<Credential?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var found = await database.FindAsync(
            CredentialColumns + LiveDevice + " AND d.credential_hash = $1 UNION ALL " + CredentialColumns + LiveDevice + " AND d.previous_hash = $1 AND d.previous_until > now()",
            row => new FoundCredential(ReadCredential(row), row.GetBoolean(9)), [Database.Of(hash)], cancellationToken);
        if (found is { WasLongUnused: true, Credential.Caller: var caller })
        {
            await database.ExecuteAsync("UPDATE device d SET used_at = now() WHERE d.tenant = $1 AND d.id = $2", [Database.Of(caller.Tenant), Database.Of(caller.DeviceId)], cancellationToken);
        }

        return found?.Credential;
    }

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

    sealed record FoundCredential(Credential Credential, bool WasLongUnused);
}
