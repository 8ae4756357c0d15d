using System.Text;
using Rcc.Contracts.Agents;
using Rcc.Replay.Accounts;
using Rcc.Replay.Check;
using Rcc.Replay.Dialogues;
using Rcc.Replay.Play;

namespace Rcc.Replay.Control;

/// <summary>The contact centres of a replay with control: who works there, what happens to them, and what must hold at the end.</summary>
/// <param name="seedOf">A seed of its own for every use.</param>
/// <param name="checkedCapacity">What agents are checked against.</param>
/// <param name="checkedWord">What customers' connections are searched for; null: what stands in every internal text.</param>
sealed class ControlRun(ReplaySettings settings, Owners owners, Ledger ledger, Findings findings, Func<int, int, int> seedOf, int checkedCapacity, string? checkedWord)
{
    /// <summary>Conversations an agent has at once: few, so that they are all taken again and again.</summary>
    public const int Capacity = 3;

    /// <summary>Nobody waits long for an answer here.</summary>
    public static IReadOnlyList<string> ServerOptions { get; } = 
    [
        "--Rcc:Conversations:TransferAnswerWithin=00:00:05", "--Rcc:Routing:OfferAgainAfter=00:00:01",
        // Agents miss offers here while their devices are away or the server is: nobody is to go for that.
        "--Rcc:Agents:MissedOffersUntilAway=0",
    ];

    /// <summary>What is transferred to the experts in vain is back soon.</summary>
    public const int ExpertsTakeWithinSeconds = 5;

    const int SuspensionsPerTenant = 2;
    const int OfferSeconds = 5;
    const int SuspensionSeed = 4;
    const int AnswerSeed = 100;

    readonly Marker marker = new();
    readonly List<Floor> floors = [];
    readonly List<OfferAnswers> answers = [];
    readonly Dictionary<Guid, (OfferAnswers Answers, int Dialogue)> byConversation = [];

    /// <summary>Every other tenant offers what comes in to its agents, the others give it to them.</summary>
    public static int? OfferSecondsOf(int tenant) => int.IsOddInteger(tenant) ? OfferSeconds : null;

    public ControlWatch Watch { get; } = new(findings);

    public ControlCounts Counts { get; } = new();

    /// <summary>Opens a tenant: every agent has few places and takes conversations, the supervisor none.</summary>
    public async Task OpenAsync(Tenant tenant, IReadOnlyList<Desk> desks, Desk supervisor, CancellationToken cancellationToken)
    {
        var floor = new Floor(tenant, desks, supervisor, Watch, Counts, marker, ledger);
        await supervisor.Devices[0].SetAvailabilityAsync(Availability.Busy).WaitAsync(cancellationToken);
        foreach (var desk in desks)
        {
            await tenant.Administration.SetCapacityAsync(desk.Agent.Id, Capacity, cancellationToken);
            Watch.SetCapacity(desk.Agent.Id, checkedCapacity);
            await desk.Devices[0].SetAvailabilityAsync(Availability.Online).WaitAsync(cancellationToken);
        }
        floors.Add(floor);
        answers.Add(new OfferAnswers(floor, offer => seedOf(byConversation[offer.Conversation].Dialogue, AnswerSeed + offer.Revision)));
    }

    /// <param name="tenant">Which tenant's it is.</param>
    /// <param name="behind">How many more come to the tenant after it: the last of them take half of its places and keep them.</param>
    public PlayedDialogue Cast(Dialogue dialogue, int index, int tenant, int behind, Person customer)
    {
        var floor = floors[tenant];
        var played = new ControlledDialogue(dialogue, customer, floor, staysOpen: behind < floor.Desks.Count * Capacity / 2, owners, ledger);
        byConversation[played.ConversationId] = (answers[tenant], index);
        return played;
    }

    /// <summary>From now on what is offered is answered.</summary>
    public void Begin() => Watch.OfferShown = offer =>
    {
        if (byConversation.TryGetValue(offer.Conversation, out var of))
            of.Answers.Show(offer);
    };

    /// <summary>Suspends agents of each tenant when so many of all turns are done.</summary>
    public Task SuspendAsync(int turns, CancellationToken cancellationToken) => Task.WhenAll(floors.Select(async (floor, index) =>
    {
        var random = new Random(seedOf(index, SuspensionSeed));
        var suspensions = new Suspensions(floor, settings.Devices, settings.Patience);
        for (var i = 1; i <= SuspensionsPerTenant; i++)
        {
            // Who goes home for good is not let in again.
            var desk = floor.Desks[random.Next(Math.Max(1, floor.Desks.Count - 1))];
            await ledger.UntilAcknowledgedAsync((long)turns * i / (SuspensionsPerTenant + 1), cancellationToken);
            await suspensions.SuspendAsync(desk, cancellationToken);
        }
    }));

    /// <summary>One agent of each tenant goes offline when half of all turns are done, and does not come back: what it has it finishes, more it does not get.</summary>
    public Task GoHomeAsync(int turns, CancellationToken cancellationToken) => Task.WhenAll(floors.Where(floor => floor.Desks.Count > 1).Select(async floor =>
    {
        await ledger.UntilAcknowledgedAsync(turns / 2, cancellationToken);
        await floor.Desks[^1].Devices[0].SetAvailabilityAsync(Availability.Offline).WaitAsync(cancellationToken);
        Counts.GoHome();
    }));

    /// <summary>Waits until nothing is offered to anybody and nothing waits that could be served, then recounts from the store.</summary>
    /// <returns>Who takes part in each conversation.</returns>
    public async Task<IReadOnlyDictionary<Guid, IReadOnlySet<Guid>>> CheckAsync(CancellationToken cancellationToken)
    {
        var participants = new Dictionary<Guid, IReadOnlySet<Guid>>();
        foreach (var floor in floors)
        {
            var check = new ControlCheck(floor.Tenant, findings, ledger);
            foreach (var (conversation, agents) in await check.RunAsync(settings.Patience, cancellationToken))
                participants[conversation] = agents;
        }
        Watch.OfferShown = null;
        try
        {
            await Task.WhenAll(answers.Select(one => one.SettledAsync())).WaitAsync(settings.Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            ledger.Fail($"answers to offers are not settled after {settings.Patience}");
        }
        return participants;
    }

    /// <summary>Looks through all that a customer's devices were sent.</summary>
    public void LookForLeaks(PlayedDialogue played, ReceivedBytes received)
    {
        var floor = ((ControlledDialogue)played).Floor;
        var unseen = floor.Desks.Append(floor.Supervisor).Select(desk => desk.Agent.Id).Where(agent => !Watch.HasMet(played.ConversationId, agent)).ToArray();
        var word = checkedWord is null ? marker.Bytes : Encoding.UTF8.GetBytes(checkedWord);
        foreach (var (i, delivered) in received.Connections.Index())
        {
            if (LeakCheck.Find(delivered, word, unseen) is { } leak)
                findings.Leak($"{played.Dialogue}: connection {i + 1} of the customer delivered {leak}");
        }
    }
}
