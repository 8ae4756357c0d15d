namespace Rcc.Replay.Dialogues;

/// <summary>A dialogue to play.</summary>
/// <param name="Id">What its source calls it; nothing depends on its being unique.</param>
/// <param name="Lang">BCP 47; not used, shown.</param>
/// <param name="Customer">The customer's name; two dialogues with one name are two customers.</param>
/// <param name="Agent">The agent's name; all dialogues of a tenant with one name are served by one agent.</param>
/// <param name="Turns">What is said, in order.</param>
sealed record Dialogue(string Id, string? Lang, string? Customer, string? Agent, IReadOnlyList<Turn> Turns)
{
    /// <summary>The line of the input it stands on, from 1; for people.</summary>
    public int Line { get; init; }

    public override string ToString() => $"'{Id}' (line {Line})";
}

/// <summary>What one side says.</summary>
/// <param name="From"><c>customer</c> or <c>agent</c>.</param>
/// <param name="Text">Any text that is not empty.</param>
sealed record Turn(string From, string Text)
{
    public const string Customer = "customer";
    public const string Agent = "agent";

    public bool IsCustomers => string.Equals(From, Customer, StringComparison.Ordinal);
}
