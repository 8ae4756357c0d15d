using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rcc.Replay.Accounts;
using Rcc.Replay.Check;
using Rcc.Replay.Dialogues;
using Rcc.Replay.Hosting;
using Rcc.Replay.Play;

namespace Rcc.Replay;

/// <summary>Plays dialogues through the front door of a server and checks what came of them.</summary>
sealed class ReplayRun(ReplaySettings settings, string input, IReadOnlyList<Dialogue> dialogues)
{
    const int ParallelChecks = 32;
    static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    readonly Owners owners = new();
    readonly DisturbanceCounts counts = new();
    readonly Findings findings = new();
    readonly Dictionary<Person, IReadOnlyList<ReplayDevice>> agents = [];
    readonly string name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    Ledger? ledger;
    List<PlayedDialogue> played = [];
    List<Tenant> tenants = [];
    int signedIn;
    int checkedPeople;

    /// <summary>What the dialogues are checked against, one for one: they themselves, unless a test wants to see the check fail.</summary>
    internal IReadOnlyList<Dialogue>? Expected { get; init; }

    /// <summary>How far it has come; asked from any thread.</summary>
    public ReplayProgress Progress
    {
        get
        {
            var everybody = settings.Tenants * settings.Agents;
            return new(Volatile.Read(ref signedIn), everybody * settings.Devices, ledger?.Acknowledged ?? 0, Turns, Volatile.Read(ref checkedPeople), everybody + dialogues.Count, counts);
        }
    }

    int Turns => dialogues.Sum(dialogue => dialogue.Turns.Count);

    /// <exception cref="ServerProcessException">The server does not run.</exception>
    /// <exception cref="FrontDoorException">The server does not let the replay set itself up.</exception>
    /// <exception cref="DialogueFileException">The server does not take a text of the input.</exception>
    public async Task<ReplayReport> RunAsync(CancellationToken cancellationToken)
    {
        ledger = new Ledger(owners);
        await using var own = settings.Server is null ? await ServerProcess.StartAsync(cancellationToken) : null;
        using var door = new FrontDoor(own?.Address ?? settings.Server!, settings.Patience);
        try
        {
            await SetUpAsync(door, own, cancellationToken);
            var begun = Stopwatch.GetTimestamp();
            await PlayAsync(door.Server, own, cancellationToken);
            var seconds = Stopwatch.GetElapsedTime(begun);
            await CheckAsync(door.Server, cancellationToken);
            return ReplayReport.Make(settings, input, dialogues.Count, Turns, ledger, counts, findings, seconds);
        }
        finally
        {
            await Task.WhenAll(played.Select(dialogue => dialogue.CustomerDevice).OfType<ReplayDevice>().Concat(agents.Values.SelectMany(devices => devices)).Select(device => device.DisposeAsync().AsTask()));
        }
    }

    async Task SetUpAsync(FrontDoor door, ServerProcess? own, CancellationToken cancellationToken)
    {
        var login = settings.Operator ?? new OperatorLogin("replay", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));
        if (own is not null)
            await door.BecomeOperatorAsync(await own.SetUpLink, login, cancellationToken);
        var session = await door.PostAsync<OperatorSession>("platform/api/v1/auth/sign_in", login, token: null, cancellationToken);
        tenants = [.. await Task.WhenAll(Enumerable.Range(1, settings.Tenants).Select(i =>
            Tenant.OnboardAsync(door, owners, session.AccessToken, string.Create(CultureInfo.InvariantCulture, $"replay-{name}-{i}"), settings.Agents, cancellationToken)))];
        foreach (var (index, agent) in tenants.SelectMany(tenant => tenant.Agents).Index())
        {
            agents[agent] = await Task.WhenAll(Enumerable.Range(1, settings.Devices).Select(i =>
                ReplayDevice.StartAsync(agent, string.Create(CultureInfo.InvariantCulture, $"device {i}"), door.Server, ledger!, Seed(index, -i), cancellationToken)));
            Interlocked.Add(ref signedIn, settings.Devices);
        }
        await RequireTextsThatFitAsync(cancellationToken);
        played = Cast();
    }

    /// <summary>Dialogue after dialogue goes to the next tenant; there, each of the input's agents is one of the tenant's.</summary>
    List<PlayedDialogue> Cast()
    {
        var agentsByName = tenants.Select(_ => new Dictionary<string, Person>(StringComparer.Ordinal)).ToArray();
        var cast = new List<PlayedDialogue>();
        foreach (var (index, dialogue) in dialogues.Index())
        {
            var at = index % tenants.Count;
            var (tenant, names) = (tenants[at], agentsByName[at]);
            if (!names.TryGetValue(dialogue.Agent ?? "", out var agent))
                names[dialogue.Agent ?? ""] = agent = tenant.Agents[names.Count % tenant.Agents.Count];
            cast.Add(new PlayedDialogue(dialogue, tenant.AddCustomer(index + 1, dialogue.Customer), agent, agents[agent], owners, ledger!));
        }
        return cast;
    }

    async Task RequireTextsThatFitAsync(CancellationToken cancellationToken)
    {
        var device = agents.Values.First()[0];
        var begun = Stopwatch.GetTimestamp();
        while (device.Limits is null)
        {
            if (Stopwatch.GetElapsedTime(begun) > settings.Patience)
                throw new FrontDoorException($"{device.Name} was not let in within {settings.Patience}: it is {device.Status}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
        foreach (var dialogue in dialogues)
        {
            foreach (var (i, turn) in dialogue.Turns.Index())
            {
                if (Encoding.UTF8.GetByteCount(turn.Text) is var bytes && bytes > device.Limits.MaxContentBytes)
                    throw new DialogueFileException($"{input}, line {dialogue.Line}: turn {i + 1}: \"text\" has {bytes} bytes; the server takes {device.Limits.MaxContentBytes}.");
            }
        }
    }

    async Task PlayAsync(Uri server, ServerProcess? own, CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchAsync(given);
        var kills = own is not null && settings.Chaos > 0 ? KillAsync(own, given.Token) : Task.CompletedTask;
        try
        {
            await Parallel.ForEachAsync(played.Index(), new ParallelOptions { MaxDegreeOfParallelism = settings.Parallel, CancellationToken = given.Token }, async (each, cancellation) =>
            {
                var (index, dialogue) = each;
                var random = new Random(Seed(index, 0));
                try
                {
                    await dialogue.PlayAsync(server, new Disturbances(settings.Chaos, new Random(Seed(index, 1)), counts, ledger!), random, cancellation);
                }
                catch (Exception e) when (e is TurnRefusedException or FrontDoorException)
                {
                    ledger!.Fail($"{dialogue.Dialogue}: {e.Message}");
                }
            });
            await kills;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The watch has given it up and said why; what is there is checked all the same.
        }
        await given.CancelAsync();
        await Task.WhenAll(watch, kills).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (kills.IsFaulted)
            await kills;
    }

    /// <summary>The server at a third of the turns, its PostgreSQL at two thirds.</summary>
    async Task KillAsync(ServerProcess own, CancellationToken cancellationToken)
    {
        await UntilAcknowledgedAsync(Turns / 3, cancellationToken);
        counts.KillServer();
        ledger!.TurnOutage();
        await own.KillAndRestartAsync(cancellationToken);
        ledger.TurnOutage();
        await UntilAcknowledgedAsync(Turns * 2 / 3, cancellationToken);
        counts.KillPostgres();
        ledger.TurnOutage();
        await own.KillPostgresAsync(cancellationToken);
        ledger.TurnOutage();
    }

    async Task UntilAcknowledgedAsync(long turns, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (ledger!.Acknowledged < turns)
            await tick.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>Gives the replay up when nothing happens any more, or something happened that must not.</summary>
    async Task WatchAsync(CancellationTokenSource given)
    {
        var (events, since) = (ledger!.Events, Stopwatch.GetTimestamp());
        using var tick = new PeriodicTimer(WatchInterval);
        while (await tick.WaitForNextTickAsync(given.Token))
        {
            if (ledger.Events != events)
                (events, since) = (ledger.Events, Stopwatch.GetTimestamp());
            else if (Stopwatch.GetElapsedTime(since) > settings.Patience)
                ledger.Fail($"nothing happened for {settings.Patience}; {Waiting()}");
            if (ledger.Broken.IsCompleted)
            {
                await given.CancelAsync();
                return;
            }
        }
    }

    string Waiting()
    {
        var words = from dialogue in played
                    from id in dialogue.MessageIds.ToArray()
                    let turn = ledger!.Find(id)
                    where turn is not null && !(turn.Settled.IsCompleted && turn.SeenByAll.IsCompleted)
                    select $"{dialogue.Dialogue}, turn {dialogue.MessageIds.IndexOf(id) + 1}, is {(turn.Settled.IsCompleted ? "not on all devices" : "not answered")}, its writer {turn.Writer.Status}";
        return string.Join("; ", words.Take(5));
    }

    async Task CheckAsync(Uri server, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelChecks, CancellationToken = cancellationToken };
        var expected = played.Zip(Expected ?? dialogues).ToArray();

        // Customers first: that their devices hold the last turns now is news to the agents.
        await Parallel.ForEachAsync(expected.Index(), parallel, async (each, cancellation) =>
        {
            var (index, dialogue) = each;
            if (dialogue.First.CustomerDevice is { } device)
                await CheckAsync(server, dialogue.First.Customer, [device], [dialogue], Seed(index, 2), cancellation);
            else
                findings.Lose($"{dialogue.First.Dialogue}: was not played");
        });
        await Parallel.ForEachAsync(agents.Index(), parallel, (each, cancellation) =>
            CheckAsync(server, each.Item.Key, each.Item.Value, [.. expected.Where(dialogue => dialogue.First.Agent == each.Item.Key)], Seed(each.Index, 3), cancellation));
        foreach (var (device, id) in ledger!.Foreign)
            findings.Cross($"{device.Name}: holds {id}, which is not its tenant's");
    }

    async ValueTask CheckAsync(
        Uri server, Person person, IReadOnlyList<ReplayDevice> devices, IReadOnlyList<(PlayedDialogue, Dialogue)> expected, int seed, CancellationToken cancellationToken)
    {
        await new StoreCheck(server, ledger!, findings, seed, settings.Patience).RunAsync(person, devices, expected, cancellationToken);
        Interlocked.Increment(ref checkedPeople);
    }

    /// <summary>A seed of its own for every use, so that what one draws does not move what another does.</summary>
    int Seed(int index, int use) => unchecked((((settings.Seed * 397) ^ index) * 397) ^ use);

    sealed record OperatorSession(string AccessToken);
}

/// <summary>How far a replay has come.</summary>
sealed record ReplayProgress(int SignedIn, int Devices, long Acknowledged, int Turns, int CheckedPeople, int People, DisturbanceCounts Disturbances);
