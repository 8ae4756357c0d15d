using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Rcc.Bench.Load;
using Rcc.Bench.Targets;
using Rcc.Client.Devices;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Rcc.Bench.Routing;

/// <summary>How fast what waits comes to agents, and how fast an offer reaches all devices of its agent and falls silent on them again.</summary>
sealed class RoutingMeasurement() : Measurement("routing", "Assignments per second when agents come to a full queue, and how long an offer takes to all devices of its agent.")
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    readonly Option<int> conversationsOption = Choice.Of("--conversations", "Conversations that wait when the agents come", 1000, 1, 100_000);
    readonly Option<int> agentsOption = Choice.Of("--agents", "Agents, each of which is offered one conversation at a time", 32, 1, 1000);
    readonly Option<int> devicesOption = Choice.Of("--devices", "Devices of each agent", 3, 1, 10);

    protected override IReadOnlyList<Option> Options => [conversationsOption, agentsOption, devicesOption];

    protected override async Task<(object Figures, IReadOnlyList<string> Failures)> MeasureAsync(Run run, ParseResult options, CancellationToken cancellationToken)
    {
        var conversations = options.GetValue(conversationsOption);
        var devices = options.GetValue(devicesOption);
        var agents = new ProductAccount.Session[options.GetValue(agentsOption)][];
        run.Expect(6);
        await using var product = await run.StepAsync("start the product", () => Product.StartAsync(
            run.Database,
            cancellationToken,
            string.Create(CultureInfo.InvariantCulture, $"--Rcc:Agents:DefaultCapacity={(conversations / agents.Length) + 1}"),
            string.Create(CultureInfo.InvariantCulture, $"--Rcc:Conversations:MaxOpenPerContact={conversations + agents.Length}")));
        var account = product.Account;
        await run.StepAsync("agents sign in", async () =>
        {
            await ProductAccount.ForEachAsync(agents.Length, async (agent, token) => agents[agent] = await account.HireAsync(agent, devices, token), cancellationToken);
            return true;
        });
        var customers = new ProductAccount.Session[agents.Length];
        var waiting = new Guid[conversations];
        await run.StepAsync("conversations wait", async () =>
        {
            await ProductAccount.ForEachAsync(customers.Length, async (customer, token) => customers[customer] = await account.BeginSessionAsync(customer, token), cancellationToken);
            await ProductAccount.ForEachAsync(conversations, async (index, token) => waiting[index] = await account.OpenAsync(customers[index % customers.Length], token), cancellationToken);
            return true;
        });

        var perSecond = await run.StepAsync("agents come", async () =>
        {
            var started = Stopwatch.GetTimestamp();
            await ProductAccount.ForEachAsync(agents.Length, (agent, token) => account.BeOnlineAsync(agents[agent][0], token), cancellationToken);
            await using var source = NpgsqlDataSource.Create(product.ConnectionString);
            while (await CountWaitingAsync(source, cancellationToken) > 0)
            {
                await Task.Delay(Pause, cancellationToken);
            }

            return Math.Round(conversations / Stopwatch.GetElapsedTime(started).TotalSeconds, 1);
        });

        await run.StepAsync("resolve them", async () =>
        {
            await ProductAccount.ForEachAsync(conversations, (index, token) => account.ResolveAsync(waiting[index], token), cancellationToken);
            await account.OfferAsync(seconds: 600, cancellationToken);
            return true;
        });

        var address = account.Address;
        await using var desks = await Desks.ConnectAsync(address, agents, cancellationToken);
        var phases = await run.StepAsync("offers", async () =>
        {
            List<OfferPhase> found = [];
            try
            {
                foreach (var streams in (int[])[1, agents.Length])
                {
                    await desks.RunAsync(account, customers, streams, TimeSpan.FromSeconds(run.WarmUpSeconds), cancellationToken);
                    found.Add(await desks.RunAsync(account, customers, streams, TimeSpan.FromSeconds(run.Seconds), cancellationToken));
                }
            }
            catch (Exception e) when (e is HubErrorException or TimeoutException)
            {
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{e.Message}\nThe server said last:\n{product.Server.Said}"), e);
            }

            return found;
        });
        return (new RoutingFigures(conversations, agents.Length, devices, perSecond, phases), [.. desks.Failures]);
    }

    static async Task<long> CountWaitingAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT count(*) FROM conversation WHERE waiting_since IS NOT NULL");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    protected override IRenderable Show(object figures)
    {
        var routing = (RoutingFigures)figures;
        var table = new Table().AddColumns("what", "per second", "p50 ms", "p95 ms", "p99 ms");
        table.AddRow(
            string.Create(CultureInfo.InvariantCulture, $"{routing.Conversations:N0} waiting conversations given to {routing.Agents} agents who come at once"),
            string.Create(CultureInfo.InvariantCulture, $"{routing.AssignmentsPerSecond:N0}"), "", "", "");
        foreach (var phase in routing.Offers)
        {
            AddRow("opened → offered on all devices", phase.Streams, phase.OffersPerSecond, phase.ToAllDevices);
            AddRow("accepted → silent on all devices", phase.Streams, phase.OffersPerSecond, phase.ToSilence);
        }

        return table;

        void AddRow(string what, int streams, double perSecond, Latency latency) => table.AddRow(
            string.Create(CultureInfo.InvariantCulture, $"{what}, {streams} at a time"), string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0}"),
            $"{latency.P50Ms}", $"{latency.P95Ms}", $"{latency.P99Ms}");
    }

    /// <param name="AssignmentsPerSecond">From the first agent's coming online until nothing waits.</param>
    sealed record RoutingFigures(int Conversations, int Agents, int DevicesPerAgent, double AssignmentsPerSecond, IReadOnlyList<OfferPhase> Offers);
}

/// <summary>Offers, so many at a time.</summary>
/// <param name="ToAllDevices">From the customer's request to open the conversation until the last device of the agent has the offer.</param>
/// <param name="ToSilence">From one device's accepting until the last one knows.</param>
sealed record OfferPhase(int Streams, double OffersPerSecond, Latency ToAllDevices, Latency ToSilence);
