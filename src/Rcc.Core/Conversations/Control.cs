using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>A control operation; its shape was checked at the door.</summary>
[GenerateSerializer, Immutable, Alias("rcc.conversations.Control")]
public sealed record Control
{
    /// <summary>One of <see cref="ControlOperations"/>.</summary>
    [Id(0)] public required string Operation { get; init; }
}

/// <summary>The rules of the control operations. Pure.</summary>
public static class ConversationControl
{
    /// <summary>The operations there are.</summary>
    public static bool IsKnown(string operation) => operation is ControlOperations.AcceptOffer or ControlOperations.DeclineOffer;

    public static Decision<ConversationSnapshot> Decide(TenantId tenant, ConversationSnapshot? now, Caller caller, Control control, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(control);
        return control.Operation switch
        {
            ControlOperations.AcceptOffer => Conversation.Accept(tenant, now, caller, at),
            ControlOperations.DeclineOffer => Conversation.Decline(tenant, now, caller),
            _ => throw new ArgumentException($"{control.Operation} is no control operation.", nameof(control)),
        };
    }
}
