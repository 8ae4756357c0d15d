using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>What somebody is about to do, as far as it says what must be known of it.</summary>
internal enum Purpose
{
    /// <summary>What who takes part may.</summary>
    TakePart,

    /// <summary>What who manages the conversation may.</summary>
    Manage,

    /// <summary>What who supervises its agent may.</summary>
    Supervise,
}

/// <summary>Who acts on one conversation, with what that conversation is to it. The rules ask this, not the role: a master agent is one in its own conversations only.</summary>
/// <param name="Caller">Who.</param>
/// <param name="Reach">What the conversation is to it besides taking part.</param>
public sealed record Standing(Caller Caller, Reach Reach)
{
    public Guid PersonId => Caller.PersonId;

    public Guid DeviceId => Caller.DeviceId;

    public Role Role => Caller.Role;

    public bool IsAgent => Caller.IsAgent;

    /// <summary>May do what the conversation's agent may, without taking part.</summary>
    public bool Manages => Reach.Manages;

    /// <summary>Supervises the agent who has it, or the queue it waits in.</summary>
    public bool Supervises => Reach.Supervises;

    /// <summary>As far as the caller's role alone says.</summary>
    public static implicit operator Standing(Caller caller) => FromCaller(caller);

    /// <summary>As far as the caller's role alone says.</summary>
    public static Standing FromCaller(Caller caller) => new(caller, Reach.Of(caller));

    public bool May(Controls control) => Caller.May(control);

    /// <summary>The decision, which holds only while the conversation is to its standing what it was.</summary>
    internal Decision<ConversationSnapshot> Resting(Decision<ConversationSnapshot> decision) => decision is { Change: { } change, Next: { } next } && !Reach.RestsOn.IsEmpty
        ? Decision.Accept(next, change with { Fences = [.. change.Fences.Union(Reach.RestsOn)] })
        : decision;
}
