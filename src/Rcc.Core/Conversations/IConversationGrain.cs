using System.Collections.Immutable;
using Rcc.Contracts.Conversations;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// One conversation, keyed by <see cref="TenantId.KeyOf"/>. Its rules are in <c>Conversation</c>. Every answer is a value; only <see cref="UnavailableException"/>,
/// <see cref="BusyException"/> and a time-out leave the outcome open, and are settled by repeating the command.
/// </summary>
[Alias("rcc.IConversationGrain")]
public interface IConversationGrain : IAssignable
{
    [Alias("Open")]
    Task<Answer> OpenAsync(Caller caller, CommandKey? command, Opening opening, CancellationToken cancellationToken);

    [Alias("Post")]
    Task<Answer> PostAsync(Caller caller, CommandKey? command, Post post, CancellationToken cancellationToken);

    [Alias("Resolve")]
    Task<Answer> ResolveAsync(Caller caller, CommandKey? command, string? disposition, CancellationToken cancellationToken);

    [Alias("Reopen")]
    Task<Answer> ReopenAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);

    /// <summary>Assigns to a named agent, or to nobody.</summary>
    [Alias("Assign")]
    Task<Answer> AssignAsync(Caller caller, CommandKey? command, Guid? agent, CancellationToken cancellationToken);

    /// <summary>Controls the communication.</summary>
    [Alias("Control")]
    Task<Answer> ControlAsync(Caller caller, CommandKey? command, Control control, CancellationToken cancellationToken);

    /// <summary>The customer was erased: its name is taken out.</summary>
    [Alias("ForgetContact")]
    Task<Answer> ForgetContactAsync(CancellationToken cancellationToken);

    [Alias("MarkRead")]
    Task<Answer> MarkReadAsync(Caller caller, CommandKey? command, Lane lane, long seq, CancellationToken cancellationToken);
}

/// <summary>What a customer, or an agent or application for it, opens a conversation with. Where it waits is its inbox's to say: <c>QueueId</c>, absent: the queue every tenant has; it holds while the inbox has <c>InboxRevision</c> and the record of the customer <c>ContactRevision</c>. What the caller does not know the grain looks up.</summary>
[GenerateSerializer, Immutable, Alias("rcc.conversations.Opening")]
public sealed record Opening(
    [property: Id(0)] Guid InboxId,
    [property: Id(1)] Guid ContactId,
    [property: Id(2)] string? ContactName = null,
    [property: Id(3)] Guid? QueueId = null,
    [property: Id(4)] int InboxRevision = 0,
    [property: Id(6)] int ContactRevision = 0)
{
    /// <summary>The agent who opens it for itself; null: it waits in its queue.</summary>
    [Id(5)] public Guid? AgentId { get; init; }

    /// <summary>What was chosen of what the inbox offers; null: nothing.</summary>
    [Id(7)] public Guid? DepartmentId { get; init; }
}

/// <summary>A message to append; its shape and limits were checked at the door.</summary>
[GenerateSerializer, Immutable, Alias("rcc.conversations.Post")]
public sealed record Post(
    [property: Id(0)] Guid MessageId,
    [property: Id(1)] Lane Lane,
    [property: Id(2)] string ContentType,
    [property: Id(3)] ImmutableArray<byte> Content)
{
    /// <summary>Agents whom a note mentions, each once.</summary>
    [Id(4)] public ImmutableArray<Guid> Mentions { get; init; } = [];
}
