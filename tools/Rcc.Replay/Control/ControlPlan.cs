namespace Rcc.Replay.Control;

/// <summary>What is done to a conversation before one of its turns.</summary>
enum ControlAct
{
    None,
    Hold,
    TransferToAgent,
    TransferToGroup,
    TransferToQueue,
    ConsultAndComplete,
    ConsultAndCancel,
    Note,
    Mention,
    RemoveParticipant,
    Whisper,
    Barge,
    TakeOver,
    Snooze,
}

/// <summary>An act of the plan with what is drawn for it.</summary>
/// <param name="Act">What is done.</param>
/// <param name="Colleague">Which of the colleagues it is about, as an index of any size.</param>
/// <param name="Device">From which device, likewise.</param>
readonly record struct PlannedAct(ControlAct Act, int Colleague, int Device);

/// <summary>Which acts happen around which turn of a dialogue. Everything comes from one seeded source, whose draws do not depend on timing.</summary>
sealed class ControlPlan
{
    const double Share = 0.4;
    static readonly ControlAct[] Acts =
    [
        ControlAct.Hold, ControlAct.Hold, ControlAct.TransferToAgent, ControlAct.TransferToAgent, ControlAct.TransferToGroup, ControlAct.TransferToQueue, ControlAct.ConsultAndComplete, ControlAct.ConsultAndComplete,
        ControlAct.ConsultAndCancel, ControlAct.Note, ControlAct.Mention, ControlAct.RemoveParticipant, ControlAct.Whisper, ControlAct.Barge, ControlAct.TakeOver, ControlAct.Snooze,
    ];

    readonly PlannedAct[] acts;

    public ControlPlan(int turns, Random random)
    {
        Racers = random.Next(0, 4);
        acts = [.. Enumerable.Range(0, turns).Select(_ =>
        {
            var (whether, which, colleague, device) = (random.NextDouble(), random.Next(Acts.Length), random.Next(), random.Next());
            return new PlannedAct(whether < Share ? Acts[which] : ControlAct.None, colleague, device);
        })];
    }

    /// <summary>How many agents try to take the conversation when it has just been opened.</summary>
    public int Racers { get; }

    /// <summary>What is done before a turn.</summary>
    public PlannedAct Before(int turn) => acts[turn];
}
