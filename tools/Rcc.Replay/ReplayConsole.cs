using System.Globalization;
using Spectre.Console;

namespace Rcc.Replay;

/// <summary>What a replay shows of itself: a bar while it runs, a table at the end.</summary>
static class ReplayConsole
{
    const int NamedFailures = 50;
    static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs it under a progress bar, on the error stream: what is piped elsewhere stays clean.</summary>
    public static async Task<ReplayReport> RunAsync(ReplayRun replay, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new SpinnerColumn())
            .StartAsync(async progress =>
            {
                var setUp = progress.AddTask("Set up");
                var turns = progress.AddTask("Turns");
                var people = progress.AddTask("Check");
                var running = replay.RunAsync(cancellationToken);
                using var tick = new PeriodicTimer(RefreshInterval);
                while (!running.IsCompleted)
                {
                    Show();
                    await Task.WhenAny(running, tick.WaitForNextTickAsync(CancellationToken.None).AsTask());
                }
                Show();
                return await running;

                void Show()
                {
                    var now = replay.Progress;
                    (setUp.MaxValue, setUp.Value) = (now.Devices, now.SignedIn);
                    (turns.MaxValue, turns.Value) = (now.Turns, now.Acknowledged);
                    (people.MaxValue, people.Value) = (now.People, now.CheckedPeople);
                    var disturbed = now.Disturbances;
                    turns.Description = string.Create(
                        CultureInfo.InvariantCulture,
                        $"Turns, {disturbed.Cuts + disturbed.Absences + disturbed.Restarts + disturbed.Repeats} disturbances, {disturbed.ServerKills + disturbed.PostgresKills} kills{(now.Controls is { } controls ? $", {controls.Acts} acts of control" : "")}");
                }
            });
    }

    public static void Write(ReplayReport report)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        Row("conversations", $"{report.Conversations}, {report.Turns} turns");
        Row("posted", $"{report.Posted}, acknowledged {report.Acknowledged}");
        Row("lost, duplicated, reordered", $"{report.Lost}, {report.Duplicated}, {report.Reordered}");
        Row("cross-tenant", $"{report.CrossTenant}");
        Row("devices compared", $"{report.DevicesCompared}, diverged {report.DevicesDiverged}");
        Row("seconds", $"{report.Seconds}, {report.PostsPerSecond} posts per second");
        if (report.Measured > 0)
            Row("post to last device", $"p50 {report.P50Ms} ms, p95 {report.P95Ms} ms, p99 {report.P99Ms} ms, of {report.Measured} undisturbed turns");
        Row("disturbances", $"{report.Disturbances.Cuts} cuts, {report.Disturbances.Absences} absences, {report.Disturbances.Restarts} restarts, {report.Disturbances.Repeats} repeated commands");
        Row("killed", $"server {report.Disturbances.ServerKills}, PostgreSQL {report.Disturbances.PostgresKills}");
        if (report.Controls is { } done)
        {
            Row("over capacity, two owners", $"{report.CapacityExceeded}, {report.DoubleOwners}");
            Row("stuck in queue, leaked notes", $"{report.StuckInQueue}, {report.NoteLeaks}");
            Row("holds", $"{done.Holds}, turns refused meanwhile {done.RefusedOnHold}");
            Row("transfers", $"{done.BlindTransfers} blind, {done.QueueTransfers} to a queue, {done.AttendedTransfers} attended, of them completed {done.Completed}, cancelled {done.Cancelled}");
            Row("among colleagues", $"{done.Notes} notes, {done.Mentions} mentions, {done.Whispers} whispers");
            Row("supervision", $"{done.Barges} barged in, {done.TakeOvers} taken over");
            Row("put off", $"{done.Snoozes}");
            Row("agents", $"{done.Suspensions} suspended, {done.Departures} gone home");
            Row("offers", $"{done.Offers}; {done.Attempts} attempts in {done.Races} races");
        }
        Row("seed", $"{report.Seed}");
        AnsiConsole.Write(table);
        foreach (var failure in report.Failures.Take(NamedFailures))
            Console.Error.WriteLine(failure);
        if (report.Failures.Count > NamedFailures)
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… and {report.Failures.Count - NamedFailures} more; --report has all."));
        if (!report.Passed)
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FAILED with seed {report.Seed}."));

        void Row(string what, FormattableString value) => table.AddRow(new Text(what), new Text(value.ToString(CultureInfo.InvariantCulture)));
    }
}
