using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using NpgsqlTypes;
using Rcc.Core;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Sync;

/// <summary>Pages for devices and gaps for nodes, one statement each.</summary>
public sealed class SyncStore(Database database) : ISyncStore
{
    readonly ConcurrentDictionary<TenantId, SemaphoreSlim> pageTurns = new();

    const string SealingKey = "sync-token-sealing-key";

    /// <summary>A database that was dumped and restored beside the old one has another oid, one that was promoted has another timeline.</summary>
    const string EpochColumns =
        """
        SELECT concat_ws(' ', (SELECT c.system_identifier FROM pg_control_system() c), (SELECT c.timeline_id FROM pg_control_checkpoint() c),
            (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()), e.value)
        """;

    public Task<Epoch> ReadEpochAsync(CancellationToken cancellationToken) => FindEpochAsync(EpochColumns + " FROM epoch e", cancellationToken);

    public Task<Epoch> BeginEpochAsync(CancellationToken cancellationToken) =>
        FindEpochAsync("WITH e AS (UPDATE epoch SET value = gen_random_uuid() RETURNING value) " + EpochColumns + " FROM e", cancellationToken);

    public async Task<IReadOnlyList<long>> ReadNewestAsync(IReadOnlyList<TenantId> tenants, CancellationToken cancellationToken) =>
        await database.ListAsync(
            """
            SELECT coalesce((SELECT b.newest FROM log_batch b WHERE b.tenant = t.id ORDER BY b.newest DESC LIMIT 1), 0)
            FROM unnest($1) WITH ORDINALITY AS t(id, ord)
            ORDER BY t.ord
            """,
            row => row.GetInt64(0), [Database.Of(tenants.Select(tenant => tenant.Value).ToArray())], cancellationToken);

    /// <summary>When all devices of a tenant come back at once they read a few at a time: the other connections are for everybody else.</summary>
    public async Task<DevicePage> ReadPageAsync(PageRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.MaxItems, 1, nameof(request));
        var turns = pageTurns.GetOrAdd(request.Tenant, static (_, connections) => new SemaphoreSlim(connections), database.Options.PageConnectionsPerTenant);
        await turns.WaitAsync(cancellationToken);
        try
        {
            return request.Position is { Snapshot: null } position
                ? await ReadEntriesAsync(request, position.ModSeq, cancellationToken)
                : await ReadSnapshotAsync(request, cancellationToken);
        }
        finally
        {
            turns.Release();
        }
    }

    public async Task<LogBatch?> ReadGapAsync(
        TenantId tenant, long after, IReadOnlyCollection<Audience> audiences, IReadOnlyCollection<Guid> persons, CancellationToken cancellationToken)
    {
        var limit = database.Options.GapRows;
        var rows = await ReadAsync(
            PageStatements.Gap,
            [
                Database.Of(tenant), Database.Of(after), Database.Of(audiences.Select(a => (short)a.Kind).ToArray()), Database.Of(audiences.Select(a => a.Id).ToArray()),
                Database.Of(persons.ToArray()), Database.Of(limit + 1L),
            ],
            cancellationToken);
        if (rows.Verdict == PageVerdict.BelowFloor)
        {
            return null;
        }

        List<LogEntry> entries = [.. rows.InLogOrder.Select(entry => entry is MembershipEntry ? entry : entry with { Audiences = rows.ToldTo(entry.ModSeq) })];
        var to = rows.Newest;
        if (entries.Count > limit)
        {
            entries.RemoveRange(limit, entries.Count - limit);
            to = entries[^1].ModSeq;
        }

        return new LogBatch(tenant, after, Math.Max(after, to), [.. entries]);
    }

    async Task<DevicePage> ReadEntriesAsync(PageRequest request, long position, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(PageStatements.Incremental, Parameters(request, position), cancellationToken);
        if (rows.Verdict != PageVerdict.Ok)
        {
            return new DevicePage { Verdict = rows.Verdict };
        }

        ImmutableArray<LogEntry> entries = [.. rows.InLogOrder];
        var fitting = Fitting(entries, request.MaxItems);
        if (fitting == entries.Length)
        {
            return LastPage(rows, SaidOnce(entries));
        }

        entries = entries[..fitting];
        return new DevicePage { Verdict = PageVerdict.Ok, Controls = rows.Controls, Entries = SaidOnce(entries), Position = new DevicePosition(entries[^1].ModSeq, null), More = true };
    }

    /// <summary>How many entries a page takes. It ends between two numbers, as a position is a number; so what comes with one conversation may be more than it should have.</summary>
    static int Fitting(ImmutableArray<LogEntry> entries, int maxItems)
    {
        if (entries.Length <= maxItems)
        {
            return entries.Length;
        }

        var next = entries[maxItems].ModSeq;
        var before = entries.Count(entry => entry.ModSeq < next);
        return before > 0 ? before : entries.Count(entry => entry.ModSeq == next);
    }

    /// <summary>A page is read at one instant: what a filter leaves out, it leaves out for the whole page.</summary>
    static ImmutableArray<LogEntry> SaidOnce(ImmutableArray<LogEntry> entries)
    {
        HashSet<Guid> said = [];
        return entries.RemoveAll(entry => entry is LeftEntry { Reason: LeftReason.Filtered } left && !said.Add(left.Key.Id));
    }

    async Task<DevicePage> ReadSnapshotAsync(PageRequest request, CancellationToken cancellationToken)
    {
        var last = request.Position?.Snapshot ?? default;
        var rows = await ReadAsync(
            PageStatements.Snapshot,
            [.. Parameters(request, request.Position?.ModSeq), Database.Of((short)last.Kind), Database.Of(last.Id), Database.Of(last.Sub)],
            cancellationToken);
        if (rows.Verdict != PageVerdict.Ok)
        {
            return new DevicePage { Verdict = rows.Verdict };
        }

        var standsFor = request.Position?.ModSeq ?? rows.Newest;
        ImmutableArray<ItemEntry> entries = [.. rows.InKeyOrder];
        if (entries.Length > request.MaxItems)
        {
            entries = entries.RemoveRange(request.MaxItems, entries.Length - request.MaxItems);
            return new DevicePage
            {
                Verdict = PageVerdict.Ok, Controls = rows.Controls, Entries = ImmutableArray<LogEntry>.CastUp(entries), Position = new DevicePosition(standsFor, entries[^1].Key), More = true,
            };
        }

        // What changed while the snapshot was read follows from the number it stands for.
        return standsFor == rows.Newest
            ? LastPage(rows, ImmutableArray<LogEntry>.CastUp(entries))
            : new DevicePage { Verdict = PageVerdict.Ok, Controls = rows.Controls, Entries = ImmutableArray<LogEntry>.CastUp(entries), Position = new DevicePosition(standsFor, null), More = true };
    }

    public async Task<StoredItem?> FindItemAsync(TenantId tenant, ItemKey key, CancellationToken cancellationToken)
    {
        if (key.Kind is ItemKind.Receipt or ItemKind.Read)
        {
            return await database.FindAsync(
                "SELECT k.first, k.second, k.revision FROM mark k WHERE k.tenant = $1 AND k.conversation = $2 AND k.kind = $3 AND k.person = $4",
                row =>
                {
                    var entry = new MarkPosition((MarkKind)key.Kind, key.Id, key.Sub, row.GetInt64(0), row.GetInt64(1), row.GetInt32(2)).ToEntry(0, []);
                    return new StoredItem(key, entry.Revision, entry.State);
                },
                [Database.Of(tenant), Database.Of(key.Id), Database.Of((short)key.Kind), Database.Of(key.Sub)], cancellationToken);
        }

        return await database.FindAsync(
            $"SELECT i.revision, {(key.Kind is ItemKind.VolatileRecord or ItemKind.VolatileContext or ItemKind.PresenceRecord or ItemKind.Presence ? "item_state(i)" : "i.state")} FROM item i WHERE i.tenant = $1 AND i.kind = $2 AND i.id = $3 AND i.sub = $4",
            row => new StoredItem(key, row.GetInt32(0), ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<byte[]>(1))),
            [Database.Of(tenant), Database.Of((short)key.Kind), Database.Of(key.Id), Database.Of(key.Sub)], cancellationToken);
    }

    public async Task<ImmutableArray<byte>> GetSealingKeyAsync(CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(
            "INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", [Database.Of(SealingKey), Database.Of(RandomNumberGenerator.GetBytes(32))], cancellationToken);
        var key = await database.ListAsync("SELECT s.value FROM secret s WHERE s.name = $1", row => row.GetFieldValue<byte[]>(0), [Database.Of(SealingKey)], cancellationToken);
        return ImmutableCollectionsMarshal.AsImmutableArray(key[0]);
    }

    static DevicePage LastPage(PageRows rows, ImmutableArray<LogEntry> entries) => new()
    {
        Verdict = PageVerdict.Ok,
        Controls = rows.Controls,
        Entries = entries,
        Position = new DevicePosition(rows.Newest, null),
        Audiences = rows.Audiences.DrainToImmutable(),
        FilteredOut = rows.FilteredOut.DrainToImmutable(),
    };

    static Npgsql.NpgsqlParameter[] Parameters(PageRequest request, long? position) =>
    [
        Database.Of(request.Tenant),
        Database.Of(request.PersonId),
        Database.Of(request.DeviceId),
        Database.OfNullable(position, NpgsqlDbType.Bigint),
        Database.Of(request.MaxItems + 1L),
        new Npgsql.NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint,
            Value = request.Filter.Statuses is { } statuses ? statuses.Select(status => (short)status).ToArray() : DBNull.Value,
        },
        Database.Of(request.Filter.WithoutNotes),
    ];

    async Task<PageRows> ReadAsync(string sql, Npgsql.NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        var rows = new PageRows();
        await database.ListAsync(
            sql,
            row =>
            {
                rows.Add(row);
                return 0;
            },
            parameters, cancellationToken);
        return rows;
    }

    async Task<Epoch> FindEpochAsync(string sql, CancellationToken cancellationToken)
    {
        var name = await database.FindAsync(sql, row => row.GetString(0), [], cancellationToken)
            ?? throw new InvalidOperationException("The table epoch is empty.");
        return new Epoch(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))));
    }
}
