using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Rcc.Core;
using Rcc.Core.Sync;
using Rcc.Postgres.Schema;

namespace Rcc.Postgres.Tests.Schema;

public class StartTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_host_brings_the_schema_up_before_anything_else_starts()
    {
        var database = await postgres.CreateDatabaseAsync();
        using var host = Host(options => options.ConnectionString = database);

        await host.StartAsync();

        Assert.Equal([0L], await host.Services.GetRequiredService<ISyncStore>().ReadNewestAsync([new TenantId(Guid.CreateVersion7())], default));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_server_that_may_forget_what_it_acknowledged_is_refused_unless_that_is_allowed()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync();
            await using var forget = new NpgsqlCommand($"ALTER DATABASE {connection.Database} SET synchronous_commit = off", connection);
            await forget.ExecuteNonQueryAsync();
        }

        NpgsqlConnection.ClearAllPools();
        using var careful = Host(options => options.ConnectionString = database);
        var refusal = await Assert.ThrowsAsync<SchemaException>(() => careful.StartAsync());
        Assert.Contains("synchronous_commit = off", refusal.Message, StringComparison.Ordinal);

        using var careless = Host(options =>
        {
            options.ConnectionString = database;
            options.AllowDataLoss = true;
        });
        await careless.StartAsync();
        await careless.StopAsync();
    }

    [Fact]
    public async Task Every_wrong_option_is_named_at_once()
    {
        using var host = Host(options =>
        {
            options.ConnectionString = "Database=x";
            options.AppendConnections = 0;
            options.LockTimeout = TimeSpan.FromMinutes(2);
            options.EntriesKept = TimeSpan.Zero;
        });

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Equal(4, failure.Failures.Count());
        foreach (var name in new[] { "ConnectionString names no host", "AppendConnections is 0; it must be 1 … 1000", "StatementTimeout", "EntriesKept is 00:00:00" })
        {
            Assert.Contains(name, failure.Message, StringComparison.Ordinal);
        }
    }

    static IHost Host(Action<PostgresOptions> configure) =>
        new HostBuilder().ConfigureServices(services => services.AddRccPostgres(configure)).Build();
}
