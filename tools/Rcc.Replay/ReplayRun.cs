using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rcc.Replay.Accounts;
using Rcc.Replay.Check;
using Rcc.Replay.Control;
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
    readonly List<Desk> desks = [];
    readonly string name = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    Ledger? ledger;
    ControlRun? control;
    List<PlayedDialogue> played = [];
    List<Tenant> tenants = [];
    int signedIn;
    int checkedPeople;

    /// <summary>What the dialogues are checked against, one for one: they themselves, unless a test wants to see the check fail.</summary>
    internal IReadOnlyList<Dialogue>? Expected { get; init; }

    /// <summary>The capacity agents are checked against: the one they have, unless a test wants to see the check fail.</summary>
    internal int CheckedCapacity { get; init; } = ControlRun.Capacity;

    /// <summary>What customers' connections are searched for: what stands in every internal text, unless a test wants to see the check fail.</summary>
    internal string? CheckedWord { get; init; }

    /// <summary>How far it has come; asked from any thread.</summary>
    public ReplayProgress Progress
    {
        get
        {
            var everybody = settings.Tenants * (settings.Agents + (settings.Control ? 1 : 0));
            return new(
                Volatile.Read(ref signedIn),
                everybody * settings.Devices,
                ledger?.Acknowledged ?? 0,
                Turns,
                Volatile.Read(ref checkedPeople),
                everybody + dialogues.Count,
                counts,
                control?.Counts);
        }
    }

    /// <summary>The last lines the server of its own wrote; null without one.</summary>
    public string? ServerSaid { get; private set; }

    int Turns => dialogues.Sum(dialogue => dialogue.Turns.Count);

    /// <exception cref="ServerProcessException">The server does not run.</exception>
    /// <exception cref="FrontDoorException">The server does not let the replay set itself up.</exception>
    /// <exception cref="DialogueFileException">The server does not take a text of the input.</exception>
    public async Task<ReplayReport> RunAsync(CancellationToken cancellationToken)
    {
        ledger = new Ledger(owners);
        control = settings.Control ? new ControlRun(settings, owners, ledger, findings, Seed, CheckedCapacity, CheckedWord) : null;
        await using var own = settings.Server is null ? await ServerProcess.StartAsync(control is null ? [] : ControlRun.ServerOptions, cancellationToken) : null;
        using var door = new FrontDoor(own?.Address ?? settings.Server!, settings.Patience);
        try
        {
            await SetUpAsync(door, own, cancellationToken);
            var begun = Stopwatch.GetTimestamp();
            await PlayAsync(door.Server, own, cancellationToken);
            var seconds = Stopwatch.GetElapsedTime(begun);
            await CheckAsync(door.Server, cancellationToken);
            ServerSaid = own?.Said;
            return ReplayReport.Make(settings, input, dialogues.Count, Turns, ledger, counts, findings, seconds, control?.Counts);
        }
        finally
        {
            await Task.WhenAll(played.Select(dialogue => dialogue.CustomerDevice).OfType<ReplayDevice>().Concat(desks.SelectMany(desk => desk.Devices)).Select(device => device.DisposeAsync().AsTask()));
        }
    }

    async Task SetUpAsync(FrontDoor door, ServerProcess? own, CancellationToken cancellationToken)
    {
        var login = settings.Operator ?? new OperatorLogin("replay", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));
        if (own is not null)
            await door.BecomeOperatorAsync(await own.SetUpLink, login, cancellationToken);
        var session = await door.PostAsync<OperatorSession>("platform/api/v1/auth/sign_in", login, token: null, cancellationToken);
        tenants = [.. await Task.WhenAll(Enumerable.Range(1, settings.Tenants).Select(i =>
            Tenant.OnboardAsync(door, owners, session.AccessToken, string.Create(CultureInfo.InvariantCulture, $"replay-{name}-{i}"), settings.Agents, control is null ? null : ControlRun.OfferSecondsOf(i), control is null ? null : ControlRun.ExpertsTakeWithinSeconds, cancellationToken)))];
        foreach (var tenant in tenants)
        {
            var seated = new List<Desk>();
            foreach (var agent in tenant.Agents)
                seated.Add(await SeatAsync(agent));
            if (control is not null)
                await control.OpenAsync(tenant, seated, await SeatAsync(tenant.Master), cancellationToken);
        }
        await RequireTextsThatFitAsync(cancellationToken);
        played = control is null ? CastAgents() : CastControlled();

        async Task<Desk> SeatAsync(Person agent)
        {
            var (index, device) = (desks.Count, 0);
            var desk = new Desk(agent, (name, cancellation) => ReplayDevice.StartAsync(agent, name, door.Server, ledger!, Seed(index, -Interlocked.Increment(ref device)), cancellation, control?.Watch));
            desks.Add(desk);
            await desk.SignInAsync(settings.Devices, cancellationToken);
            Interlocked.Add(ref signedIn, settings.Devices);
            return desk;
        }
    }

    /// <summary>Dialogue after dialogue goes to the next tenant, and there to whoever gets it.</summary>
    List<PlayedDialogue> CastControlled() =>
    [
        .. dialogues.Select((dialogue, index) =>
            control!.Cast(dialogue, index, index % tenants.Count, (dialogues.Count - 1 - index) / tenants.Count, tenants[index % tenants.Count].AddCustomer(index + 1, dialogue.Customer))),
    ];

    /// <summary>Dialogue after dialogue goes to the next tenant; there, each of the input's agents is one of the tenant's.</summary>
    List<PlayedDialogue> CastAgents()
    {
        var agentsByName = tenants.Select(_ => new Dictionary<string, Desk>(StringComparer.Ordinal)).ToArray();
        var cast = new List<PlayedDialogue>();
        foreach (var (index, dialogue) in dialogues.Index())
        {
            var at = index % tenants.Count;
            var (tenant, names) = (tenants[at], agentsByName[at]);
            if (!names.TryGetValue(dialogue.Agent ?? "", out var desk))
                names[dialogue.Agent ?? ""] = desk = desks[(at * settings.Agents) + (names.Count % settings.Agents)];
            cast.Add(new ServedDialogue(dialogue, tenant.AddCustomer(index + 1, dialogue.Customer), desk, owners, ledger!));
        }
        return cast;
    }

    async Task RequireTextsThatFitAsync(CancellationToken cancellationToken)
    {
        var device = desks[0].Devices[0];
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
        control?.Begin();
        var suspensions = control is null ? Task.CompletedTask : Task.WhenAll(control.SuspendAsync(Turns, given.Token), control.GoHomeAsync(Turns, given.Token));
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
            await Task.WhenAll(kills, suspensions);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The watch has given it up and said why; what is there is checked all the same.
        }
        await given.CancelAsync();
        await Task.WhenAll(watch, kills, suspensions).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (kills.IsFaulted || suspensions.IsFaulted)
            await Task.WhenAll(kills, suspensions);
    }

    /// <summary>The server at a third of the turns, its PostgreSQL at two thirds.</summary>
    async Task KillAsync(ServerProcess own, CancellationToken cancellationToken)
    {
        await ledger!.UntilAcknowledgedAsync(Turns / 3, cancellationToken);
        counts.KillServer();
        ledger.TurnOutage();
        await own.KillAndRestartAsync(cancellationToken);
        ledger.TurnOutage();
        await ledger.UntilAcknowledgedAsync(Turns * 2 / 3, cancellationToken);
        counts.KillPostgres();
        ledger.TurnOutage();
        await own.KillPostgresAsync(cancellationToken);
        ledger.TurnOutage();
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
        var stages = played.Where(dialogue => dialogue.IsAt is not null).Select(dialogue => $"{dialogue.Dialogue} ({dialogue.ConversationId}) {dialogue.IsAt}");
        var words = from dialogue in played
                    from id in dialogue.MessageIds.ToArray()
                    let turn = ledger!.Find(id)
                    where turn is not null && !(turn.Settled.IsCompleted && turn.SeenByAll.IsCompleted)
                    select $"{dialogue.Dialogue}, turn {dialogue.MessageIds.IndexOf(id) + 1}, is {(turn.Settled.IsCompleted ? "not on all devices" : "not answered")}, its writer {turn.Writer.Status}";
        return string.Join("; ", stages.Take(5).Concat(control is null ? words.Take(5) : []));
    }

    async Task CheckAsync(Uri server, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelChecks, CancellationToken = cancellationToken };
        var expected = played.Zip(Expected ?? dialogues).ToArray();
        var participants = control is null ? null : await control.CheckAsync(cancellationToken);

        // Customers first: that their devices hold the last turns now is news to the agents.
        await Parallel.ForEachAsync(expected.Index(), parallel, async (each, cancellation) =>
        {
            var (index, dialogue) = each;
            if (dialogue.First.CustomerDevice is { } device)
                await CheckAsync(server, dialogue.First.Customer, [device], [dialogue], Seed(index, 2), cancellation);
            else
                findings.Lose($"{dialogue.First.Dialogue}: was not played");
        });
        await Parallel.ForEachAsync(desks.Index(), parallel, (each, cancellation) =>
            CheckAsync(server, each.Item.Agent, each.Item.Devices, [.. expected.Where(dialogue => TakesPart(each.Item.Agent, dialogue.First))], Seed(each.Index, 3), cancellation));
        foreach (var dialogue in played)
        {
            if (dialogue.CustomerDevice?.Received is { } received)
                control!.LookForLeaks(dialogue, received);
        }
        foreach (var (device, id) in ledger!.Foreign)
            findings.Cross($"{device.Name}: holds {id}, which is not its tenant's");

        bool TakesPart(Person agent, PlayedDialogue dialogue) =>
            participants is null ? (dialogue as ServedDialogue)?.Agent == agent : participants.TryGetValue(dialogue.ConversationId, out var those) && those.Contains(agent.Id);
    }

    async ValueTask CheckAsync(
        Uri server, Person person, IReadOnlyList<ReplayDevice> devices, IReadOnlyList<(PlayedDialogue, Dialogue)> expected, int seed, CancellationToken cancellationToken)
    {
        await new StoreCheck(server, ledger!, findings, seed, settings.Patience, control?.Watch).RunAsync(person, devices, expected, cancellationToken);
        Interlocked.Increment(ref checkedPeople);
    }

    /// <summary>A seed of its own for every use, so that what one draws does not move what another does.</summary>
    int Seed(int index, int use) => unchecked((((settings.Seed * 397) ^ index) * 397) ^ use);

    sealed record OperatorSession(string AccessToken);
}

/// <summary>How far a replay has come.</summary>
sealed record ReplayProgress(int SignedIn, int Devices, long Acknowledged, int Turns, int CheckedPeople, int People, DisturbanceCounts Disturbances, ControlCounts? Controls);
