using System.CommandLine;
using System.Globalization;
using Rcc.Bench.Load;
using Rcc.Bench.Targets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcc.Bench.Catchup;

/// <summary>What it costs to catch up after 10 … 10⁴ changes, in a young account and in one with a long history.</summary>
sealed class CatchupMeasurement() : Measurement("catchup", "A device of an agent was away for 10 … 10⁴ changes: from its request to the last page, with little history and with much.")
{
    /// <summary>The agent's open conversations, over which changes and history are spread.</summary>
    const int Conversations = 10;

    const int Times = 20;

    readonly Option<string> changesOption = Choice.Of("--changes", $"Changes missed, multiples of {Conversations} ({Conversations} … 1000000).", "10,100,1000,10000", ReadSizes);
    readonly Option<string> historyOption = Choice.Of("--history", $"Messages the agent has had before, multiples of {Conversations} ({Conversations} … 10000000).", "1000,1000000", ReadSizes);

    protected override IReadOnlyList<Option> Options => [changesOption, historyOption];

    protected override async Task<(object Figures, IReadOnlyList<string> Failures)> MeasureAsync(Run run, ParseResult options, CancellationToken cancellationToken)
    {
        var changes = ReadSizes(options.GetValue(changesOption)!);
        var histories = ReadSizes(options.GetValue(historyOption)!).Order().ToList();
        run.Expect(1 + (histories.Count * (1 + changes.Count)));
        await using var product = await run.StepAsync("start the product", () => Product.StartAsync(run.Database, cancellationToken));
        var all = await product.Account.AddAsync(new Cast(Conversations, Agents: 1, Devices: 2), ProductProcess.HubPath, cancellationToken);
        var away = all with { Devices = [all.Devices[Conversations]], Conversations = [] };
        var steps = new List<CatchupStep>();
        var written = 0;
        foreach (var history in histories)
        {
            await run.StepAsync(string.Create(CultureInfo.InvariantCulture, $"write a history of {history}"), () => WriteAsync(history - written));
            written = history;
            foreach (var missed in changes)
            {
                steps.Add(await run.StepAsync(string.Create(CultureInfo.InvariantCulture, $"{missed} changes after {history}"), async () =>
                {
                    var token = await LeaveAsync();
                    await WriteAsync(missed);
                    written += missed;
                    return await ReturnAsync(token, history, missed);
                }));
            }
        }

        return (new CatchupFigures(Conversations, Times, steps), [.. steps.SelectMany(step => step.Failures)]);

        async Task<bool> WriteAsync(int messages)
        {
            if (messages >= Conversations)
            {
                await product.ChangeBehindItsBackAsync(
                    () => FilledHistory.AddAsync(
                        product.ConnectionString, product.Account.Id, all.Conversations.Select(conversation => conversation.Id), messages / Conversations, cancellationToken),
                    cancellationToken);
            }

            return true;
        }

        async Task<string> LeaveAsync()
        {
            var (generator, connected) = await product.ConnectAsync(away, cancellationToken);
            await generator.DisposeAsync();
            return connected.Tokens[0] ?? throw new InvalidDataException("The product gave the device no token.");
        }

        async Task<CatchupStep> ReturnAsync(string token, int history, int missed)
        {
            // Connecting catches up once by itself, which warms the server up.
            var (generator, _) = await product.ConnectAsync(away with { Devices = [away.Devices[0] with { Token = token }] }, cancellationToken);
            await using var connected = generator;
            var cpu = product.Server.CpuSeconds + run.Database.CpuSeconds;
            await generator.TellAsync(new CatchUp(Times), cancellationToken);
            var caughtUp = await generator.HearAsync<CaughtUp>(cancellationToken);
            cpu = product.Server.CpuSeconds + run.Database.CpuSeconds - cpu;
            List<string> failures = [.. caughtUp.Failures];
            if (caughtUp.Messages != missed)
            {
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{missed} messages were missed and {caughtUp.Messages} came"));
            }

            return new CatchupStep(
                history, missed, caughtUp.Items, caughtUp.Messages, caughtUp.Pages, caughtUp.Bytes, caughtUp.Latency, PerChange(caughtUp.Latency.P50Ms * 1e3), PerChange(cpu / Times * 1e6), failures);

            double? PerChange(double? microseconds) => microseconds is null ? null : Math.Round(microseconds.Value / missed, 2);
        }
    }

    static IReadOnlyList<int> ReadSizes(string text) =>
        Sizes.Parse(text, Conversations, 10_000_000) is var sizes && sizes.FirstOrDefault(size => size % Conversations != 0) is not 0 and var odd
            ? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{odd} is no multiple of {Conversations}, the conversations it is spread over."))
            : sizes;

    protected override IRenderable Show(object figures)
    {
        var table = new Table().AddColumns("history", "changes", "pages", "p50 ms", "p99 ms", "µs/change", "CPU µs/change");
        foreach (var step in ((CatchupFigures)figures).Steps)
        {
            table.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"{step.History:N0}"),
                string.Create(CultureInfo.InvariantCulture, $"{step.Changes:N0}"),
                $"{step.Pages}",
                $"{step.Latency.P50Ms}",
                $"{step.Latency.P99Ms}",
                $"{step.MicrosecondsPerChange}",
                $"{step.CpuMicrosecondsPerChange}");
        }

        return table;
    }

    /// <param name="Conversations">Over which everything is spread.</param>
    /// <param name="Times">How often each catch-up was repeated.</param>
    sealed record CatchupFigures(int Conversations, int Times, IReadOnlyList<CatchupStep> Steps);

    /// <param name="Items">What came; receipts, and which devices are there, beside the messages missed.</param>
    /// <param name="Messages">The messages among it.</param>
    /// <param name="Latency">From the request to the last page, at the device: an upper bound of the server's time.</param>
    /// <param name="CpuMicrosecondsPerChange">Of server and PostgreSQL.</param>
    sealed record CatchupStep(
        int History, int Changes, int Items, int Messages, int Pages, long Bytes, Latency Latency, double? MicrosecondsPerChange, double? CpuMicrosecondsPerChange, IReadOnlyList<string> Failures);
}
