using System.Globalization;
using System.Text;
using Npgsql;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Tenants;

/// <summary>Reads of the action record.</summary>
public sealed class ActStore(Database database) : IActStore
{
    const string Columns =
        """
        SELECT x.modseq, x.id, x.tenant, x.at, x.person, x.device, x.operator, x.object_type, x.object_id, x.action, x.detail,
            (SELECT d.role FROM device d WHERE d.tenant = x.tenant AND d.id = x.device),
            coalesce(
                (SELECT a.name FROM agent a WHERE a.tenant = x.tenant AND a.id = x.person),
                (SELECT d.name FROM device d WHERE d.tenant = x.tenant AND d.id = x.device AND d.role = 4)),
            x.changes::text
        FROM act x
        """;

    public Task<IReadOnlyList<RecordedAct>> ListAsync(TenantId tenant, ActQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var search = new Search("x.tenant = {0}", Database.Of(tenant));
        search.Where(query.OldestFirst ? "x.modseq > {0}" : "x.modseq < {0}", query.After);
        return ListAsync(search, query, "x.modseq", cancellationToken);
    }

    public Task<IReadOnlyList<RecordedAct>> ListOfOperatorsAsync(Guid? tenant, ActQuery query, Guid? after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var search = query.OldestFirst
            ? new Search("x.operator IS NOT NULL AND x.id > {0}", Database.Of(after ?? Guid.Empty))
            : new Search("x.operator IS NOT NULL AND x.id < {0}", Database.Of(after ?? Guid.AllBitsSet));
        search.Where("x.tenant = {0}", tenant);
        return ListAsync(search, query, "x.id", cancellationToken);
    }

    async Task<IReadOnlyList<RecordedAct>> ListAsync(Search search, ActQuery query, string order, CancellationToken cancellationToken)
    {
        search.Where("(x.person = {0} OR x.operator = {0})", query.ActorId);
        search.Where("x.object_id = {0}", query.ObjectId);
        search.Where("x.at >= {0}", query.Since?.ToUniversalTime());
        search.Where("x.at < {0}", query.Until?.ToUniversalTime());
        search.Where("x.object_type = {0}", query.ObjectType);
        search.Where("x.action = {0}", query.Action);
        return await database.ListAsync($"{Columns} {search.End($"ORDER BY {order} {(query.OldestFirst ? "" : "DESC")} LIMIT {{0}}", query.Limit)}", Read, search.Parameters, cancellationToken);
    }

    /// <summary>Only the conditions that are asked for, so that each combination finds its index.</summary>
    sealed class Search(string first, NpgsqlParameter value)
    {
        readonly StringBuilder sql = new("WHERE " + Numbered(first, 1));
        readonly List<NpgsqlParameter> parameters = [value];

        public NpgsqlParameter[] Parameters => [.. parameters];

        public void Where<T>(string condition, T? value)
            where T : struct
        {
            if (value is { } given)
            {
                Add(" AND " + condition, Database.Of(given));
            }
        }

        public void Where(string condition, string? value)
        {
            if (value is not null)
            {
                Add(" AND " + condition, Database.Of(value));
            }
        }

        public string End(string rest, long value)
        {
            Add(" " + rest, Database.Of(value));
            return sql.ToString();
        }

        void Add(string condition, NpgsqlParameter parameter)
        {
            parameters.Add(parameter);
            sql.Append(Numbered(condition, parameters.Count));
        }

        static string Numbered(string condition, int number) => condition.Replace("{0}", string.Create(CultureInfo.InvariantCulture, $"${number}"), StringComparison.Ordinal);
    }

    static RecordedAct Read(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetGuid(1),
        new TenantId(row.GetGuid(2)),
        row.GetFieldValue<DateTimeOffset>(3),
        ReadActor(row),
        row.GetString(7),
        row.GetGuid(8),
        row.GetString(9),
        row.IsDBNull(10) ? null : row.GetString(10),
        row.IsDBNull(13) ? null : row.GetString(13));

    static Actor? ReadActor(NpgsqlDataReader row)
    {
        if (!row.IsDBNull(6))
        {
            return new Actor(row.GetGuid(6), null, null, null);
        }

        return row.IsDBNull(4)
            ? null
            : new Actor(row.GetGuid(4), row.GetGuid(5), row.IsDBNull(11) ? null : (Role)row.GetInt16(11), row.IsDBNull(12) ? null : row.GetString(12));
    }
}
