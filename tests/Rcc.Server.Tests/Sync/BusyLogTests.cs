using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Rcc.Core;
using Rcc.Core.Sync;

namespace Rcc.Server.Tests.Sync;

/// <summary>A tenant whose commits stand still is told so by its own log, at the log's limit and not at the engine's.</summary>
public sealed class BusyLogTests(RunningServer server)
{
    [Fact]
    public async Task A_log_with_as_much_as_may_wait_says_busy_itself()
    {
        var tenant = new TenantId((await Tenant.MakeAsync(server)).Id);
        var services = server.Server.Services;
        var options = services.GetRequiredService<IOptions<LogOptions>>().Value;
        var log = services.GetRequiredService<Orleans.IGrainFactory>().GetGrain<ILogGrain>(tenant.Key);
        await using var source = NpgsqlDataSource.Create(server.Server.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        List<Task> waiting;
        await using (await connection.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            await using var command = new NpgsqlCommand("SELECT FROM tenant WHERE id = $1 FOR UPDATE", connection) { Parameters = { new() { Value = tenant.Value } } };
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            waiting = [.. Enumerable.Range(0, options.MaxAppends + 1).Select(_ => AppendAsync())];
            await Assert.ThrowsAsync<BusyException>(() => Task.WhenAny(waiting).Unwrap());
        }

        // What was let in is committed; nobody fails with the one that was not.
        var failed = 0;
        foreach (var append in waiting)
        {
            try
            {
                await append;
            }
            catch (BusyException)
            {
                failed++;
            }
        }

        Assert.InRange(failed, 1, options.MaxBatchProposals);

        Task AppendAsync() => log.AppendAsync(new Proposal(), CancellationToken.None);
    }
}
