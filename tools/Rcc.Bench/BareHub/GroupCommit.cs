using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Npgsql;
using NpgsqlTypes;
using Rcc.Contracts;

namespace Rcc.Bench.BareHub;

/// <summary>One writer: commits all that has gathered as one <c>INSERT … SELECT unnest</c>, then fans it out and acknowledges.</summary>
sealed class GroupCommit(NpgsqlDataSource source, FanOut fanOut) : BackgroundService, IPostLog
{
    const int MaxBatch = 1000;

    readonly Channel<Posted> gathered = Channel.CreateUnbounded<Posted>(new UnboundedChannelOptions { SingleReader = true });

    public Task<Outcome> PostAsync(Posted posted)
    {
        gathered.Writer.TryWrite(posted);
        return posted.Answer.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var connection = await source.OpenConnectionAsync(stoppingToken);
        await using var create = new NpgsqlCommand(
            "CREATE TABLE message (id bigint PRIMARY KEY, command uuid NOT NULL UNIQUE, conversation uuid NOT NULL, person uuid NOT NULL, at timestamptz NOT NULL, content text NOT NULL)",
            connection);
        await create.ExecuteNonQueryAsync(stoppingToken);
        await using var insert = new NpgsqlCommand("INSERT INTO message SELECT * FROM unnest($1, $2, $3, $4, $5, $6)", connection);
        NpgsqlDbType[] types = [NpgsqlDbType.Bigint, NpgsqlDbType.Uuid, NpgsqlDbType.Uuid, NpgsqlDbType.Uuid, NpgsqlDbType.TimestampTz, NpgsqlDbType.Text];
        Array.ForEach(types, type => insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type }));
        var batch = new List<Posted>();
        for (var newest = 0L; await gathered.Reader.WaitToReadAsync(stoppingToken); newest += batch.Count)
        {
            batch.Clear();
            while (batch.Count < MaxBatch && gathered.Reader.TryRead(out var posted))
            {
                batch.Add(posted);
            }

            var at = DateTimeOffset.UtcNow;
            insert.Parameters[0].Value = Enumerable.Range(1, batch.Count).Select(place => newest + place).ToArray();
            insert.Parameters[1].Value = batch.ConvertAll(posted => posted.Command.MessageId!.Value);
            insert.Parameters[2].Value = batch.ConvertAll(posted => posted.Command.ConversationId);
            insert.Parameters[3].Value = batch.ConvertAll(posted => posted.Person);
            insert.Parameters[4].Value = batch.ConvertAll(_ => at);
            insert.Parameters[5].Value = batch.ConvertAll(posted => posted.Command.Content);
            if (!insert.IsPrepared)
            {
                await insert.PrepareAsync(stoppingToken);
            }

            await insert.ExecuteNonQueryAsync(stoppingToken);
            for (var place = 0; place < batch.Count; place++)
            {
                await fanOut.PushAsync(batch[place], newest + place + 1, at);
                batch[place].Answer.SetResult(FanOut.Acknowledge(batch[place], newest + place + 1, at));
            }
        }
    }
}
