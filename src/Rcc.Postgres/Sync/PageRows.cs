using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Npgsql;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;
using RowType = Rcc.Postgres.Sync.PageStatements.RowType;

namespace Rcc.Postgres.Sync;

/// <summary>The rows of one of <see cref="PageStatements"/>, sorted out.</summary>
sealed class PageRows
{
    static readonly Comparer<ItemKey> ByKey = Comparer<ItemKey>.Create((a, b) => (a.Kind, a.Id, a.Sub).CompareTo((b.Kind, b.Id, b.Sub)));

    readonly List<LogEntry> entries = [];
    readonly Dictionary<long, List<Audience>> toldTo = [];

    public long Newest { get; private set; }

    public PageVerdict Verdict { get; private set; }

    public Controls Controls { get; private set; } = Controls.All;

    /// <summary>In log order, whatever order the rows came in; under one number in the order of their keys, so that a conversation comes before what hangs on it.</summary>
    public IEnumerable<LogEntry> InLogOrder => entries.OrderBy(entry => entry.ModSeq).ThenBy(entry => entry is ItemEntry item ? item.Key : default, ByKey);

    /// <summary>Items and marks in the order of their keys; .NET and PostgreSQL compare UUIDs alike.</summary>
    public IEnumerable<ItemEntry> InKeyOrder => entries.OfType<ItemEntry>().OrderBy(entry => entry.Key, ByKey);

    public ImmutableArray<Audience>.Builder Audiences { get; } = ImmutableArray.CreateBuilder<Audience>();

    public ImmutableArray<Guid>.Builder FilteredOut { get; } = ImmutableArray.CreateBuilder<Guid>();

    public ImmutableArray<Audience> ToldTo(long modSeq) => toldTo.TryGetValue(modSeq, out var audiences) ? [.. audiences] : [];

    public void Add(NpgsqlDataReader row)
    {
        switch ((RowType)row.GetInt32(0))
        {
            case RowType.Head:
                Newest = row.GetInt64(1);
                Verdict = (PageVerdict)row.GetInt32(5);
                Controls = row.IsDBNull(7) ? Controls.All : (Controls)row.GetInt64(7);
                break;
            case RowType.Message:
                entries.Add(ReadMessage(row));
                break;
            case RowType.Item:
                entries.Add(new ItemEntry(ReadKey(row), row.GetInt32(5), ReadBytes(row, 6)) { ModSeq = row.GetInt64(1) });
                break;
            case RowType.Mark:
                entries.Add(new MarkPosition((MarkKind)row.GetInt16(2), row.GetGuid(3), row.GetGuid(4), row.GetInt64(7), row.GetInt64(8), row.GetInt32(5))
                    .ToEntry(row.GetInt64(1), []));
                break;
            case RowType.Left:
                entries.Add(new LeftEntry(ReadKey(row), (LeftReason)row.GetInt32(5)) { ModSeq = row.GetInt64(1) });
                break;
            case RowType.Audience:
                AddAudience(ReadAudience(row), isFilteredOut: row.GetInt32(5) == 1);
                break;
            case RowType.ToldTo:
                ref var told = ref CollectionsMarshal.GetValueRefOrAddDefault(toldTo, row.GetInt64(1), out _);
                (told ??= []).Add(ReadAudience(row));
                break;
            case RowType.Membership:
                var change = new AudienceChange(row.GetGuid(9), ReadAudience(row), (MembershipState)row.GetInt16(10));
                entries.Add(new MembershipEntry(change) { ModSeq = row.GetInt64(1), Audiences = [Audience.OfPerson(change.PersonId)] });
                break;
            case var type:
                throw new InvalidOperationException($"A page has a row of type {type}.");
        }
    }

    /// <summary>A message in the columns of a page.</summary>
    public static MessageEntry ReadMessage(NpgsqlDataReader row) => new(
        new NewMessage(
            row.GetGuid(3), (Lane)row.GetInt16(2), row.GetInt64(7), row.GetGuid(4), row.GetGuid(9), (Role)row.GetInt16(10), row.GetString(12), ReadBytes(row, 6)),
        row.GetFieldValue<DateTimeOffset>(11)) { ModSeq = row.GetInt64(1) };

    void AddAudience(Audience audience, bool isFilteredOut)
    {
        Audiences.Add(audience);
        if (isFilteredOut && audience.Kind == AudienceKind.Conversation)
        {
            FilteredOut.Add(audience.Id);
        }
    }

    static ItemKey ReadKey(NpgsqlDataReader row) => new((ItemKind)row.GetInt16(2), row.GetGuid(3), row.GetGuid(4));

    static Audience ReadAudience(NpgsqlDataReader row) => new((AudienceKind)row.GetInt16(2), row.GetGuid(3));

    static ImmutableArray<byte> ReadBytes(NpgsqlDataReader row, int column) => ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<byte[]>(column));
}
