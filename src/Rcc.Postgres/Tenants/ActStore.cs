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
                (SELECT d.name FROM device d WHERE d.tenant = x.tenant AND d.id = x.device AND d.role = 4))
        FROM act x
        """;

    public async Task<IReadOnlyList<RecordedAct>> ListAsync(TenantId tenant, ActQuery query, CancellationToken cancellationToken)
    {
        // Only the conditions that are asked for, so that each combination finds its index.
        var sql = new StringBuilder(Columns).Append(" WHERE x.tenant = $1");
        List<NpgsqlParameter> parameters = [Database.Of(tenant), Database.Of((long)query.Limit)];
        Where(query.OldestFirst ? "x.modseq > {0}" : "x.modseq < {0}", query.After);
        Where("(x.person = {0} OR x.operator = {0})", query.ActorId);
        Where("x.object_id = {0}", query.ObjectId);
        Where("x.at >= {0}", query.Since?.ToUniversalTime());
        Where("x.at < {0}", query.Until?.ToUniversalTime());
        WhereText("x.object_type = {0}", query.ObjectType);
        WhereText("x.action = {0}", query.Action);
        sql.Append(query.OldestFirst ? " ORDER BY x.modseq LIMIT $2" : " ORDER BY x.modseq DESC LIMIT $2");
        return await database.ListAsync(sql.ToString(), Read, [.. parameters], cancellationToken);

        void Where<T>(string condition, T? value)
            where T : struct
        {
            if (value is { } given)
            {
                Add(condition, Database.Of(given));
            }
        }

        void WhereText(string condition, string? value)
        {
            if (value is not null)
            {
                Add(condition, Database.Of(value));
            }
        }

        void Add(string condition, NpgsqlParameter parameter)
        {
            parameters.Add(parameter);
            sql.Append(" AND ").Append(condition.Replace("{0}", string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}"), StringComparison.Ordinal));
        }
    }

    public async Task<IReadOnlyList<RecordedAct>> ListOfOperatorsAsync(Guid? tenant, Guid? before, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        Columns + " WHERE x.operator IS NOT NULL AND x.id < $1" + (tenant is null ? "" : " AND x.tenant = $3") + " ORDER BY x.id DESC LIMIT $2",
        Read,
        [Database.Of(before ?? Guid.AllBitsSet), Database.Of((long)limit), .. tenant is { } one ? [Database.Of(one)] : Array.Empty<NpgsqlParameter>()],
        cancellationToken);

    static RecordedAct Read(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetGuid(1),
        new TenantId(row.GetGuid(2)),
        row.GetFieldValue<DateTimeOffset>(3),
        ReadActor(row),
        row.GetString(7),
        row.GetGuid(8),
        row.GetString(9),
        row.IsDBNull(10) ? null : row.GetString(10));

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
