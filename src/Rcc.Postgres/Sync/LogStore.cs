using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using Rcc.Core;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Sync;

/// <summary>The append in SQL: one statement for a batch, committed when it ends.</summary>
public sealed class LogStore(Database database) : ILogStore
{
    const int MaxRemembered = 10_000;
    const string Quota = "quota_";

    /// <summary>What a violated constraint means to people.</summary>
    static readonly Dictionary<string, string> TakenBy = new(StringComparer.Ordinal)
    {
        ["tenant_slug"] = "slug",
        ["tenant_pkey"] = "account id",
        ["agent_email"] = "e-mail",
        ["agent_group_name"] = "group name",
        ["queue_name"] = "queue name",
        ["inbox_identifier"] = "inbox identifier",
        ["contact_identifier"] = "identifier",
        ["contact_address_value"] = "address",
        ["conversation_display_id"] = "display id",
        ["message_message_id"] = "message id",
        ["device_credential"] = "credential",
    };

    /// <summary>Where each tenant's log was last. Only a place to begin to look: any number that was once committed is right.</summary>
    readonly ConcurrentDictionary<TenantId, long> newestOf = new();

    public async Task<CommittedBatch> AppendAsync(TenantId tenant, IReadOnlyList<Proposal> proposals, CancellationToken cancellationToken)
    {
        if (proposals.Count == 0)
        {
            throw new ArgumentException("A batch needs a proposal.", nameof(proposals));
        }

        var runs = AppendRun.Split(tenant, proposals);
        List<Commit> commits;
        try
        {
            commits = await ExecuteAsync(tenant, runs, cancellationToken);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation } && proposals.Count == 1 && TakenBy.ContainsKey(e.ConstraintName ?? ""))
        {
            var newest = await ReadNewestAsync(tenant, cancellationToken);
            return new CommittedBatch(newest, newest, [new AppendResult(AppendVerdict.Taken, Answer.Refused(ErrorCode.Taken, TakenBy[e.ConstraintName!]), 0)], []);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.CheckViolation } && proposals.Count == 1 && e.ConstraintName?.StartsWith(Quota, StringComparison.Ordinal) == true)
        {
            var newest = await ReadNewestAsync(tenant, cancellationToken);
            var refusal = Answer.Refused(ErrorCode.TooLarge, $"The account's plan has no more {e.ConstraintName[Quota.Length..]}: the quota is {e.Hint}.");
            return new CommittedBatch(newest, newest, [new AppendResult(AppendVerdict.OverQuota, refusal, 0)], []);
        }
        catch (Exception e) when (DatabaseFailure.IsAway(e))
        {
            throw DatabaseFailure.Explain(e);
        }
        catch (PostgresException e)
        {
            // The server's text names constraint and column; its detail would hold the values.
            throw new AppendFailedException($"PostgreSQL refused the batch: {e.SqlState} {e.MessageText}", e);
        }

        var results = new List<AppendResult>(proposals.Count);
        var entries = ImmutableArray.CreateBuilder<LogEntry>();
        for (var i = 0; i < runs.Count; i++)
        {
            await AddResultsAsync(tenant, runs[i], commits[i], results, cancellationToken);
            CommittedEntries.Add(entries, runs[i], commits[i]);
        }

        return new CommittedBatch(commits[0].Base, commits[^1].Newest, results, entries.DrainToImmutable());
    }

    /// <summary>What the command was answered first; null when it was cut since it was found.</summary>
    async Task<Answer?> FindAnswerAsync(TenantId tenant, Guid device, long number, CancellationToken cancellationToken)
    {
        const string Sql =
            """
            SELECT NULL::bytea, s.conversation, s.message_id, s.seq, s.at FROM message s WHERE s.tenant = $1 AND s.device = $2 AND s.number = $3
            UNION ALL
            SELECT c.answer, NULL, NULL, NULL, c.at FROM command c WHERE c.tenant = $1 AND c.device = $2 AND c.number = $3
            """;
        return (await database.ListAsync(Sql, Read, [Database.Of(tenant), Database.Of(device), Database.Of(number)], cancellationToken)).SingleOrDefault();

        static Answer Read(NpgsqlDataReader row) =>
            (row.IsDBNull(0)
                ? new Answer { ConversationId = row.GetGuid(1), MessageId = row.GetGuid(2), Seq = row.GetInt64(3) }
                : JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), AnswerJson.Default.Answer)!).CommittedAt(row.GetFieldValue<DateTimeOffset>(4));
    }

    async Task<List<Commit>> ExecuteAsync(TenantId tenant, List<AppendRun> runs, CancellationToken cancellationToken)
    {
        await using var connection = await database.Appends.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var newest = newestOf.GetValueOrDefault(tenant);
        foreach (var run in runs)
        {
            batch.BatchCommands.Add(AppendArguments.Call(tenant.Value, newest, run));
        }

        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        List<Commit> commits = [];
        do
        {
            await reader.ReadAsync(cancellationToken);
            commits.Add(Commit.Read(reader));
        }
        while (await reader.NextResultAsync(cancellationToken));

        // The commit comes after the rows: only the end of the last result says that it is done.
        Remember(tenant, commits[^1].Newest);
        return commits;
    }

    void Remember(TenantId tenant, long newest)
    {
        if (newestOf.Count >= MaxRemembered)
        {
            newestOf.Clear();
        }

        newestOf[tenant] = newest;
    }

    async Task AddResultsAsync(TenantId tenant, AppendRun run, Commit commit, List<AppendResult> results, CancellationToken cancellationToken)
    {
        for (var i = 0; i < run.Proposals.Count; i++)
        {
            var proposal = run.Proposals[i];
            results.Add(commit.Verdicts[i] switch
            {
                AppendVerdict.Accepted => new AppendResult(AppendVerdict.Accepted, proposal.Answer.CommittedAt(commit.At), commit.Newest),
                AppendVerdict.Duplicate => new AppendResult(
                    AppendVerdict.Duplicate,
                    await FindAnswerAsync(tenant, proposal.By!.Value.DeviceId, proposal.Command!.Value.Number, cancellationToken)
                        ?? throw new UnavailableException("The first answer of a repeated command was cut while it was read; repeat the command."),
                    0),
                var verdict => Refused(verdict),
            });
        }
    }

    async Task<long> ReadNewestAsync(TenantId tenant, CancellationToken cancellationToken) =>
        (await database.ListAsync("SELECT newest FROM log_batch WHERE tenant = $1 ORDER BY newest DESC LIMIT 1", row => row.GetInt64(0), [Database.Of(tenant)], cancellationToken))
        .SingleOrDefault();

    static AppendResult Refused(AppendVerdict verdict) => new(verdict, Answer.Refused(verdict switch
    {
        AppendVerdict.NumberReused => ErrorCode.NumberReused,
        AppendVerdict.TooOld => ErrorCode.TooOld,
        AppendVerdict.Fenced or AppendVerdict.Full => ErrorCode.Conflict,
        AppendVerdict.SignedOut => ErrorCode.Unauthenticated,
        AppendVerdict.Suspended => ErrorCode.Suspended,
        _ => throw new InvalidOperationException($"append_batch answered verdict {verdict}."),
    }), 0);
}
