namespace Rcc.Core.Sync;

/// <summary>What rules decided: a refusal, or a change and the state after it.</summary>
/// <typeparam name="TState">What the rules decide on.</typeparam>
public sealed record Decision<TState>
    where TState : class
{
    internal Decision(Answer? refusal, TState? next, Proposal? change)
    {
        Refusal = refusal;
        Next = next;
        Change = change;
    }

    /// <summary>Why nothing is to be done; null when something is.</summary>
    public Answer? Refusal { get; }

    /// <summary>The state once <see cref="Change"/> is committed.</summary>
    public TState? Next { get; }

    /// <summary>What to commit. It may change nothing: then only the command's answer is kept, so that a repetition changes nothing either.</summary>
    public Proposal? Change { get; }

    public static implicit operator Decision<TState>(Answer refusal) => new(refusal, null, null);
}

/// <summary>Makes decisions.</summary>
public static class Decision
{
    public static Decision<TState> Accept<TState>(TState next, Proposal change)
        where TState : class => new(null, next, change);

    /// <summary>What a caller is told who asks for something it may not know of.</summary>
    public static Answer NotFound(string what) => Answer.Refused(ErrorCode.NotFound, $"There is no such {what}.");
}
