using Npgsql;

namespace Rcc.Postgres.Tenants;

/// <summary>
/// How an archive is rewritten where it becomes an account of another id. Whatever names the account is found by its type, in every table there is, so that a new one cannot be forgotten. Ids of what is in an
/// account are unique in it only, and stay: so do its history and the answers of commands. What opens a way in is unique on the server: it is made anew, and nobody knows it yet.
/// </summary>
sealed class ArchiveCopy
{
    /// <summary>Devices of people end; applications keep theirs, to which a new token is made. In items of devices as well, which people see.</summary>
    public const string SignOut =
        """
        WITH gone AS (
            UPDATE device d SET signed_out_at = now() WHERE d.tenant = $1 AND d.signed_out_at IS NULL AND d.role <> 4 RETURNING d.id
        )
        UPDATE item i SET state = convert_to((convert_from(i.state, 'UTF8')::jsonb || jsonb_build_object('signedOutAt', now()))::text, 'UTF8')
        FROM gone WHERE i.tenant = $1 AND i.kind = 8 AND i.id = gone.id
        """;

    /// <summary>What was made anew, as <c>(object_type, object_id, secret)</c>.</summary>
    public const string Renewed =
        """
        SELECT 'access_token', d.id, 'token' FROM device d WHERE d.tenant = $1 AND d.role = 4 AND d.signed_out_at IS NULL
        UNION ALL SELECT 'agent', a.id, 'invitation' FROM agent a WHERE a.tenant = $1 AND a.invitation_hash IS NOT NULL AND a.invitation_expires_at > now()
        UNION ALL SELECT 'inbox', i.id, 'identifier' FROM inbox i WHERE i.tenant = $1
        ORDER BY 1, 2
        """;

    /// <summary>32 bytes from the strong source that makes UUIDs of version 4.</summary>
    const string Random = "sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))";

    readonly Dictionary<(string Table, string Column), string> types;
    readonly Guid from;

    ArchiveCopy(Guid from, Dictionary<(string Table, string Column), string> types) => (this.from, this.types) = (from, types);

    public static async Task<ArchiveCopy> ReadAsync(NpgsqlConnection connection, Guid from, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand(
            """
            SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = current_schema()::regnamespace AND (c.relname = 'tenant' OR c.relname IN (SELECT tenant_tables()))
            """,
            connection);
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        Dictionary<(string, string), string> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetString(0), reader.GetString(1)), reader.GetString(2));
        }

        return new ArchiveCopy(from, found);
    }

    /// <summary>Which rows <c>r</c> belong into a copy: what operators did to the original they did not do to it.</summary>
    public static string Condition(string table) => table is "act" ? "WHERE r.operator IS NULL" : "";

    /// <summary>A column of a row <c>r</c> as SQL; <c>$1</c> is the id of the copy.</summary>
    public string ValueOf(string table, string column)
    {
        var value = "r." + ArchiveTarget.Quote(column);
        return (table, column, types[(table, column)]) switch
        {
            ("device", "credential_hash", _) => Random,
            ("device", "previous_hash" or "previous_until", _) => "NULL",
            ("agent", "invitation_hash", _) => $"CASE WHEN {value} IS NOT NULL THEN {Random} END",
            ("inbox", "identifier", _) => $"encode(substr({Random}, 1, 16), 'hex')",
            ("item", "state", _) or ("command", "answer", _) => $"CASE WHEN position(convert_to('{Text(from)}', 'UTF8') IN {value}) > 0 THEN convert_to({Rewritten($"convert_from({value}, 'UTF8')")}, 'UTF8') ELSE {value} END",
            (_, _, "uuid") => $"CASE WHEN {value} = '{from}' THEN $1 ELSE {value} END",
            (_, _, "uuid[]") => $"array_replace({value}, '{from}', $1)",
            (_, _, "jsonb") => $"{Rewritten($"{value}::text")}::jsonb",
            _ => value,
        };
    }

    /// <summary>A JSON text in which the copy stands wherever a member is the original's id.</summary>
    string Rewritten(string json) => $"replace({json}, '{Text(from)}', '\"' || $1 || '\"')";

    static string Text(Guid id) => $"\"{id}\"";
}
