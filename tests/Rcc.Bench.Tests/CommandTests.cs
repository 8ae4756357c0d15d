using Npgsql;
using Rcc.Postgres.Embedded;
using static Rcc.Bench.Tests.BenchProgram;

namespace Rcc.Bench.Tests;

/// <summary>Every command runs to its end and its report has all fields. How fast anything is, is not asserted. A class each, so that they run side by side.</summary>
public class LimitsCommandTests
{
    [Fact]
    public async Task Limits_reports_commits_fan_out_and_bare_hub()
    {
        var report = await RunAsync("limits", "--seconds", "0.2");

        Assert.Equal(5, report["commits"]!.AsArray().Count);
        Assert.All(report["commits"]!.AsArray(), commit => HasNumbers(commit!, "rowsPerCommit", "connections", "rowsPerSecond", "commitsPerSecond"));
        foreach (var hub in new[] { "fanOut", "bareHub" })
        {
            Assert.Equal(["closed:1", "closed:32", "closed:200"], report[hub]!.AsArray().Select(phase => (string)phase!["name"]!));
            Assert.All(report[hub]!.AsArray(), phase => HasNumbers(phase!["figures"]!, PhaseFields));
        }
    }
}

public class FanoutCommandTests
{
    [Fact]
    public async Task Fanout_reports_product_bare_hub_and_their_ratio()
    {
        var report = await RunAsync("fanout", "--seconds", "0.5", "--plan", "closed:2,open:50", "--rounds", "1", "--customers", "4", "--agents", "2");

        Assert.Equal(["closed:2", "open:50"], report["phases"]!.AsArray().Select(phase => (string)phase!["name"]!));
        Assert.All(report["phases"]!.AsArray(), phase =>
        {
            HasNumbers(phase!["product"]!, PhaseFields);
            HasNumbers(phase["bareHub"]!, PhaseFields);
            HasNumbers(phase["ratioToLimit"]!, "messagesPerSecond", "p50Ms", "p95Ms", "p99Ms", "cpuSecondsPer1000", "rssMb", "walSyncsPerMessage");
        });
    }
}

public class FairnessCommandTests
{
    [Fact]
    public async Task Fairness_reports_a_tenant_alone_and_beside_another_round_by_round()
    {
        var report = await RunAsync("fairness", "--seconds", "1", "--rounds", "2", "--rate", "20", "--times", "5", "--customers", "4", "--other-customers", "8");

        foreach (var who in new[] { "alone", "beside" }) HasNumbers(report[who]!, "offeredPerSecond", "messagesPerSecond", "refusedPerSecond", "p50Ms", "p95Ms", "p99Ms");
        HasNumbers(report, "p95Moves", "connections");
        Assert.Equal(2, report["rounds"]!.AsArray().Count);
        Assert.All(report["rounds"]!.AsArray(), round =>
        {
            Assert.Equal(20, (double)round!["alone"]!["offeredPerSecond"]!);
            Assert.Equal(100, (double)round["other"]!["offeredPerSecond"]!);
            Assert.Equal(0, (double)round["beside"]!["refusedPerSecond"]!);
            HasNumbers(round["other"]!, "messagesPerSecond", "refusedPerSecond", "p95Ms");
        });
    }
}

public class RoutingCommandTests
{
    [Fact]
    public async Task Routing_reports_assignments_and_how_long_offers_take_to_all_devices()
    {
        var report = await RunAsync("routing", "--seconds", "0.5", "--conversations", "20", "--agents", "3", "--devices", "2");

        HasNumbers(report, "conversations", "agents", "devicesPerAgent", "assignmentsPerSecond");
        Assert.Equal([1, 3], report["offers"]!.AsArray().Select(phase => (int)phase!["streams"]!));
        Assert.All(report["offers"]!.AsArray(), phase =>
        {
            HasNumbers(phase!, "offersPerSecond");
            foreach (var what in new[] { "toAllDevices", "toSilence" }) HasNumbers(phase![what]!, "p50Ms", "p95Ms", "p99Ms");
        });
    }
}

public class HistoryCommandTests
{
    [Fact]
    public async Task History_reports_posts_and_pages_for_each_size()
    {
        var report = await RunAsync("history", "--seconds", "0.3", "--sizes", "60,600");

        Assert.Equal([60, 600], report["steps"]!.AsArray().Select(step => (int)step!["messages"]!));
        Assert.All(report["steps"]!.AsArray(), step =>
        {
            HasNumbers(step!["post"]!, PhaseFields);
            HasNumbers(step["page"]!["latency"]!, "p50Ms", "p99Ms");
            HasNumbers(step["pageOfMany"]!, "pagesPerSecond");
        });
    }
}

public class CatchupCommandTests
{
    [Fact]
    public async Task Catchup_brings_every_change()
    {
        var report = await RunAsync("catchup", "--seconds", "0.3", "--changes", "10,300", "--history", "100");

        Assert.Equal([10, 300], report["steps"]!.AsArray().Select(step => (int)step!["messages"]!));
        Assert.All(report["steps"]!.AsArray(), step => HasNumbers(step!, "microsecondsPerChange", "cpuMicrosecondsPerChange", "pages", "bytes"));
    }
}

public class IdleCommandTests
{
    [Fact]
    public async Task Idle_reports_memory_of_devices_and_conversations()
    {
        var report = await RunAsync("idle", "--seconds", "0.3", "--devices", "5,20", "--conversations", "20");

        Assert.Equal([5, 20], report["devices"]!.AsArray().Select(step => (int)step!["devices"]!));
        HasNumbers(report["conversations"]!, "rssActiveMb", "rssInactiveMb", "kilobytesPerInactiveConversation");
    }
}

public class OwnPostgresTests
{
    [Fact]
    public async Task A_PostgreSQL_that_runs_is_measured_and_left_as_it_was()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            await using var server = await EmbeddedPostgres.StartAsync(new() { DataFolder = Path.Combine(folder.FullName, "own") }, cancellationToken: TestContext.Current.CancellationToken);
            var report = await RunAsync("fanout", "--seconds", "0.3", "--plan", "closed:2", "--rounds", "1", "--customers", "2", "--agents", "1", "--postgres", server.ConnectionString);

            HasNumbers(report["phases"]![0]!["product"]!, PhaseFields);
            await using var source = NpgsqlDataSource.Create(server.ConnectionString);
            await using var left = source.CreateCommand("SELECT count(*) FROM pg_database WHERE datname LIKE 'rcc\\_bench%'");
            Assert.Equal(0L, await left.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

public class OptionTests
{
    [Theory]
    [InlineData("--plan", "closed:0", "'closed:0'")]
    [InlineData("--customers", "0", "--customers is 0")]
    [InlineData("--devices", "1", "--devices is 1")]
    [InlineData("--only", "both", "'both'")]
    [InlineData("--seconds", "0", "--seconds is 0")]
    public async Task A_wrong_option_is_named(string option, string value, string named)
    {
        var (exitCode, _, errors) = await StartAsync("fanout", option, value);

        Assert.Equal(1, exitCode);
        Assert.Contains(named, errors, StringComparison.Ordinal);
    }
}
