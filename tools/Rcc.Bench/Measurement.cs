using System.CommandLine;
using System.Globalization;
using Npgsql;
using Rcc.Bench.Measuring;
using Rcc.Postgres.Embedded;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcc.Bench;

/// <summary>One of the program's commands: what it takes, what it does, how it shows what it found.</summary>
abstract class Measurement(string name, string description)
{
    const int RedirectedWidth = 150;

    static readonly Option<double> SecondsOption = Seconds();
    static readonly Option<FileInfo?> ReportOption = new("--report") { Description = "Where to write the report (JSON)." };
    static readonly Option<DirectoryInfo?> DataOption = new("--data") { Description = "Where to make the folder of the run's PostgreSQL; default: the user's cache folder. It must be on the disk that is to be measured." };

    static readonly Option<string?> PostgresOption = new("--postgres") { Description = "Connection string of a superuser of a PostgreSQL on this machine, to be used in place of the embedded one. Databases are made in it and dropped at the end." };

    /// <summary>Measures.</summary>
    /// <returns>The command's own part of the report, and what went wrong.</returns>
    protected abstract Task<(object Figures, IReadOnlyList<string> Failures)> MeasureAsync(Run run, ParseResult options, CancellationToken cancellationToken);

    /// <summary>The figures for people.</summary>
    protected abstract IRenderable Show(object figures);

    /// <summary>Why the options do not fit together; null when they do.</summary>
    protected virtual string? FindMistake(ParseResult options) => null;

    /// <summary>The options beside those all commands share.</summary>
    protected virtual IReadOnlyList<Option> Options => [];

    static Option<double> Seconds()
    {
        var option = new Option<double>("--seconds") { Description = "Measured seconds of each phase, after one second of warm-up (0.1 … 3600).", DefaultValueFactory = _ => 4 };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is var value and not (>= 0.1 and <= 3600))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--seconds is {value}; it goes from 0.1 to 3600."));
            }
        });
        return option;
    }

    public Command ToCommand()
    {
        var command = new Command(name, description) { SecondsOption, ReportOption, DataOption, PostgresOption };
        foreach (var option in Options)
        {
            command.Add(option);
        }

        command.SetAction(RunAsync);
        return command;
    }

    async Task<int> RunAsync(ParseResult options, CancellationToken cancellationToken)
    {
        if (FindMistake(options) is { } mistake)
        {
            await Console.Error.WriteLineAsync(mistake);
            return 1;
        }

        var seconds = options.GetValue(SecondsOption);
        Report report;
        try
        {
            report = await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(progress => ReportAsync(progress.AddTask(name), seconds, options, cancellationToken));
        }
        catch (Exception e) when (e is IOException or NpgsqlException or EmbeddedPostgresException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        // A file or a pipe has no width, and 80 columns are too few for the tables.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = RedirectedWidth;
        }

        if (report.Surroundings.Versions.Configuration is not "Release")
        {
            AnsiConsole.MarkupLine("[yellow]This is no Release build: its figures mean little. Use -c Release.[/]");
        }

        AnsiConsole.Write(Show(report.Figures));
        foreach (var failure in report.Failures)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{failure}[/]");
        }

        if (options.GetValue(ReportOption) is { } file)
        {
            await File.WriteAllTextAsync(file.FullName, report.ToJson() + "\n", cancellationToken);
        }

        return report.Failures.Count == 0 ? 0 : 1;
    }

    async Task<Report> ReportAsync(ProgressTask progress, double seconds, ParseResult options, CancellationToken cancellationToken)
    {
        var at = DateTimeOffset.UtcNow;
        progress.Description = $"{name}: start PostgreSQL";
        await using var database = options.GetValue(PostgresOption) is { } own
            ? await Database.UseAsync(own, cancellationToken)
            : await Database.StartAsync(options.GetValue(DataOption)?.FullName, cancellationToken);
        var (figures, failures) = await MeasureAsync(new Run(database, seconds, progress), options, cancellationToken);
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in Options.Append(SecondsOption))
        {
            settings.Add(option.Name.TrimStart('-'), $"{options.GetResult(option)?.GetValueOrDefault<object?>()}");
        }

        return new Report(
            new Surroundings(
                name,
                at,
                Machine.Describe(database.DataFolder),
                await database.ReadVersionsAsync(cancellationToken),
                settings,
                await database.ReadSettingsAsync(cancellationToken)),
            figures,
            failures);
    }
}

/// <summary>One run of a command: its database and its progress.</summary>
/// <param name="Seconds">Measured seconds of each phase.</param>
sealed record Run(Database Database, double Seconds, ProgressTask Progress)
{
    /// <summary>Before each phase; shorter only where the phase is.</summary>
    public double WarmUpSeconds => Math.Min(1, Seconds);

    /// <summary>Says how many steps there will be.</summary>
    public void Expect(int steps) => Progress.MaxValue = steps;

    /// <summary>One step of the run, shown while it lasts.</summary>
    public async Task<T> StepAsync<T>(string what, Func<Task<T>> step)
    {
        Progress.Description = Markup.Escape(what);
        var result = await step();
        Progress.Increment(1);
        return result;
    }
}
