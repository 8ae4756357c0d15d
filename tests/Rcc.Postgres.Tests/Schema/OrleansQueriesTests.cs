using Npgsql;

namespace Rcc.Postgres.Tests.Schema;

/// <summary>The queries that the clustered engine's ADO.NET providers read and run: parameters and results as the providers send and read them.</summary>
public class OrleansQueriesTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    [Fact]
    public async Task Every_key_is_there()
    {
        string[] keys =
        [
            "CleanupDefunctSiloEntriesKey", "CleanupDefunctSiloEntryKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey", "DeleteReminderRowKey", "DeleteReminderRowsKey",
            "DeleteStorageKey", "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey", "MembershipReadRowKey", "ReadFromStorageKey",
            "ReadRangeRows1Key", "ReadRangeRows2Key", "ReadReminderRowKey", "ReadReminderRowsKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey", "UpsertReminderRowKey",
            "WriteToStorageKey",
        ];

        Assert.Equal(keys, (string[])(await fixture.ScalarAsync("SELECT array_agg(QueryKey ORDER BY QueryKey COLLATE \"C\") FROM OrleansQuery"))!);
    }

    [Fact]
    public async Task A_silo_is_inserted_only_when_it_and_the_version_are_as_expected()
    {
        var cluster = Guid.NewGuid().ToString();
        Assert.Equal(1, await FirstAsync("InsertMembershipVersionKey", ("DeploymentId", cluster)));
        Assert.Equal(0, await FirstAsync("InsertMembershipVersionKey", ("DeploymentId", cluster)));

        Assert.Equal(1, await InsertAsync(cluster, 1, 0));
        Assert.Equal(0, await InsertAsync(cluster, 2, 0));
        Assert.Equal(0, await InsertAsync(cluster, 1, 1));
        Assert.Equal(1, await InsertAsync(cluster, 2, 1));
        var race = await Task.WhenAll(Enumerable.Range(3, 5).Select(generation => InsertAsync(cluster, generation, 2)));
        Assert.Equal(1, race.Sum());

        var all = await RowsAsync("MembershipReadAllKey", ("DeploymentId", cluster));
        Assert.Equal(3, all.Count);
        Assert.All(all, silo => Assert.Equal((3, "silo", "host", 1, 30000, Start), (silo["version"], silo["siloname"], silo["hostname"], silo["status"], silo["proxyport"], silo["starttime"])));
        Assert.All(all, silo => Assert.Null(silo["suspecttimes"]));
    }

    [Fact]
    public async Task A_silo_is_updated_seen_as_a_gateway_and_cleaned_up()
    {
        var cluster = Guid.NewGuid().ToString();
        await FirstAsync("InsertMembershipVersionKey", ("DeploymentId", cluster));
        await InsertAsync(cluster, 1, 0);
        Assert.Empty(await RowsAsync("GatewaysQueryKey", ("DeploymentId", cluster), ("Status", 3)));

        Assert.Equal(0, await UpdateAsync(1, 3, 0));
        Assert.Equal(0, await UpdateAsync(9, 3, 1));
        Assert.Equal(1, await UpdateAsync(1, 3, 1));

        var gateway = Assert.Single(await RowsAsync("GatewaysQueryKey", ("DeploymentId", cluster), ("Status", 3)));
        Assert.Equal(("127.0.0.1", 30000, 1), (gateway["address"], gateway["proxyport"], gateway["generation"]));
        await RowsAsync("UpdateIAmAlivetimeKey", [.. Silo(cluster, 1), ("IAmAliveTime", Start.AddHours(1))]);
        var row = Assert.Single(await RowsAsync("MembershipReadRowKey", Silo(cluster, 1)));
        Assert.Equal((2, Start.AddHours(1), "10.0.0.1:1@1,2026-01-01 00:00:00.000 GMT"), (row["version"], row["iamalivetime"], row["suspecttimes"]));
        var unknown = Assert.Single(await RowsAsync("MembershipReadRowKey", Silo(cluster, 77)));
        Assert.Null(unknown["starttime"]);
        Assert.Equal(2, unknown["version"]);

        // An active one stays however old it is; a dead one goes, but only as it was seen.
        await RowsAsync("CleanupDefunctSiloEntriesKey", ("DeploymentId", cluster), ("IAmAliveTime", Start.AddDays(1)));
        Assert.NotNull((await RowsAsync("MembershipReadRowKey", Silo(cluster, 1)))[0]["starttime"]);
        await UpdateAsync(1, 6, 2);
        await CleanAsync(null);
        Assert.NotNull((await RowsAsync("MembershipReadRowKey", Silo(cluster, 1)))[0]["starttime"]);
        await CleanAsync("10.0.0.1:1@1,2026-01-01 00:00:00.000 GMT");
        Assert.Null((await RowsAsync("MembershipReadRowKey", Silo(cluster, 1)))[0]["starttime"]);
        await RowsAsync("DeleteMembershipTableEntriesKey", ("DeploymentId", cluster));
        Assert.Empty(await RowsAsync("MembershipReadAllKey", ("DeploymentId", cluster)));

        Task<int> UpdateAsync(int generation, int status, int version) => FirstAsync(
            "UpdateMembershipKey",
            [.. Silo(cluster, generation), ("Status", status), ("SuspectTimes", "10.0.0.1:1@1,2026-01-01 00:00:00.000 GMT"), ("IAmAliveTime", Start), ("Version", version)]);

        Task CleanAsync(string? suspects) => RowsAsync("CleanupDefunctSiloEntryKey", [.. Silo(cluster, 1), ("SuspectTimes", suspects), ("StartTime", Start), ("IAmAliveTime", Start)]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("t-0123-name")]
    public async Task Grain_state_is_written_only_over_the_version_that_was_read(string? extension)
    {
        var service = Guid.NewGuid().ToString();
        Assert.Empty(await RowsAsync("ReadFromStorageKey", Grain(service, extension)));
        Assert.Equal(1, await WriteAsync(null, [1]));
        Assert.Null(await WriteAsync(null, [2]));
        Assert.Equal(2, await WriteAsync(1, [2]));
        Assert.Null(await WriteAsync(1, [3]));
        var row = Assert.Single(await RowsAsync("ReadFromStorageKey", Grain(service, extension)));
        Assert.Equal([2], (byte[])row["payloadbinary"]!);
        Assert.Equal(2, row["version"]);

        Assert.Empty(await RowsAsync("ClearStorageKey", [.. Grain(service, extension), ("GrainStateVersion", 1)]));
        Assert.Equal(3, await FirstAsync("ClearStorageKey", [.. Grain(service, extension), ("GrainStateVersion", 2)]));
        row = Assert.Single(await RowsAsync("ReadFromStorageKey", Grain(service, extension)));
        Assert.Equal((null, 3), (row["payloadbinary"], row["version"]));
        Assert.Equal(4, await WriteAsync(3, [4]));
        Assert.Empty(await RowsAsync("DeleteStorageKey", [.. Grain(service, extension), ("GrainStateVersion", 3)]));
        Assert.Equal(5, await FirstAsync("DeleteStorageKey", [.. Grain(service, extension), ("GrainStateVersion", 4)]));
        Assert.Empty(await RowsAsync("ReadFromStorageKey", Grain(service, extension)));

        async Task<int?> WriteAsync(int? version, byte[] payload) =>
            (await RowsAsync("WriteToStorageKey", [.. Grain(service, extension), ("GrainStateVersion", version), ("PayloadBinary", payload)])).SingleOrDefault()?["newgrainstateversion"] as int?;
    }

    [Fact]
    public async Task Reminders_are_kept_by_version_and_found_by_grain_and_by_range_of_the_ring()
    {
        var service = Guid.NewGuid().ToString();
        Assert.Equal(0, await UpsertAsync("a", -5, 60_000));
        Assert.Equal(1, await UpsertAsync("a", -5, 60_000));
        Assert.Equal(0, await UpsertAsync("b", 5, 3_000_000_000L));
        await UpsertAsync("c", 9, 1);

        var row = Assert.Single(await RowsAsync("ReadReminderRowKey", ("ServiceId", service), ("GrainId", "grain/b"), ("ReminderName", "b")));
        Assert.Equal(("grain/b", "b", Start, 3_000_000_000L, 0), (row["grainid"], row["remindername"], row["starttime"], row["period"], row["version"]));
        Assert.Single(await RowsAsync("ReadReminderRowsKey", ("ServiceId", service), ("GrainId", "grain/a")));
        Assert.Equal(["a", "b"], await RangeAsync("ReadRangeRows1Key", -6, 5));
        Assert.Equal(["b"], await RangeAsync("ReadRangeRows1Key", -5, 8));
        Assert.Equal(["a", "c"], await RangeAsync("ReadRangeRows2Key", 5, -5));
        Assert.Equal(["a", "b", "c"], await RangeAsync("ReadRangeRows2Key", 3, 3));

        Assert.Equal(0, await DeleteAsync("a", "0"));
        Assert.Equal(1, await DeleteAsync("a", "1"));
        await RowsAsync("DeleteReminderRowsKey", ("ServiceId", service));
        Assert.Empty(await RangeAsync("ReadRangeRows2Key", 0, 0));

        Task<int> UpsertAsync(string name, int hash, object period) => FirstAsync(
            "UpsertReminderRowKey", ("ServiceId", service), ("GrainId", "grain/" + name), ("ReminderName", name), ("StartTime", Start), ("Period", period), ("GrainHash", hash));

        Task<int> DeleteAsync(string name, string version) => FirstAsync(
            "DeleteReminderRowKey", ("ServiceId", service), ("GrainId", "grain/" + name), ("ReminderName", name), ("Version", int.Parse(version, System.Globalization.CultureInfo.InvariantCulture)));

        async Task<IEnumerable<object?>> RangeAsync(string key, int begin, int end) =>
            (await RowsAsync(key, ("ServiceId", service), ("BeginHash", begin), ("EndHash", end))).Select(found => found["remindername"]).Order();
    }

    static (string, object?)[] Silo(string cluster, int generation) => [("DeploymentId", cluster), ("Address", "127.0.0.1"), ("Port", 11111), ("Generation", generation)];

    static (string, object?)[] Grain(string service, string? extension) =>
    [
        ("GrainIdHash", 7), ("GrainIdN0", 1L), ("GrainIdN1", 2L), ("GrainTypeHash", 9), ("GrainTypeString", "conversation"), ("GrainIdExtensionString", extension), ("ServiceId", service),
    ];

    Task<int> InsertAsync(string cluster, int generation, int version) => FirstAsync(
        "InsertMembershipKey",
        [
            .. Silo(cluster, generation), ("SiloName", "silo"), ("HostName", "host"), ("Status", 1), ("ProxyPort", 30000), ("StartTime", Start), ("IAmAliveTime", Start), ("Version", version),
        ]);

    async Task<int> FirstAsync(string key, params (string Name, object? Value)[] parameters)
    {
        var row = Assert.Single(await RowsAsync(key, parameters));
        return Convert.ToInt32(Assert.Single(row.Values), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The rows of a query, columns in lower case. As the providers do it: each on a connection of its own, strings as text also when null.</summary>
    async Task<List<Dictionary<string, object?>>> RowsAsync(string key, params (string Name, object? Value)[] parameters)
    {
        await using var connection = new NpgsqlConnection(fixture.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand((string)(await fixture.ScalarAsync("SELECT QueryText FROM OrleansQuery WHERE QueryKey = $1", key))!, connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value)
            {
                DbType = value switch
                {
                    int => System.Data.DbType.Int32,
                    long => System.Data.DbType.Int64,
                    DateTime => System.Data.DbType.DateTime,
                    byte[] => System.Data.DbType.Binary,
                    null when name is "GrainStateVersion" => System.Data.DbType.Int32,
                    _ => System.Data.DbType.String,
                },
            });
        }

        await using var reader = await command.ExecuteReaderAsync();
        List<Dictionary<string, object?>> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i), StringComparer.Ordinal));
        }

        return rows;
    }
}
