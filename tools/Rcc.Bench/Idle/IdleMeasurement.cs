using System.CommandLine;
using System.Globalization;
using Rcc.Bench.Load;
using Rcc.Bench.Targets;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcc.Bench.Idle;

/// <summary>What memory a device that is connected and silent takes, and a conversation nobody uses.</summary>
sealed class IdleMeasurement() : Measurement("idle", "Memory of the server per idle connected device, up to 5,000, and per inactive conversation.")
{
    /// <summary>Connected and gone before anything counts, so that code and pools are there.</summary>
    const int WarmUpDevices = 100;

    static readonly TimeSpan CollectionAge = TimeSpan.FromSeconds(2);

    readonly Option<string> devicesOption = Choice.Of("--devices", "Connected devices at which memory is read, each a customer's (1 … 20000).", "350,1400,5000", ReadDevices);
    readonly Option<int> conversationsOption = Choice.Of("--conversations", "Conversations opened and left alone", 5000, 1, 100_000);

    protected override IReadOnlyList<Option> Options => [devicesOption, conversationsOption];

    protected override async Task<(object Figures, IReadOnlyList<string> Failures)> MeasureAsync(Run run, ParseResult options, CancellationToken cancellationToken)
    {
        var steps = ReadDevices(options.GetValue(devicesOption)!);
        var conversations = options.GetValue(conversationsOption);
        run.Expect(3 + steps.Count);
        await using var product = await run.StepAsync("start the product", () => Product.StartAsync(
            run.Database, cancellationToken, $"--Rcc:Engine:CollectionAge={CollectionAge}", "--Rcc:Engine:CollectionInterval=00:00:01"));
        var customers = new ProductAccount.Session[steps[^1]];
        await run.StepAsync("customers come in", async () =>
        {
            await ProductAccount.ForEachAsync(customers.Length, async (customer, token) => customers[customer] = await product.Account.BeginSessionAsync(customer, token), cancellationToken);
            return true;
        });
        var site = new Site(0, ProductProcess.HubPath, Dialect.Product, [.. customers.Select(customer => new SiteDevice(customer.PersonId, customer.AccessToken))], []);
        await (await ConnectAsync(0, Math.Min(WarmUpDevices, customers.Length))).DisposeAsync();
        var none = await ReadRssAsync();
        var devices = new List<IdleDevices>();
        await using (var connected = new Connections())
        {
            foreach (var count in steps)
            {
                devices.Add(await run.StepAsync(string.Create(CultureInfo.InvariantCulture, $"{count} idle devices"), async () =>
                {
                    connected.Add(await ConnectAsync(connected.Devices, count), count);
                    var rss = await ReadRssAsync();
                    return new IdleDevices(count, rss, Math.Round((rss - none) * 1000 / count, 2));
                }));
            }
        }

        var inactive = await run.StepAsync("inactive conversations", async () =>
        {
            var before = await ReadRssAsync();
            await ProductAccount.ForEachAsync(conversations, (conversation, token) => product.Account.OpenAsync(customers[conversation % customers.Length], token), cancellationToken);
            var active = await ReadRssAsync();
            await Task.Delay(3 * CollectionAge, cancellationToken);
            var after = await ReadRssAsync();
            return new InactiveConversations(conversations, before, active, after, Math.Round((active - before) * 1000 / conversations, 2), Math.Round((after - before) * 1000 / conversations, 2));
        });
        return (new IdleFigures(none, devices, inactive), []);

        async Task<GeneratorProcess> ConnectAsync(int from, int to) =>
            (await product.ConnectAsync(site with { Devices = [.. site.Devices.Take(from..to)] }, cancellationToken)).Generator;

        Task<double> ReadRssAsync() => product.Server.CollectAndReadRssAsync(cancellationToken);
    }

    static IReadOnlyList<int> ReadDevices(string text) => [.. Sizes.Parse(text, 1, 20_000).Order()];

    protected override IRenderable Show(object figures)
    {
        var idle = (IdleFigures)figures;
        var table = new Table().AddColumns("what", "RSS MB", "kB each");
        table.AddRow("no device", $"{idle.RssWithoutDevicesMb}", "");
        foreach (var step in idle.Devices)
        {
            table.AddRow(string.Create(CultureInfo.InvariantCulture, $"{step.Devices:N0} idle devices"), $"{step.RssMb}", $"{step.KilobytesPerDevice}");
        }

        var conversations = idle.Conversations;
        table.AddRow(string.Create(CultureInfo.InvariantCulture, $"{conversations.Conversations:N0} conversations, just opened"), $"{conversations.RssActiveMb}", $"{conversations.KilobytesPerActiveConversation}");
        table.AddRow(string.Create(CultureInfo.InvariantCulture, $"{conversations.Conversations:N0} conversations, inactive"), $"{conversations.RssInactiveMb}", $"{conversations.KilobytesPerInactiveConversation}");
        return table;
    }

    sealed class Connections : IAsyncDisposable
    {
        readonly List<GeneratorProcess> generators = [];

        public int Devices { get; private set; }

        public void Add(GeneratorProcess generator, int devices)
        {
            generators.Add(generator);
            Devices = devices;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var generator in generators)
            {
                await generator.DisposeAsync();
            }
        }
    }

    sealed record IdleFigures(double RssWithoutDevicesMb, IReadOnlyList<IdleDevices> Devices, InactiveConversations Conversations);

    /// <param name="RssMb">Of the server after a forced collection, MB (10⁶ bytes).</param>
    /// <param name="KilobytesPerDevice">Above the server without devices, 10³ bytes.</param>
    sealed record IdleDevices(int Devices, double RssMb, double KilobytesPerDevice);

    /// <param name="RssActiveMb">Right after they were opened.</param>
    /// <param name="RssInactiveMb">When their grains had been idle for longer than they are kept.</param>
    sealed record InactiveConversations(
        int Conversations, double RssBeforeMb, double RssActiveMb, double RssInactiveMb, double KilobytesPerActiveConversation, double KilobytesPerInactiveConversation);
}
