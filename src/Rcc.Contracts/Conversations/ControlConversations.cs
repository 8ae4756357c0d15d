using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>
/// Does the same to many conversations, each by itself: what is refused for one is done for the others. It takes as many numbers as it names conversations, from <see cref="DeviceCommand.Number"/> on, one for each
/// in their order; the device's next command has a higher one. Repeated as it was, each is answered as the first time.
/// </summary>
public sealed record ControlConversations : DeviceCommand
{
    /// <summary>1 … 100 unless the server is set otherwise; each once.</summary>
    public required IReadOnlyList<Guid> ConversationIds { get; init; }

    /// <summary>What is done: any step of a macro but a post. Either this or <see cref="MacroId"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MacroStep? Step { get; init; }

    /// <summary>The macro that is carried out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? MacroId { get; init; }
}

/// <summary>What became of many.</summary>
public sealed record ControlledConversations
{
    /// <summary>Why nothing was tried; else, where one is to be tried again later (<see cref="ErrorCode.Busy"/> …), that: repeat the command as it was. Else ok, whatever became of each.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>In the order in which they were named; empty when nothing was tried.</summary>
    public IReadOnlyList<ControlledConversation> Results { get; init; } = [];
}

/// <summary>What became of one of many.</summary>
public sealed record ControlledConversation(Guid ConversationId, Outcome Outcome);
