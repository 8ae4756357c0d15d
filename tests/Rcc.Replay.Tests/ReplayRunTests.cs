using System.Diagnostics;
using System.Text.Json;
using Rcc.Replay.Dialogues;

namespace Rcc.Replay.Tests;

/// <summary>The whole replay: a server of its own, real sockets, disturbances and kills.</summary>
public sealed class ReplayRunTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    [Trait("Catalogue", "RCC-2")]
    [Trait("Catalogue", "RCC-3")]
    public async Task The_demos_dialogues_survive_lost_connections_repeated_commands_and_kills()
    {
        var report = Path.GetTempFileName();
        try
        {
            var (exitCode, said) = await RunAsync("--chaos", "0.3", "--tenants", "3", "--agents", "2", "--seed", "2", "--report", report);

            Assert.True(exitCode == 0, said);
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(report));
            var found = json.RootElement;
            var dialogues = DialogueFile.ReadDemo();
            var turns = dialogues.Sum(dialogue => dialogue.Turns.Count);
            Assert.True(found.GetProperty("passed").GetBoolean());
            Assert.Equal(dialogues.Count, found.GetProperty("conversations").GetInt32());
            Assert.All(["turns", "posted", "acknowledged"], name => Assert.Equal(turns, found.GetProperty(name).GetInt32()));
            Assert.All(["lost", "duplicated", "reordered", "crossTenant", "devicesDiverged"], name => Assert.Equal(0, found.GetProperty(name).GetInt32()));
            Assert.Equal(dialogues.Count + (3 * 2 * 3), found.GetProperty("devicesCompared").GetInt32());
            Assert.All(["seconds", "postsPerSecond", "p50Ms", "p95Ms", "p99Ms"], name => Assert.True(found.GetProperty(name).GetDouble() > 0, name));
            Assert.Equal(2, found.GetProperty("seed").GetInt32());
            Assert.All(["capacityExceeded", "doubleOwners", "stuckInQueue", "noteLeaks", "controls"], name => Assert.False(found.TryGetProperty(name, out _), name));
            var disturbances = found.GetProperty("disturbances");
            Assert.All(["serverKills", "postgresKills"], name => Assert.Equal(1, disturbances.GetProperty(name).GetInt32()));
            Assert.All(["cuts", "absences", "restarts", "repeats"], name => Assert.True(disturbances.GetProperty(name).GetInt32() > 0, name));
        }
        finally
        {
            File.Delete(report);
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-9")]
    [Trait("Catalogue", "RCC-15")]
    public async Task The_demos_dialogues_survive_control_with_lost_connections_repeated_commands_and_kills()
    {
        var report = Path.GetTempFileName();
        try
        {
            var (exitCode, said) = await RunAsync("--control", "--chaos", "0.3", "--tenants", "2", "--agents", "3", "--devices", "2", "--seed", "3", "--report", report);

            Assert.True(exitCode == 0, said);
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(report));
            var found = json.RootElement;
            Assert.All(
                ["lost", "duplicated", "reordered", "crossTenant", "devicesDiverged", "capacityExceeded", "doubleOwners", "stuckInQueue", "noteLeaks"],
                name => Assert.Equal(0, found.GetProperty(name).GetInt32()));
            Assert.Equal(found.GetProperty("turns").GetInt32(), found.GetProperty("acknowledged").GetInt32());
            Assert.Equal(DialogueFile.ReadDemo().Count + (2 * (3 + 1) * 2), found.GetProperty("devicesCompared").GetInt32());
            var controls = found.GetProperty("controls");
            Assert.Equal(4, controls.GetProperty("suspensions").GetInt32());
            Assert.Equal(2, controls.GetProperty("departures").GetInt32());
            Assert.All(["holds", "notes", "races"], name => Assert.True(controls.GetProperty(name).GetInt32() > 0, name));
        }
        finally
        {
            File.Delete(report);
        }
    }

    [Fact]
    [Trait("Catalogue", "RCC-10")]
    [Trait("Catalogue", "RCC-13")]
    [Trait("Catalogue", "RCC-14")]
    public async Task Of_every_kind_of_control_there_is_some_and_nothing_goes_wrong_by_any()
    {
        Dialogue[] dialogues = [.. Enumerable.Range(0, 5).SelectMany(round => DialogueFile.ReadDemo().Select(dialogue => dialogue with { Id = $"{dialogue.Id} {round}" }))];
        var settings = new ReplaySettings { Tenants = 2, Agents = 4, Devices = 2, Seed = 8, Control = true, Parallel = 12 };

        var report = await new ReplayRun(settings, "every kind", dialogues).RunAsync(TestContext.Current.CancellationToken);

        Assert.True(report.ExitCode == 0, string.Join(Environment.NewLine, report.Failures.Take(10)));
        Assert.Equal((0, 0, 0, 0), (report.CapacityExceeded, report.DoubleOwners, report.StuckInQueue, report.NoteLeaks));
        var done = JsonSerializer.SerializeToElement(report.Controls);
        Assert.All(done.EnumerateObject(), kind => Assert.True(kind.Value.GetInt32() > 0, $"{kind.Name}: {done}"));
    }

    [Fact]
    public async Task Odd_texts_and_odd_dialogues_arrive_as_they_were_written_and_a_changed_expectation_fails()
    {
        string[] texts =
        [
            "\0", "a\0b", "\u0001\u001f\u007f\u0085", "\t\r\n \u2028\u2029", " ", "\ufeffmark", "\ufffe\uffff",
            "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466 \U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
            "\u202E\u0645\u0631\u062D\u0628\u0627 abc \u05E9\u05DC\u05D5\u05DD\u202C", "e\u0301 \u00e9", "\U0010FFFF", "</script><img src=x>", "{\"type\":1}\u001e", "'; drop table message; --", "\\u0000 \\ \" /",
        ];
        string[] large = [new('x', 30_000), new('\u0007', 30_000), string.Concat(Enumerable.Repeat("\U0001F600", 7_500))];
        Dialogue[] dialogues =
        [
            new("odd", "zxx", "\0 \t", "same", [.. texts.Select((text, i) => new Turn(i % 2 == 0 ? Turn.Customer : Turn.Agent, text))]) { Line = 1 },
            new("large", null, new string('n', 500), "same", [.. large.Select(text => new Turn(Turn.Customer, text)), .. large.Select(text => new Turn(Turn.Agent, text))]) { Line = 2 },
            new("one turn", "en", "same", "same", [new(Turn.Agent, "Hello?")]) { Line = 3 },
            new("only the customer", "en", "same", null, [new(Turn.Customer, "same"), new(Turn.Customer, "same"), new(Turn.Customer, "same")]) { Line = 4 },
        ];
        // One text differs in the last place, one turn is missing, and one is expected where it was not said.
        Dialogue[] expected =
        [
            dialogues[0],
            dialogues[1] with { Turns = [.. dialogues[1].Turns.Select((turn, i) => i == 5 ? turn with { Text = turn.Text[..^2] + "\U0001F601" } : turn)] },
            dialogues[2] with { Turns = [.. dialogues[2].Turns, new(Turn.Agent, "Nobody said this")] },
            dialogues[3] with { Turns = [.. dialogues[3].Turns.Take(2)] },
        ];
        var settings = new ReplaySettings { Tenants = 2, Agents = 1, Devices = 2, Seed = 11 };

        var report = await new ReplayRun(settings, "odd", dialogues) { Expected = expected }.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal((25, 25L, 25L), (report.Turns, report.Posted, report.Acknowledged));
        Assert.Equal(1, report.ExitCode);
        Assert.Equal((2, 1, 0, 0, 0), (report.Lost, report.Duplicated, report.Reordered, report.CrossTenant, report.DevicesDiverged));
        Assert.Collection(
            report.Failures.Order(StringComparer.Ordinal),
            failure => Assert.Contains("'large' (line 2): turn 6 is there otherwise", failure, StringComparison.Ordinal),
            failure => Assert.Contains("'one turn' (line 3): turn 2 is not there", failure, StringComparison.Ordinal),
            failure => Assert.Contains("'only the customer' (line 4): seq 3 holds", failure, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_agents_hold_and_what_customers_get_is_looked_at_in_the_run_itself()
    {
        Dialogue[] dialogues = [new("a", "en", "c", "g", [new(Turn.Customer, "word"), new(Turn.Agent, "Yes?")]) { Line = 1 }];
        var settings = new ReplaySettings { Tenants = 1, Agents = 1, Devices = 1, Seed = 5, Control = true };

        var report = await new ReplayRun(settings, "checked", dialogues) { CheckedCapacity = 0, CheckedWord = "word" }.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, report.ExitCode);
        Assert.Equal((1, 0, 0), (report.CapacityExceeded, report.DoubleOwners, report.StuckInQueue));
        Assert.True(report.NoteLeaks > 0);
        Assert.Equal((0, 0, 0, 0, 0), (report.Lost, report.Duplicated, report.Reordered, report.CrossTenant, report.DevicesDiverged));
    }

    [Fact]
    public async Task A_malformed_line_ends_the_program_with_an_error_before_anything_is_played()
    {
        var input = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(input, """{"id":"a","turns":[{"from":"customer","text":"x"}]}""" + "\n{\n");

            var (exitCode, said) = await RunAsync("--input", input);

            Assert.Equal(1, exitCode);
            Assert.Contains("line 2", said, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(input);
        }
    }

    [Theory]
    [InlineData("--chaos", "1.1")]
    [InlineData("--tenants", "0")]
    [InlineData("--server", "not an address")]
    [InlineData("--server", "http://127.0.0.1:1")]
    public async Task Wrong_options_are_named(string option, string value)
    {
        var (exitCode, said) = await RunAsync(option, value);

        Assert.Equal(1, exitCode);
        Assert.Contains(option, said, StringComparison.Ordinal);
    }

    static async Task<(int ExitCode, string Said)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "Rcc.Replay.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment.Remove("RCC_OPERATOR_PASSWORD");
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
