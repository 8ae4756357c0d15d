using System.Collections.Immutable;
using System.Text;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>A control operation; its shape was checked at the door.</summary>
[GenerateSerializer, Immutable, Alias("rcc.conversations.Control")]
public sealed record Control
{
    /// <summary>One of <see cref="ControlOperations"/>.</summary>
    [Id(0)] public required string Operation { get; init; }

    [Id(1)] public Guid? AgentId { get; init; }

    [Id(2)] public Guid? GroupId { get; init; }

    [Id(3)] public Guid? QueueId { get; init; }

    /// <summary>A text for colleagues, UTF-8; empty: none.</summary>
    [Id(4)] public ImmutableArray<byte> Text { get; init; } = [];

    /// <summary>The id of the message the text becomes.</summary>
    [Id(5)] public Guid MessageId { get; init; }

    /// <summary>All labels it is to have; null: as before.</summary>
    [Id(6)] public ImmutableArray<string>? Labels { get; init; }

    [Id(7)] public ImmutableArray<AttributeText> CustomAttributes { get; init; } = [];

    [Id(8)] public DateTimeOffset? Until { get; init; }

    [Id(9)] public Priority? Priority { get; init; }

    [Id(10)] public string? Disposition { get; init; }

    [Id(11)] public Guid? MacroId { get; init; }

    /// <summary>What a command asks for.</summary>
    public static Control Of(ControlConversation command, Guid messageId)
    {
        ArgumentNullException.ThrowIfNull(command);
        return new()
        {
            Operation = command.Operation,
            AgentId = command.AgentId,
            GroupId = command.GroupId,
            QueueId = command.QueueId,
            Text = command.Text is { } text ? ImmutableArray.Create(Encoding.UTF8.GetBytes(text)) : [],
            MessageId = messageId,
            Labels = command.Labels is { } labels ? [.. labels] : null,
            CustomAttributes = command.CustomAttributes is { } attributes ? [.. attributes.Select(value => new AttributeText(value.Key, value.Value.GetRawText()))] : [],
            Until = command.Until,
            Priority = command.Priority,
            Disposition = command.Disposition,
            MacroId = command.MacroId,
        };
    }

    /// <summary>Where a transfer goes.</summary>
    internal TransferTo To(TransferKind kind) => new(kind, AgentId, GroupId, QueueId);
}

/// <summary>What the rules of an operation ask of the world; what the operation has no use for is absent.</summary>
/// <param name="At">Now.</param>
/// <param name="Agent">The agent it is about.</param>
/// <param name="Targets">Who may get a transfer.</param>
/// <param name="Heard">What was whispered to that agent.</param>
/// <param name="Said">What the caller has of whispers.</param>
/// <param name="Tags">Which labels and attributes there are.</param>
public sealed record ControlFacts(
    DateTimeOffset At, ConversationAgent? Agent, Targets? Targets, WhispersState? Heard = null, WhispersState? Said = null,
    TagRules? Tags = null)
{
    /// <summary>What the agent who answers an offer has left unanswered before.</summary>
    public MissedOffers? Missed { get; init; }

    /// <summary>How many who had the conversation before it is transferred may read on.</summary>
    public int Formers { get; init; }

    /// <summary>The queue that the caller takes the conversation from.</summary>
    public QueueState? Queue { get; init; }

    /// <summary>How the conversation ends.</summary>
    public Closing Closing { get; init; }

    /// <summary>The session that begins if it is reopened.</summary>
    public Session Session { get; init; }
}

/// <summary>The rules of the control operations. Pure.</summary>
public static class ConversationControl
{
    /// <summary>The operations there are.</summary>
    public static bool IsKnown(string operation) => operation is
        ControlOperations.AcceptOffer or ControlOperations.DeclineOffer
        or ControlOperations.Hold or ControlOperations.Resume
        or ControlOperations.Transfer or ControlOperations.Consult or ControlOperations.CompleteTransfer or ControlOperations.CancelTransfer
        or ControlOperations.AddParticipant or ControlOperations.RemoveParticipant
        or ControlOperations.Monitor or ControlOperations.Whisper or ControlOperations.Barge or ControlOperations.TakeOver
        or ControlOperations.Tag
        or ControlOperations.Snooze or ControlOperations.Unsnooze or ControlOperations.SetPriority
        or ControlOperations.Resolve or ControlOperations.Reopen or ControlOperations.Assign
        or ControlOperations.ExecuteMacro;

    public static Decision<ConversationSnapshot> Decide(
        TenantId tenant, ConversationSnapshot? now, Standing caller, Control control, ControlFacts facts, ConversationOptions options)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(facts);
        return control.Operation switch
        {
            ControlOperations.AcceptOffer => Conversation.Accept(tenant, now, caller, facts.At, facts.Missed, facts.Formers),
            ControlOperations.Tag => Conversation.Tag(tenant, now, caller, control.Labels, control.CustomAttributes, facts.Tags ?? new(new(), 0)),
            ControlOperations.DeclineOffer => Conversation.Decline(tenant, now, caller, facts.At, facts.Targets, facts.Missed),
            ControlOperations.Hold => Conversation.Hold(tenant, now, caller, facts.At),
            ControlOperations.Resume => Conversation.Resume(tenant, now, caller),
            ControlOperations.Transfer => WithNote(Conversation.Transfer(tenant, now, caller, control.To(TransferKind.Blind), facts.Targets, options, facts.Formers), caller, control),
            ControlOperations.Consult => WithNote(Conversation.Transfer(tenant, now, caller, control.To(TransferKind.Attended), facts.Targets, options), caller, control),
            ControlOperations.CompleteTransfer => Conversation.CompleteTransfer(tenant, now, caller, facts.Agent, facts.At, facts.Formers),
            ControlOperations.CancelTransfer => Conversation.CancelTransfer(tenant, now, caller, facts.Agent, facts.At),
            ControlOperations.AddParticipant => Conversation.AddParticipant(tenant, now, caller, facts.Agent, options),
            ControlOperations.RemoveParticipant => Conversation.RemoveParticipant(tenant, now, caller, control.AgentId ?? Guid.Empty),
            ControlOperations.Monitor => Conversation.Monitor(tenant, now, caller, options),
            ControlOperations.Barge => Conversation.Barge(tenant, now, caller, options),
            ControlOperations.TakeOver => Conversation.TakeOver(tenant, now, caller, facts.Agent, facts.At),
            ControlOperations.Whisper => Conversation.Whisper(
                tenant,
                now,
                caller,
                new(control.MessageId, caller.PersonId, now?.State.AssigneeId ?? Guid.Empty, facts.At, Encoding.UTF8.GetString(control.Text.AsSpan())),
                facts.Heard,
                facts.Said,
                options),
            ControlOperations.Snooze => Conversation.Snooze(tenant, now, caller, control.Until, facts.At, options),
            ControlOperations.Unsnooze => Conversation.Unsnooze(tenant, now, caller),
            ControlOperations.SetPriority => Conversation.SetPriority(tenant, now, caller, control.Priority ?? default),
            ControlOperations.Resolve => Conversation.Resolve(tenant, now, caller, facts.Closing),
            ControlOperations.Reopen => Conversation.Reopen(tenant, now, caller, facts.Session),
            ControlOperations.Assign => Conversation.Assign(tenant, now, caller, control.AgentId, facts.Agent, facts.At, facts.Queue),
            _ => throw new ArgumentException($"{control.Operation} is no control operation.", nameof(control)),
        };
    }

    /// <summary>What the caller says to whoever gets the conversation becomes a note of the same commit.</summary>
    static Decision<ConversationSnapshot> WithNote(Decision<ConversationSnapshot> decision, Standing caller, Control control)
    {
        if (decision.Next is not { } next || control.Text.IsEmpty)
        {
            return decision;
        }

        var seq = next.LastNotesSeq + 1;
        return Decision.Accept(next with { LastNotesSeq = seq }, decision.Change! with
        {
            Messages = [new(next.Id, Lane.Notes, seq, control.MessageId, caller.PersonId, caller.Role, "text/plain", control.Text)],
        });
    }
}
