using Rcc.Core.Access;

namespace Rcc.Postgres.Access;

/// <summary>The platform operators. These rows are written directly: no device is ever told of them.</summary>
public sealed class OperatorStore(Database database) : IOperatorStore
{
    public Task<OperatorLogin?> FindOperatorAsync(string name, CancellationToken cancellationToken) => database.FindAsync(
        "SELECT o.id, o.name, o.password_hash FROM platform_operator o WHERE o.name = $1 AND o.disabled_at IS NULL",
        row => new OperatorLogin(row.GetGuid(0), row.GetString(1), row.GetString(2)), [Database.Of(name)], cancellationToken);

    public Task<OperatorLogin?> FindOperatorAsync(Guid id, CancellationToken cancellationToken) => database.FindAsync(
        "SELECT o.id, o.name, o.password_hash FROM platform_operator o WHERE o.id = $1 AND o.disabled_at IS NULL",
        row => new OperatorLogin(row.GetGuid(0), row.GetString(1), row.GetString(2)), [Database.Of(id)], cancellationToken);

    public async Task<bool> HasOperatorAsync(CancellationToken cancellationToken) =>
        (await database.ListAsync("SELECT EXISTS (SELECT FROM platform_operator)", row => row.GetBoolean(0), [], cancellationToken))[0];

    // The unique index settles who is first when two ask at once.
    public Task<bool> AddFirstOperatorAsync(Guid id, string name, string passwordHash, CancellationToken cancellationToken) => HasChangedAsync(
        """
        WITH changed AS (
            INSERT INTO platform_operator (id, name, password_hash, is_first)
            SELECT $2, $3, $4, true WHERE NOT EXISTS (SELECT FROM platform_operator)
            ON CONFLICT DO NOTHING RETURNING id)
        SELECT record_operator_act($1, c.id, c.id, 'set_up', 'name: ' || $3) FROM changed c
        """,
        [Database.Of(NewAct), Database.Of(id), Database.Of(name), Database.Of(passwordHash)], cancellationToken);

    public Task<bool> AddOperatorAsync(Guid by, Guid id, string name, string passwordHash, CancellationToken cancellationToken) => HasChangedAsync(
        """
        WITH changed AS (
            INSERT INTO platform_operator (id, name, password_hash, is_first) VALUES ($3, $4, $5, false)
            ON CONFLICT DO NOTHING RETURNING id)
        SELECT record_operator_act($1, $2, c.id, 'create', 'name: ' || $4) FROM changed c
        """,
        [Database.Of(NewAct), Database.Of(by), Database.Of(id), Database.Of(name), Database.Of(passwordHash)], cancellationToken);

    public Task RecoverOperatorAsync(Guid id, string name, string passwordHash, CancellationToken cancellationToken) => HasChangedAsync(
        """
        WITH changed AS (
            INSERT INTO platform_operator (id, name, password_hash, is_first) VALUES ($2, $3, $4, false)
            ON CONFLICT (name) DO UPDATE SET password_hash = excluded.password_hash, disabled_at = NULL RETURNING id
        ), ended AS (
            DELETE FROM operator_session s USING changed c WHERE s.operator = c.id)
        SELECT record_operator_act($1, c.id, c.id, 'recover', 'name: ' || $3) FROM changed c
        """,
        [Database.Of(NewAct), Database.Of(id), Database.Of(name), Database.Of(passwordHash)], cancellationToken);

    public async Task<IReadOnlyList<OperatorListing>> ListOperatorsAsync(Guid? after, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT o.id, o.name, o.created_at, o.disabled_at, (SELECT count(*) FROM operator_session s WHERE s.operator = o.id AND s.expires_at > now())
        FROM platform_operator o WHERE o.id > $1 ORDER BY o.id LIMIT $2
        """,
        row => new OperatorListing(
            row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3), (int)row.GetInt64(4)),
        [Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)], cancellationToken);

    public async Task<OperatorDisabling> SetOperatorDisabledAsync(Guid by, Guid id, bool disabled, CancellationToken cancellationToken) => (await database.ListAsync(
        "SELECT set_operator_disabled($1, $2, $3, $4)", row => (OperatorDisabling)row.GetInt32(0),
        [Database.Of(NewAct), Database.Of(by), Database.Of(id), Database.Of(disabled)], cancellationToken))[0];

    public Task<bool> ChangeOperatorPasswordAsync(Guid id, string checkedHash, string passwordHash, ReadOnlyMemory<byte> session, CancellationToken cancellationToken) => HasChangedAsync(
        """
        WITH changed AS (
            UPDATE platform_operator o SET password_hash = $4 WHERE o.id = $2 AND o.password_hash = $3 AND o.disabled_at IS NULL RETURNING o.id
        ), ended AS (
            DELETE FROM operator_session s USING changed c WHERE s.operator = c.id AND s.hash <> $5)
        SELECT record_operator_act($1, c.id, c.id, 'update', 'password: new') FROM changed c
        """,
        [Database.Of(NewAct), Database.Of(id), Database.Of(checkedHash), Database.Of(passwordHash), Database.Of(session)], cancellationToken);

    public Task<bool> EndOperatorSessionsAsync(Guid by, Guid id, CancellationToken cancellationToken) => HasChangedAsync(
        """
        WITH changed AS (
            SELECT o.id FROM platform_operator o WHERE o.id = $3
        ), ended AS (
            DELETE FROM operator_session s USING changed c WHERE s.operator = c.id)
        SELECT record_operator_act($1, $2, c.id, 'end_sessions', NULL) FROM changed c
        """,
        [Database.Of(NewAct), Database.Of(by), Database.Of(id)], cancellationToken);

    public Task AddOperatorSessionAsync(Guid operatorId, ReadOnlyMemory<byte> hash, DateTimeOffset expiresAt, CancellationToken cancellationToken) => HasChangedAsync(
        """
        WITH changed AS (INSERT INTO operator_session (hash, operator, expires_at) VALUES ($3, $2, $4) RETURNING operator)
        SELECT record_operator_act($1, c.operator, c.operator, 'sign_in', NULL) FROM changed c
        """,
        [Database.Of(NewAct), Database.Of(operatorId), Database.Of(hash), Database.Of(expiresAt.ToUniversalTime())], cancellationToken);

    public Task RecordFailedSignInAsync(Guid operatorId, CancellationToken cancellationToken) => HasChangedAsync(
        "SELECT record_operator_act($1, $2, $2, 'sign_in_failed', NULL)", [Database.Of(NewAct), Database.Of(operatorId)], cancellationToken);

    public async Task<Guid?> FindOperatorSessionAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => (await database.ListAsync(
        """
        SELECT s.operator FROM operator_session s JOIN platform_operator o ON o.id = s.operator AND o.disabled_at IS NULL
        WHERE s.hash = $1 AND s.expires_at > now()
        """,
        row => (Guid?)row.GetGuid(0), [Database.Of(hash)], cancellationToken)).SingleOrDefault();

    public Task RemoveOperatorSessionAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
        database.ExecuteAsync("DELETE FROM operator_session WHERE hash = $1", [Database.Of(hash)], cancellationToken);

    static Guid NewAct => Guid.CreateVersion7();

    /// <summary>Each of these statements gives a row for the act it records, and none when it changed nothing.</summary>
    async Task<bool> HasChangedAsync(string sql, Npgsql.NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        (await database.ListAsync(sql, _ => true, parameters, cancellationToken)).Count == 1;
}
