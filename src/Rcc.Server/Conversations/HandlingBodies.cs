using System.Text.Json;
using Rcc.Contracts.Conversations;

namespace Rcc.Server.Conversations;

/// <summary>How a conversation is handled: what its contact never sees.</summary>
/// <param name="QueueId">The queue it waits in or came through; the account's own id is the queue every account has.</param>
/// <param name="Participants">The agents who take part, in the order they joined.</param>
/// <param name="Offer">The agent it is offered to.</param>
/// <param name="Hold">Who holds it; null while it is not on hold.</param>
/// <param name="Transfer">The transfer under way, or how the last one ended.</param>
/// <param name="Labels">Titles of labels.</param>
/// <param name="CustomAttributes">Values of the account's own attributes.</param>
/// <param name="Snooze">It is put off; null while it is not.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Disposition">How it ended; null while it is open.</param>
internal sealed record Handling(
    Guid QueueId,
    IReadOnlyList<Participant> Participants,
    StandingOffer? Offer,
    StandingHold? Hold,
    StandingTransfer? Transfer,
    StandingSnooze? Snooze,
    PriorityLevel Priority,
    string? Disposition,
    IReadOnlyList<string> Labels,
    IReadOnlyDictionary<string, JsonElement> CustomAttributes)
{
    public static Handling Of(HandlingState state) => new(
        state.QueueId,
        [.. state.Agents.Select(one => new Participant(one.AgentId, one.Part.ToParticipantPart()))],
        state.Offer is { } offer ? new(offer.AgentId, offer.At, offer.ExpiresAt, offer.FromId) : null,
        state.Hold is { } hold ? new(hold.AgentId, hold.DeviceId, hold.Since) : null,
        state.Transfer is { } transfer ? StandingTransfer.Of(transfer) : null,
        state.Snooze is { } snooze ? new(snooze.ById, snooze.Since, snooze.Until) : null,
        state.Priority.ToPriorityLevel(),
        state.Disposition,
        state.Labels,
        state.CustomAttributes);
}

/// <summary>A conversation that is put off.</summary>
/// <param name="ById">Who put it off.</param>
/// <param name="CreatedAt">Since when (UTC).</param>
/// <param name="Until">When it comes back (UTC); null: when its contact writes.</param>
internal sealed record StandingSnooze(Guid ById, DateTimeOffset CreatedAt, DateTimeOffset? Until);

/// <summary>Until when to put a conversation off.</summary>
/// <param name="Until">When it comes back; absent: when its contact writes, which brings it back anyway.</param>
internal sealed record NewSnooze(DateTimeOffset? Until = null);

/// <summary>How urgent a conversation is to be.</summary>
internal sealed record NewPriority(PriorityLevel Priority);

/// <summary>An agent who takes part.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="Part">Serves, reads and writes along, is consulted, monitors, reads private messages only so far, or had it before and reads on; of the last four the contact sees nothing.</param>
internal sealed record Participant(Guid AgentId, ParticipantPart Part);

/// <summary>The agent a conversation is offered to.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="CreatedAt">Since when (UTC).</param>
/// <param name="ExpiresAt">When it is recalled (UTC).</param>
/// <param name="FromId">The agent who transfers it; null for one from a queue.</param>
internal sealed record StandingOffer(Guid AgentId, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, Guid? FromId);

/// <summary>A hold.</summary>
/// <param name="AgentId">Who put it on hold.</param>
/// <param name="DeviceId">On which device.</param>
/// <param name="CreatedAt">Since when (UTC).</param>
internal sealed record StandingHold(Guid AgentId, Guid DeviceId, DateTimeOffset CreatedAt);

/// <summary>A transfer.</summary>
/// <param name="Attended">Whoever accepts is consulted first.</param>
/// <param name="FromId">The agent who had it when the transfer began.</param>
/// <param name="ById">Who asked for it.</param>
/// <param name="AgentId">The agent it is to go to.</param>
/// <param name="TeamId">The team to one of whose agents it is to go.</param>
/// <param name="QueueId">The queue it is to go to.</param>
/// <param name="ConsultantId">The agent who is being consulted.</param>
/// <param name="PassedIds">Agents who did not take it.</param>
/// <param name="Outcome">How it ended; null while it is under way.</param>
/// <param name="CreatedAt">Since when (UTC).</param>
/// <param name="Until">When it fails unless somebody has accepted it by then (UTC).</param>
internal sealed record StandingTransfer(
    bool Attended,
    Guid FromId,
    Guid ById,
    Guid? AgentId,
    Guid? TeamId,
    Guid? QueueId,
    Guid? ConsultantId,
    IReadOnlyList<Guid> PassedIds,
    TransferEnd? Outcome,
    DateTimeOffset CreatedAt,
    DateTimeOffset Until)
{
    public static StandingTransfer Of(Transfer transfer) => new(
        transfer.Kind == TransferKind.Attended,
        transfer.FromId,
        transfer.ById,
        transfer.AgentId,
        transfer.GroupId,
        transfer.QueueId,
        transfer.ConsultantId,
        transfer.Passed,
        transfer.Outcome?.ToTransferEnd(),
        transfer.At,
        transfer.Until);
}

/// <summary>Where a conversation is to be transferred to: one of the three.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="TeamId">The team: one of its agents who is available.</param>
/// <param name="QueueId">The queue; the account's own id is the queue every account has.</param>
/// <param name="Note">A private message for whoever gets it.</param>
internal sealed record TransferTarget(Guid? AgentId = null, Guid? TeamId = null, Guid? QueueId = null, string? Note = null);

/// <summary>An agent who is to take part.</summary>
internal sealed record NewParticipant(Guid AgentId);

/// <summary>What a supervisor says to the agent who has the conversation.</summary>
internal sealed record NewWhisper(string Content);

/// <summary>What a supervisor has said to the agent who has the conversation.</summary>
/// <param name="Id">Its id, the same at both.</param>
/// <param name="FromId">The supervisor.</param>
/// <param name="ToId">The agent.</param>
/// <param name="CreatedAt">When (UTC).</param>
/// <param name="Content">What was said.</param>
internal sealed record WhisperedMessage(Guid Id, Guid FromId, Guid ToId, DateTimeOffset CreatedAt, string Content)
{
    public static WhisperedMessage Of(Whisper whisper) => new(whisper.Id, whisper.FromId, whisper.ToId, whisper.At, whisper.Text);
}

/// <summary>All labels a conversation is to have.</summary>
internal sealed record LabelsOfConversation(IReadOnlyList<string> Labels);

/// <summary>Attributes of a conversation to set; null takes one away.</summary>
internal sealed record AttributesOfConversation(IReadOnlyDictionary<string, JsonElement> CustomAttributes);
