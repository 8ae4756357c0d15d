using Rcc.Contracts;
using Rcc.Replay.Accounts;
using Rcc.Replay.Dialogues;

namespace Rcc.Replay.Play;

/// <summary>A dialogue with its cast: the customer writes in on a device of its own, the agent takes the conversation and answers from any of its devices.</summary>
sealed class PlayedDialogue(Dialogue dialogue, Person customer, Person agent, IReadOnlyList<ReplayDevice> agentDevices, Owners owners, Ledger ledger)
{
    /// <summary>Made by the customer's device, as clients do.</summary>
    public Guid ConversationId { get; } = Guid.CreateVersion7();

    public Dialogue Dialogue => dialogue;

    public Person Customer => customer;

    public Person Agent => agent;

    /// <summary>Null until it is played.</summary>
    public ReplayDevice? CustomerDevice { get; private set; }

    /// <summary>The ids of the turns given so far, in order.</summary>
    public List<Guid> MessageIds { get; } = [];

    public async Task PlayAsync(Uri server, Disturbances disturbances, Random random, CancellationToken cancellationToken)
    {
        owners.Add(customer.AccountId, ConversationId);
        var mine = CustomerDevice = await ReplayDevice.StartAsync(customer, "device 1", server, ledger, random.Next(), cancellationToken);
        ReplayDevice[] audience = [mine, .. agentDevices];
        var joined = JoinAsync(mine.OpenAsync(ConversationId), agentDevices[random.Next(agentDevices.Count)]);
        PlayedTurn? previous = null;
        foreach (var turn in dialogue.Turns)
        {
            var writer = turn.IsCustomers ? mine : agentDevices[random.Next(agentDevices.Count)];
            // What one device is given goes out in order; anybody else answers what they have seen.
            if (previous is not null && previous.Writer != writer)
                await previous.SeenOn(writer).WaitAsync(cancellationToken);
            if (!turn.IsCustomers)
                await joined.WaitAsync(cancellationToken);

            var now = new PlayedTurn(Guid.CreateVersion7(), ConversationId, writer, audience, ledger);
            MessageIds.Add(now.MessageId);
            ledger.Post(now);
            var disturbance = disturbances.Next(writer, audience);
            disturbance?.Before?.Invoke();
            await writer.PostAsync(now, turn.Text);
            disturbance?.After?.Invoke(now);
            previous = now;
        }
        await joined.WaitAsync(cancellationToken);
        await disturbances.EndAsync().WaitAsync(cancellationToken);
        foreach (var id in MessageIds)
        {
            var turn = ledger.Find(id)!;
            await turn.Settled.WaitAsync(cancellationToken);
            await turn.SeenByAll.WaitAsync(cancellationToken);
        }
        // The customer is served and goes; whatever still comes is there when the device comes back.
        mine.GoOffline();
    }

    async Task JoinAsync(Task<Outcome> opened, ReplayDevice taker)
    {
        Require(await opened, "opened");
        Require(await taker.AssignAsync(ConversationId, agent.Id), "assigned");
    }

    void Require(Outcome outcome, string what)
    {
        if (!outcome.IsOk)
            throw new TurnRefusedException($"The conversation of {dialogue} was not {what}: {outcome.Code}: {outcome.Detail}");
    }
}
