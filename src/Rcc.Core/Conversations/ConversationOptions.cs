using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Conversations;

/// <summary>The limits of conversations. Checked at start.</summary>
public sealed class ConversationOptions
{
    /// <summary>The hard cap of <see cref="MaxContentBytes"/>: larger content belongs into media.</summary>
    public const int ContentBytesCap = 1_048_576;

    /// <summary>Bytes of a message's content, UTF-8. Every participant's devices get all of it.</summary>
    [Range(1, ContentBytesCap)]
    public int MaxContentBytes { get; set; } = 32_768;

    /// <summary>Bytes of a draft, UTF-8.</summary>
    [Range(1, ContentBytesCap)]
    public int MaxDraftBytes { get; set; } = 32_768;

    /// <summary>Open conversations of one customer. More are refused until some are resolved.</summary>
    [Range(1, 10_000)]
    public int MaxOpenPerContact { get; set; } = 20;

    /// <summary>Agents who take part in one conversation. Each reads everything in it.</summary>
    [Range(1, 1_000)]
    public int MaxAgents { get; set; } = 50;

    /// <summary>Agents who read on what they had before it was transferred, where the account lets them; who had it longest ago gives way. Default 10.</summary>
    [Range(1, 1_000)]
    public int MaxFormers { get; set; } = 10;

    /// <summary>How far ahead a conversation may be put off. Default 366 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3660.00:00:00")]
    public TimeSpan MaxSnooze { get; set; } = TimeSpan.FromDays(366);

    /// <summary>Dispositions of an inbox or queue. Default 100.</summary>
    [Range(1, 1_000)]
    public int MaxDispositions { get; set; } = 100;

    /// <summary>Canned responses, and as many macros, of the account and its groups together; and of each person. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxShortcuts { get; set; } = 1_000;

    /// <summary>Steps of a macro. Default 20.</summary>
    [Range(1, 100)]
    public int MaxMacroSteps { get; set; } = 20;

    /// <summary>Conversations that one request acts on. Default 100.</summary>
    [Range(1, 1_000)]
    public int MaxBulk { get; set; } = 100;

    /// <summary>Agents whom one note mentions. Default 20.</summary>
    [Range(1, 1_000)]
    public int MaxMentions { get; set; } = 20;

    /// <summary>Whispers kept for a person in a conversation: the newest. Default 50.</summary>
    [Range(1, 1_000)]
    public int MaxWhispers { get; set; } = 50;

    /// <summary>Bytes of a whisper, UTF-8. Default 2,000.</summary>
    [Range(1, 65_536)]
    public int MaxWhisperBytes { get; set; } = 2_000;

    /// <summary>How long an agent has to accept a transfer. Default 45 s: then the next of the group or queue is asked, and after the last the conversation stays where it is.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan TransferAnswerWithin { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a transfer looks for somebody who takes it. Default 5 min: then nobody else is asked, and what waits in a queue goes back to who transferred it. A queue may say otherwise.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan TransferTakenWithin { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Agents of a group or queue who are looked at for a transfer, the least busy first. Default 50.</summary>
    [Range(1, 1_000)]
    public int MaxTransferTargets { get; set; } = 50;
}
