using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;

namespace Rcc.Core.Access;

/// <summary>One thing to do to many conversations: a step, or a macro.</summary>
public sealed record ControlMany
{
    /// <summary>1 … <see cref="ConversationOptions.MaxBulk"/>, each once.</summary>
    public required IReadOnlyList<Guid> ConversationIds { get; init; }

    /// <summary>What is done; any step of a macro but a post.</summary>
    public MacroStep? Step { get; init; }

    /// <summary>The macro that is carried out.</summary>
    public Guid? MacroId { get; init; }

    internal ControlConversation Of(Guid conversation, DateTimeOffset at) => Step is { } step
        ? Macro.ToCommand(step, conversation, at)
        : new() { Number = Macro.Unnumbered, ConversationId = conversation, Operation = ControlOperations.ExecuteMacro, MacroId = MacroId };
}

/// <summary>What became of one of many.</summary>
public sealed record ControlResult(Guid ConversationId, Outcome Outcome);
