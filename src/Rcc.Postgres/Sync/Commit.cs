using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Sync;

/// <summary>What <c>append_batch</c> answers.</summary>
sealed record Commit(long Base, long Newest, DateTimeOffset At, AppendVerdict[] Verdicts, IReadOnlyList<MovedMark> Marks)
{
    public static Commit Read(NpgsqlDataReader row)
    {
        var verdicts = Array.ConvertAll(row.GetFieldValue<short[]>(3), verdict => (AppendVerdict)verdict);
        return new Commit(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2), verdicts, ReadMarks(row));
    }

    static MovedMark[] ReadMarks(NpgsqlDataReader row)
    {
        if (row.IsDBNull(4))
        {
            return [];
        }

        var modSeqs = row.GetFieldValue<long[]>(4);
        var kinds = row.GetFieldValue<short[]>(5);
        var conversations = row.GetFieldValue<Guid[]>(6);
        var persons = row.GetFieldValue<Guid[]>(7);
        var firsts = row.GetFieldValue<long[]>(8);
        var seconds = row.GetFieldValue<long[]>(9);
        var revisions = row.GetFieldValue<int[]>(10);
        var audienceKinds = row.GetFieldValue<short[]>(11);
        var audiences = row.GetFieldValue<Guid[]>(12);
        return [.. modSeqs.Select((modSeq, i) => new MovedMark(
            modSeq,
            new MarkPosition((MarkKind)kinds[i], conversations[i], persons[i], firsts[i], seconds[i], revisions[i]),
            new Audience((AudienceKind)audienceKinds[i], audiences[i])))];
    }
}

/// <summary>A mark that moved, once for each audience it is told to.</summary>
readonly record struct MovedMark(long ModSeq, MarkPosition Position, Audience Audience);

/// <summary>A mark as stored.</summary>
readonly record struct MarkPosition(MarkKind Kind, Guid ConversationId, Guid PersonId, long First, long Second, int Revision)
{
    /// <summary>As devices see it.</summary>
    public ItemEntry ToEntry(long modSeq, ImmutableArray<Audience> audiences) => new(
        new ItemKey((ItemKind)Kind, ConversationId, PersonId),
        Revision,
        ImmutableArray.Create(Kind == MarkKind.Receipt
            ? JsonSerializer.SerializeToUtf8Bytes(new ReceiptState(First, Second), ContractJson.Default.ReceiptState)
            : JsonSerializer.SerializeToUtf8Bytes(new ReadState(First, Second), ContractJson.Default.ReadState)))
    {
        ModSeq = modSeq,
        Audiences = audiences,
    };
}

/// <summary>What a commit added to the log, made from what was accepted.</summary>
static class CommittedEntries
{
    public static void Add(ImmutableArray<LogEntry>.Builder entries, AppendRun run, Commit commit)
    {
        var number = commit.Base;
        var first = entries.Count;
        for (var i = 0; i < run.Proposals.Count; i++)
        {
            var proposal = run.Proposals[i];
            var accepted = commit.Verdicts[i] == AppendVerdict.Accepted;
            foreach (var change in proposal.Audiences)
            {
                Add(new MembershipEntry(change) { ModSeq = ++number, Audiences = [Audience.OfPerson(change.PersonId)] }, accepted);
            }

            foreach (var item in proposal.Items)
            {
                Add(new ItemEntry(item.Key, item.Revision, item.State) { ModSeq = ++number, Audiences = item.Tell }, accepted);
            }

            foreach (var shown in proposal.Shown)
            {
                Add(new ItemEntry(shown.Key, shown.Revision, shown.State) { ModSeq = ++number, Audiences = shown.Tell }, accepted);
            }

            foreach (var departure in proposal.Departures)
            {
                Add(new LeftEntry(departure.Key, departure.Reason) { ModSeq = ++number, Audiences = departure.Tell }, accepted);
            }

            foreach (var message in proposal.Messages)
            {
                Add(new MessageEntry(message, commit.At) { ModSeq = ++number, Audiences = [Audience.OfLane(message.ConversationId, message.Lane)] }, accepted);
            }

            number += proposal.Marks.Length + (proposal.Act is null ? 0 : 1);
        }

        if (commit.Marks.Count > 0)
        {
            entries.AddRange(commit.Marks.GroupBy(mark => mark.ModSeq)
                .Select(group => group.First().Position.ToEntry(group.Key, [.. group.Select(mark => mark.Audience)])));
            entries.Sort(first, entries.Count - first, Comparer<LogEntry>.Create((a, b) => a.ModSeq.CompareTo(b.ModSeq)));
        }

        void Add(LogEntry entry, bool accepted)
        {
            if (accepted)
            {
                entries.Add(entry);
            }
        }
    }
}
