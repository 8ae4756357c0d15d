namespace Rcc.Contracts.Conversations;

/// <summary>The words in which agents say how a conversation of an inbox, or of a queue, ended. Item kind <c>dispositions</c>, id the inbox's or the queue's.</summary>
public sealed record DispositionsState
{
    /// <summary>1 … 100 characters each, each once whatever the case, in the order in which they are offered; the server limits how many. None: there is no list.</summary>
    public IReadOnlyList<string> Names { get; init => field = value ?? []; } = [];

    /// <summary>Nothing of this inbox or queue is resolved without one.</summary>
    public bool Required { get; init; }
}
