using System.Globalization;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Convergence;

/// <summary>Whatever happens, in whatever order, every device ends as a new one begins, and as the tables say.</summary>
[Collection(nameof(Failures))]
[Trait("Catalogue", "RCC-6")]
[Trait("Catalogue", "INV-10")]
[Trait("Catalogue", "INV-15")]
public sealed class RandomBustleTests(Databases databases, ITestOutputHelper output)
{
    /// <summary>Small pages, so that they are cut everywhere; and what time brings about comes while it is looked at.</summary>
    static readonly string[] SmallPages =
    [
        "--Rcc:Devices:PageItems=5", "--Rcc:Tail:IdleLifetime=00:00:01", "--Rcc:Routing:LookRoundInterval=00:00:00.5", "--Rcc:Agents:MissedOffersUntilAway=0",
        "--Rcc:Conversations:TransferAnswerWithin=00:00:01", "--Rcc:Conversations:TransferTakenWithin=00:00:02",
    ];

    [Fact]
    public async Task Devices_converge_over_lost_connections_and_kills_of_the_server()
    {
        var seed = Seed();
        var database = await databases.CreateAsync();
        await using var server = await ServerProcess.OnDatabaseAsync(database, SmallPages);
        await using var bustle = await Bustle.BeginAsync(seed, [server], await server.BecomeOperatorAsync());
        await bustle.RunAsync(150);
        await server.KillAsync();
        await bustle.RunAsync(20);
        await server.StartAsync();
        await bustle.RunAsync(150);
        await bustle.AssertConvergedAsync(database);
    }

    [Fact]
    public async Task Devices_on_two_servers_of_one_database_converge()
    {
        var seed = Seed();
        var database = await databases.CreateAsync();
        await using var one = await ServerProcess.OnDatabaseAsync(database, SmallPages);
        var platform = await one.BecomeOperatorAsync();
        await using var two = await ServerProcess.OnDatabaseAsync(database, SmallPages);
        await using var bustle = await Bustle.BeginAsync(seed, [one, two], platform);
        await bustle.RunAsync(300);
        await bustle.AssertConvergedAsync(database);
    }

    /// <summary>A new one for each run; <c>RCC_TEST_SEED</c> brings one back.</summary>
    int Seed()
    {
        var seed = Environment.GetEnvironmentVariable("RCC_TEST_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return seed;
    }
}
