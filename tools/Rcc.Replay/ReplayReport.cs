using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Replay.Check;
using Rcc.Replay.Control;
using Rcc.Replay.Play;

namespace Rcc.Replay;

/// <summary>What a replay did and found.</summary>
sealed record ReplayReport
{
    /// <summary>Whether nothing at all went wrong.</summary>
    public required bool Passed { get; init; }

    /// <summary>What the program ends with.</summary>
    [JsonIgnore]
    public int ExitCode => Passed ? 0 : 1;

    /// <summary>Dialogues of the input.</summary>
    public required int Conversations { get; init; }

    /// <summary>Turns of the input.</summary>
    public required int Turns { get; init; }

    /// <summary>Turns given to a device.</summary>
    public required long Posted { get; init; }

    /// <summary>Turns the server answered with ok.</summary>
    public required long Acknowledged { get; init; }

    /// <inheritdoc cref="Findings.Lost"/>
    public required int Lost { get; init; }

    /// <inheritdoc cref="Findings.Duplicated"/>
    public required int Duplicated { get; init; }

    /// <inheritdoc cref="Findings.Reordered"/>
    public required int Reordered { get; init; }

    /// <inheritdoc cref="Findings.CrossTenant"/>
    public required int CrossTenant { get; init; }

    /// <inheritdoc cref="Findings.Compared"/>
    public required int DevicesCompared { get; init; }

    /// <inheritdoc cref="Findings.Diverged"/>
    public required int DevicesDiverged { get; init; }

    /// <inheritdoc cref="Findings.CapacityExceeded"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CapacityExceeded { get; init; }

    /// <inheritdoc cref="Findings.DoubleOwners"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DoubleOwners { get; init; }

    /// <inheritdoc cref="Findings.StuckInQueue"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StuckInQueue { get; init; }

    /// <inheritdoc cref="Findings.NoteLeaks"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? NoteLeaks { get; init; }

    /// <summary>From the first dialogue's begin to the last one's end, disturbances and restarts included; without setting up and checking.</summary>
    public required double Seconds { get; init; }

    /// <summary><see cref="Acknowledged"/> by <see cref="Seconds"/>.</summary>
    public required double PostsPerSecond { get; init; }

    /// <summary>From giving a turn to a device until the last device of both sides had stored it, in milliseconds; null where nothing was measured.</summary>
    public required double? P50Ms { get; init; }

    /// <inheritdoc cref="P50Ms"/>
    public required double? P95Ms { get; init; }

    /// <inheritdoc cref="P50Ms"/>
    public required double? P99Ms { get; init; }

    /// <summary>Turns with no disturbance at any device between: those the percentiles are of.</summary>
    public required int Measured { get; init; }

    /// <summary>The seed of all choices.</summary>
    public required int Seed { get; init; }

    public required ReportedSettings Settings { get; init; }

    public required ReportedDisturbances Disturbances { get; init; }

    /// <summary>Absent without control.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReportedControl? Controls { get; init; }

    /// <summary>Everything that went wrong, in words.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    public static ReplayReport Make(ReplaySettings settings, string input, int conversations, int turns, Ledger ledger, DisturbanceCounts counts, Findings findings, TimeSpan played, ControlCounts? control)
    {
        var latencies = ledger.Latencies.Order().ToArray();
        return new ReplayReport
        {
            Passed = findings.Passed && ledger.Failures.Count == 0,
            Conversations = conversations,
            Turns = turns,
            Posted = ledger.Posted,
            Acknowledged = ledger.Acknowledged,
            Lost = findings.Lost,
            Duplicated = findings.Duplicated,
            Reordered = findings.Reordered,
            CrossTenant = findings.CrossTenant,
            DevicesCompared = findings.Compared,
            DevicesDiverged = findings.Diverged,
            CapacityExceeded = control is null ? null : findings.CapacityExceeded,
            DoubleOwners = control is null ? null : findings.DoubleOwners,
            StuckInQueue = control is null ? null : findings.StuckInQueue,
            NoteLeaks = control is null ? null : findings.NoteLeaks,
            Seconds = Math.Round(played.TotalSeconds, 3),
            PostsPerSecond = played > TimeSpan.Zero ? Math.Round(ledger.Acknowledged / played.TotalSeconds, 1) : 0,
            P50Ms = Percentile(latencies, 0.50),
            P95Ms = Percentile(latencies, 0.95),
            P99Ms = Percentile(latencies, 0.99),
            Measured = latencies.Length,
            Seed = settings.Seed,
            Settings = new ReportedSettings(input, settings.Server is not null, settings.Tenants, settings.Agents, settings.Devices, settings.Chaos, settings.Control, settings.Parallel),
            Disturbances = new ReportedDisturbances(counts.Cuts, counts.Absences, counts.Restarts, counts.Repeats, counts.ServerKills, counts.PostgresKills),
            Controls = control is null ? null : ReportedControl.Of(control),
            Failures = [.. ledger.Failures, .. findings.Words],
        };
    }

    public async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, this, ReportJson.Default.ReplayReport, cancellationToken);
    }

    /// <summary>The nearest rank: a figure that was measured.</summary>
    static double? Percentile(TimeSpan[] sorted, double share) =>
        sorted.Length == 0 ? null : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)].TotalMilliseconds, 2);
}

/// <summary>What the replay was told to do.</summary>
/// <param name="Input">The file's name, without its folder.</param>
/// <param name="ForeignServer">A server that was there already, which is not killed.</param>
sealed record ReportedSettings(string Input, bool ForeignServer, int Tenants, int Agents, int Devices, double Chaos, bool Control, int Parallel);

/// <summary>What was done to devices and server.</summary>
/// <param name="Cuts">Connections reset.</param>
/// <param name="Absences">Devices offline for a while.</param>
/// <param name="Restarts">Devices ended and begun again on their store.</param>
/// <param name="Repeats">Commands sent again, on their connection and on another.</param>
/// <param name="ServerKills">SIGKILLs of the server.</param>
/// <param name="PostgresKills">SIGKILLs of its PostgreSQL.</param>
sealed record ReportedDisturbances(int Cuts, int Absences, int Restarts, int Repeats, int ServerKills, int PostgresKills);

/// <summary>What was done to conversations and agents.</summary>
/// <param name="Holds">Customers put on hold.</param>
/// <param name="RefusedOnHold">Agents' turns that were refused because the customer was on hold, and said after it was resumed.</param>
/// <param name="BlindTransfers">Blind transfers begun.</param>
/// <param name="AttendedTransfers">Attended transfers begun.</param>
/// <param name="Completed">Of these completed.</param>
/// <param name="Cancelled">Of these cancelled.</param>
/// <param name="Notes">Internal notes written.</param>
/// <param name="Mentions">Of these with a mention.</param>
/// <param name="Whispers">Whispers of a supervisor.</param>
/// <param name="QueueTransfers">Blind transfers to a queue.</param>
/// <param name="Barges">Supervisors who came in to write along.</param>
/// <param name="TakeOvers">Conversations a supervisor took from their agents, and gave back to their queues.</param>
/// <param name="Snoozes">Conversations put off until the customer writes.</param>
/// <param name="Departures">Agents who went offline for good.</param>
/// <param name="Suspensions">Agents suspended, and let in again.</param>
/// <param name="Offers">Offers shown to agents.</param>
/// <param name="Races">Conversations that several tried to get at once.</param>
/// <param name="Attempts">How many tried in all.</param>
sealed record ReportedControl(
    int Holds,
    int RefusedOnHold,
    int BlindTransfers,
    int AttendedTransfers,
    int Completed,
    int Cancelled,
    int Notes,
    int Mentions,
    int Whispers,
    int QueueTransfers,
    int Barges,
    int TakeOvers,
    int Snoozes,
    int Departures,
    int Suspensions,
    int Offers,
    int Races,
    int Attempts)
{
    public static ReportedControl Of(ControlCounts counts) => new(
        counts.Holds,
        counts.RefusedOnHold,
        counts.BlindTransfers,
        counts.AttendedTransfers,
        counts.Completed,
        counts.Cancelled,
        counts.Notes,
        counts.Mentions,
        counts.Whispers,
        counts.QueueTransfers,
        counts.Barges,
        counts.TakeOvers,
        counts.Snoozes,
        counts.Departures,
        counts.Suspensions,
        counts.Offers,
        counts.Races,
        counts.Attempts);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ReplayReport))]
sealed partial class ReportJson : JsonSerializerContext;
