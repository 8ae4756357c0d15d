using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rcc.Bench.Load;

// Measurements wait more than they work, and none asserts how fast anything is.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace Rcc.Bench.Tests;

/// <summary>The program as its users run it.</summary>
static class BenchProgram
{
    public static readonly string[] PhaseFields =
        ["messagesPerSecond", "p50Ms", "p95Ms", "p99Ms", "cpuSecondsPer1000", "rssMb", "walSyncsPerMessage", "generatorBusy"];

    public static async Task<JsonNode> RunAsync(params string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            var (exitCode, output, errors) = await StartAsync([.. arguments, "--report", file]);
            Assert.True(exitCode == 0, $"{output}\n{errors}");
            var report = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
            Assert.Equal(arguments[0], (string)report["command"]!);
            HasNumbers(report["machine"]!, "cores", "memoryMb");
            Assert.All(["os", "cpuModel", "dataFileSystem"], name => Assert.NotEmpty((string)report["machine"]![name]!));
            Assert.All(["dotNet", "postgreSql", "npgsql", "commit", "configuration", "engine"], name => Assert.NotEmpty((string)report["versions"]![name]!));
            Assert.Equal("on", (string)report["postgreSqlSettings"]!["fsync"]!);
            Assert.NotEmpty(report["settings"]!.AsObject());
            Assert.Empty(report["failures"]!.AsArray());
            return report;
        }
        finally
        {
            File.Delete(file);
        }
    }

    public static async Task<(int ExitCode, string Output, string Errors)> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [typeof(Site).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var cancellationToken = TestContext.Current.CancellationToken;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output, await errors);
    }

    public static void HasNumbers(JsonNode node, params string[] names) =>
        Assert.All(names, name => Assert.True(node[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number, $"{name} is no number in {node}"));
}
