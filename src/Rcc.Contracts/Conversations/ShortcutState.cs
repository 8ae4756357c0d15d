using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>
/// What agents keep to be quicker: a canned response, whose text is put into the draft, or a macro, whose steps are carried out together. Those of the account and of groups are told to all agents, and used by
/// those of the group; those of a person to that person.
/// </summary>
public sealed record ShortcutState
{
    /// <summary>Whose it is.</summary>
    public required ShortcutScope Scope { get; init; }

    /// <summary>The group or the person; absent for the account's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? OwnerId { get; init; }

    /// <summary>What it is found by: 1 … 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Of a canned response: its text, 1 byte … <see cref="Sync.SyncLimits.MaxContentBytes"/> in UTF-8.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>Of a macro: what it does, in this order, all or nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<MacroStep>? Steps { get; init; }
}

/// <summary>Whose a shortcut is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ShortcutScope>))]
public enum ShortcutScope
{
    /// <summary>Every agent's.</summary>
    [JsonStringEnumMemberName("account")] Account = 0,

    /// <summary>The agents' of a group, and of who runs it.</summary>
    [JsonStringEnumMemberName("group")] Group,

    /// <summary>One person's.</summary>
    [JsonStringEnumMemberName("person")] Person,
}

/// <summary>A step of a macro: a message, or a control operation with what it needs.</summary>
public sealed record MacroStep
{
    /// <summary><see cref="ControlOperations.Post"/>, or one of <see cref="ControlOperations"/> that needs nobody's answer.</summary>
    public required string Operation { get; init; }

    /// <summary>The agent it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? AgentId { get; init; }

    /// <summary>The group it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? GroupId { get; init; }

    /// <summary>The queue it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? QueueId { get; init; }

    /// <summary>The message, or a note for whoever gets a transfer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>Whether the message is for the customer or a note.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Lane Lane { get; init; }

    /// <summary>The priority to set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Priority? Priority { get; init; }

    /// <summary>All labels it is to have.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>For how many minutes to put it off; absent: until the customer writes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SnoozeMinutes { get; init; }

    /// <summary>How the conversation ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Disposition { get; init; }
}
