using System.CommandLine;
using System.Globalization;
using Rcc.Bench.Load;
using Rcc.Bench.Measuring;
using Rcc.Bench.Targets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcc.Bench.History;

/// <summary>Whether a long conversation is as fast as a short one: posting in it, and its newest page.</summary>
sealed class HistoryMeasurement() : Measurement("history", "Posting in a conversation, and reading its newest 50 messages through the front door, with 10³ … 10⁶ messages already there.")
{
    const int PageMessages = 50;
    const int Clients = 8;

    readonly Option<string> sizesOption = Choice.Of("--sizes", "Messages already there, one conversation each (50 … 10000000).", "1000,10000,100000,1000000", ReadSizes);

    protected override IReadOnlyList<Option> Options => [sizesOption];

    protected override async Task<(object Figures, IReadOnlyList<string> Failures)> MeasureAsync(Run run, ParseResult options, CancellationToken cancellationToken)
    {
        var sizes = ReadSizes(options.GetValue(sizesOption)!);
        run.Expect(1 + (3 * sizes.Count));
        await using var product = await run.StepAsync("start the product", () => Product.StartAsync(run.Database, cancellationToken));

        // A customer and an agent for each size, so that no device has two.
        var site = await product.Account.AddAsync(new Cast(sizes.Count, sizes.Count, Clients), ProductProcess.HubPath, cancellationToken);
        var found = new List<HistoryStep>();
        for (var step = 0; step < sizes.Count; step++)
        {
            var (size, conversation) = (sizes[step], site.Conversations[step]);
            await run.StepAsync(string.Create(CultureInfo.InvariantCulture, $"write {size} messages"), async () =>
            {
                await product.ChangeBehindItsBackAsync(
                    () => FilledHistory.AddAsync(product.ConnectionString, product.Account.Id, [conversation.Id], size, cancellationToken), cancellationToken);
                return true;
            });
            found.Add(await MeasureStepAsync(run, product, Alone(site, conversation), size, cancellationToken));
        }

        return (new HistoryFigures(PageMessages, found), [.. found.SelectMany(step => step.Post.Failures.Concat(step.Page.Failures).Concat(step.PageOfMany.Failures))]);
    }

    protected override IRenderable Show(object figures)
    {
        var table = new Table().AddColumns("messages", "post p50 ms", "post p99 ms", "page p50 ms", "page p99 ms", $"pages/s, {Clients} clients");
        foreach (var step in ((HistoryFigures)figures).Steps)
        {
            table.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"{step.Messages:N0}"),
                $"{step.Post.P50Ms}",
                $"{step.Post.P99Ms}",
                $"{step.Page.Latency.P50Ms}",
                $"{step.Page.Latency.P99Ms}",
                string.Create(CultureInfo.InvariantCulture, $"{step.PageOfMany.PagesPerSecond:N0}"));
        }

        return table;
    }

    static async Task<HistoryStep> MeasureStepAsync(Run run, Product product, Site site, int size, CancellationToken cancellationToken)
    {
        var (generator, _) = await product.ConnectAsync(site, cancellationToken);
        await using var connected = generator;
        var contestant = new Contestant("product", product.Server, generator);
        await PagesAsync(Clients, run.WarmUpSeconds);
        var page = await run.StepAsync(string.Create(CultureInfo.InvariantCulture, $"newest page of {size} messages"), async () =>
            (One: await PagesAsync(1, run.Seconds), Many: await PagesAsync(Clients, run.Seconds)));
        var post = await run.StepAsync(string.Create(CultureInfo.InvariantCulture, $"post after {size} messages"), () =>
            contestant.RunAsync(run.Database, new DrivePhase(PhaseLoad.Parse("closed:1"), run.WarmUpSeconds, run.Seconds), cancellationToken));
        return new HistoryStep(size, post, page.One, page.Many);

        async Task<PagesRead> PagesAsync(int clients, double seconds)
        {
            await generator.TellAsync(new ReadPages(clients, PageMessages, seconds), cancellationToken);
            return await generator.HearAsync<PagesRead>(cancellationToken);
        }
    }

    static IReadOnlyList<int> ReadSizes(string sizes) => Sizes.Parse(sizes, least: PageMessages, most: 10_000_000);

    /// <summary>One conversation with its devices only.</summary>
    static Site Alone(Site site, SiteConversation conversation) => site with
    {
        Devices = [.. new[] { conversation.Customer }.Concat(conversation.Agent).Select(device => site.Devices[device])],
        Conversations = [new SiteConversation(conversation.Id, 0, [.. Enumerable.Range(1, conversation.Agent.Count)])],
    };

    /// <param name="PageMessages">Messages a page.</param>
    sealed record HistoryFigures(int PageMessages, IReadOnlyList<HistoryStep> Steps);

    /// <param name="Messages">Already there.</param>
    /// <param name="Post">One conversation, one message in flight.</param>
    /// <param name="Page">One client, one page at a time.</param>
    /// <param name="PageOfMany">Eight clients at once.</param>
    sealed record HistoryStep(int Messages, PhaseFigures Post, PagesRead Page, PagesRead PageOfMany);
}
