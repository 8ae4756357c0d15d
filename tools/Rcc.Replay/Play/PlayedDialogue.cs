using Rcc.Contracts;
using Rcc.Replay.Accounts;
using Rcc.Replay.Control;
using Rcc.Replay.Dialogues;

namespace Rcc.Replay.Play;

/// <summary>A dialogue that is played: the customer writes in on a device of its own, agents answer from theirs.</summary>
abstract class PlayedDialogue(Dialogue dialogue, Person customer, Owners owners, Ledger ledger)
{
    /// <summary>Made by the customer's device, as clients do.</summary>
    public Guid ConversationId { get; } = Guid.CreateVersion7();

    public Dialogue Dialogue => dialogue;

    public Person Customer => customer;

    /// <summary>Null until it is played.</summary>
    public ReplayDevice? CustomerDevice { get; private set; }

    /// <summary>The ids of the turns given so far, in order.</summary>
    public List<Guid> MessageIds { get; } = [];

    /// <summary>What it is at, for people; null while there is nothing to say but which turns are on their way.</summary>
    public string? IsAt { get; protected set; }

    protected Ledger Ledger => ledger;

    public abstract Task PlayAsync(Uri server, Disturbances disturbances, Random random, CancellationToken cancellationToken);

    /// <summary>The customer signs in.</summary>
    protected async Task<ReplayDevice> EnterAsync(Uri server, Random random, ControlWatch? watch, ReceivedBytes? received, CancellationToken cancellationToken)
    {
        owners.Add(customer.AccountId, ConversationId);
        return CustomerDevice = await ReplayDevice.StartAsync(customer, "device 1", server, ledger, random.Next(), cancellationToken, watch, received);
    }

    /// <summary>The next turn, before it is given to anybody.</summary>
    protected PlayedTurn Add(ReplayDevice writer, IReadOnlyList<ReplayDevice> audience)
    {
        var turn = new PlayedTurn(Guid.CreateVersion7(), ConversationId, writer, audience, ledger);
        MessageIds.Add(turn.MessageId);
        ledger.Post(turn);
        return turn;
    }

    protected void Require(Outcome outcome, string what)
    {
        if (!outcome.IsOk)
            throw new TurnRefusedException($"The conversation of {dialogue} was not {what}: {outcome.Code}: {outcome.Detail}");
    }
}
