using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// Carries out several operations as one. Each is decided on the state the one before it left; what is committed is the difference between the first state and the last, and everything that was said. Pure.
/// </summary>
public static class Macro
{
    /// <summary>The number of a command that no device has numbered: it is known by its request's key, if at all.</summary>
    internal const long Unnumbered = 1;

    /// <summary>The operations a macro may have besides <see cref="ControlOperations.Post"/>: those whose outcome is known at once.</summary>
    public static bool MayHave(string operation) => operation is ControlOperations.Post
        or ControlOperations.Hold or ControlOperations.Resume or ControlOperations.Transfer
        or ControlOperations.AddParticipant or ControlOperations.RemoveParticipant
        or ControlOperations.Snooze or ControlOperations.Unsnooze or ControlOperations.SetPriority or ControlOperations.Tag
        or ControlOperations.Resolve or ControlOperations.Assign;

    /// <summary>A step as an operation that is carried out now.</summary>
    public static Control ToControl(MacroStep step, Guid messageId, DateTimeOffset at) => Control.Of(ToCommand(step, Guid.Empty, at), messageId);

    /// <summary>A step as a command that is given now.</summary>
    public static ControlConversation ToCommand(MacroStep step, Guid conversation, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new()
        {
            Number = Unnumbered,
            ConversationId = conversation,
            Operation = step.Operation,
            AgentId = step.AgentId,
            GroupId = step.GroupId,
            QueueId = step.QueueId,
            Text = step.Text,
            Priority = step.Priority,
            Labels = step.Labels,
            Until = step.SnoozeMinutes is { } minutes ? at.AddMinutes(minutes) : null,
            Disposition = step.Disposition,
        };
    }

    /// <summary>A refusal as that of the whole: it says which step it was.</summary>
    public static Answer Refused(int step, MacroStep of, Answer refusal)
    {
        ArgumentNullException.ThrowIfNull(of);
        ArgumentNullException.ThrowIfNull(refusal);
        return Answer.Refused(refusal.Code, $"Step {step} ({of.Operation}): {refusal.Detail}");
    }

    /// <summary>All steps as one change.</summary>
    public static Decision<ConversationSnapshot> Combine(TenantId tenant, ConversationSnapshot before, IReadOnlyList<Decision<ConversationSnapshot>> steps)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(steps);
        var last = steps.Count == 0 ? before : steps[^1].Next!;
        var changes = steps.Select(step => step.Change!).ToList();
        return Conversation.Change(
            tenant,
            before,
            last with
            {
                Revision = before.Revision,
                HandlingRevision = before.HandlingRevision,
                WaitingRevision = before.WaitingRevision,

                // Who leaves in one step and comes back in another has never been gone.
                Personal = before.Personal,
            },
            change => change with
            {
                Messages = [.. changes.SelectMany(one => one.Messages)],
                Fences = change.Fences.AddRange(changes.SelectMany(one => one.Fences).Where(fence => fence.Key.Kind is ItemKind.Agent or ItemKind.Group or ItemKind.Queue).Distinct()),

                // Only who has it in the end, and had it not before, takes a place.
                Claims = [.. changes.SelectMany(one => one.Claims).Where(claim => Loads(last, claim.AgentId) && !Loads(before, claim.AgentId)).DistinctBy(claim => claim.AgentId)],
            });
    }

    static bool Loads(ConversationSnapshot state, Guid agent) =>
        state.ReservedFor == agent || (state.State.Status == ConversationStatus.Open && state.State.AssigneeId == agent);
}
