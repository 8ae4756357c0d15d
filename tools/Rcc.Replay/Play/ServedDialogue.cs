using Rcc.Contracts;
using Rcc.Replay.Accounts;
using Rcc.Replay.Dialogues;

namespace Rcc.Replay.Play;

/// <summary>A dialogue with one agent, who takes the conversation and answers from any of its devices.</summary>
sealed class ServedDialogue(Dialogue dialogue, Person customer, Desk desk, Owners owners, Ledger ledger) : PlayedDialogue(dialogue, customer, owners, ledger)
{
    readonly IReadOnlyList<ReplayDevice> agentDevices = desk.Devices;

    public Person Agent => desk.Agent;

    public override async Task PlayAsync(Uri server, Disturbances disturbances, Random random, CancellationToken cancellationToken)
    {
        var mine = await EnterAsync(server, random, watch: null, received: null, cancellationToken);
        ReplayDevice[] audience = [mine, .. agentDevices];
        var joined = JoinAsync(mine.OpenAsync(ConversationId), agentDevices[random.Next(agentDevices.Count)]);
        PlayedTurn? previous = null;
        foreach (var turn in Dialogue.Turns)
        {
            var writer = turn.IsCustomers ? mine : agentDevices[random.Next(agentDevices.Count)];
            // What one device is given goes out in order; anybody else answers what they have seen.
            if (previous is not null && previous.Writer != writer)
                await previous.SeenOn(writer).WaitAsync(cancellationToken);
            if (!turn.IsCustomers)
                await joined.WaitAsync(cancellationToken);

            var now = Add(writer, audience);
            var disturbance = disturbances.Next(writer, audience);
            disturbance?.Before?.Invoke();
            await writer.PostAsync(now, turn.Text);
            disturbance?.After?.Invoke(now.Command);
            previous = now;
        }
        await joined.WaitAsync(cancellationToken);
        await disturbances.EndAsync().WaitAsync(cancellationToken);
        foreach (var id in MessageIds)
        {
            var turn = Ledger.Find(id)!;
            await turn.Settled.WaitAsync(cancellationToken);
            await turn.SeenByAll.WaitAsync(cancellationToken);
        }
        // The customer is served and goes; whatever still comes is there when the device comes back.
        mine.GoOffline();
    }

    async Task JoinAsync(Task<Outcome> opened, ReplayDevice taker)
    {
        Require(await opened, "opened");
        Require(await taker.AssignAsync(ConversationId, Agent.Id), "assigned");
    }
}
