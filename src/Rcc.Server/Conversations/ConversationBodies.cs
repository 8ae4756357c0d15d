using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Server.Access;

namespace Rcc.Server.Conversations;

/// <summary>A conversation.</summary>
/// <param name="Id">The conversation (OMA CPM Conversation-ID).</param>
/// <param name="DisplayId">The number people use, unique in the account.</param>
/// <param name="InboxId">The inbox it came in by.</param>
/// <param name="ContactId">The customer.</param>
/// <param name="ContactName">The customer's name; null while anonymous.</param>
/// <param name="Status">Open or resolved.</param>
/// <param name="AssigneeId">The agent it is assigned to; null while it waits.</param>
/// <param name="OnHold">The contact is on hold.</param>
/// <param name="CreatedAt">When it was opened (UTC).</param>
internal sealed record Conversation(
    Guid Id, long DisplayId, Guid InboxId, Guid ContactId, string? ContactName, Status Status, Guid? AssigneeId, bool OnHold, DateTimeOffset CreatedAt)
{
    public static Conversation Of(ConversationListing conversation) => new(
        conversation.Id,
        conversation.State.DisplayId,
        conversation.State.InboxId,
        conversation.State.ContactId,
        conversation.State.ContactName,
        conversation.State.Status.ToStatus(),
        conversation.State.AssigneeId,
        conversation.State.OnHold,
        conversation.State.OpenedAt);
}

/// <summary>Which conversations to list.</summary>
/// <param name="Status">Only in this status.</param>
/// <param name="AssigneeId">Only assigned to this agent.</param>
/// <param name="Unassigned">Only open ones that no agent has.</param>
/// <param name="InboxId">Only of this inbox.</param>
/// <param name="ContactId">Only of this contact.</param>
/// <param name="TeamId">Only those that agents of this team have, or had when they were resolved.</param>
/// <param name="Mentioned">Only those in which a private message mentions the caller.</param>
/// <param name="Label">Only with this label.</param>
/// <param name="AttributeKey">Only with this attribute of the account's own.</param>
/// <param name="AttributeValue">With this value: a text as it is, a number or true and false as JSON has them.</param>
/// <param name="Cursor">Where the page begins: <c>next_cursor</c> of the page before.</param>
/// <param name="Limit">How many; the default is 25.</param>
internal readonly record struct ConversationParameters(
    [property: FromQuery(Name = "status"), Description("open: not resolved, put off or not; snoozed: open, and put off, for agents and access tokens; resolved.")] Word<StatusFilter>? Status,
    [property: FromQuery(Name = "assignee_id")] Guid? AssigneeId,
    [property: FromQuery(Name = "unassigned")] bool? Unassigned,
    [property: FromQuery(Name = "inbox_id")] Guid? InboxId,
    [property: FromQuery(Name = "contact_id")] Guid? ContactId,
    [property: FromQuery(Name = "team_id"), Description("Those that agents of this team have, or had when they were resolved; for who supervises it.")] Guid? TeamId,
    [property: FromQuery(Name = "mentioned")] bool? Mentioned,
    [property: FromQuery(Name = "label")] string? Label,
    [property: FromQuery(Name = "attribute_key")] string? AttributeKey,
    [property: FromQuery(Name = "attribute_value")] string? AttributeValue,
    [property: FromQuery(Name = "cursor")] string? Cursor,
    [property: FromQuery(Name = "limit")] int? Limit);

/// <summary>What an agent's desk counts.</summary>
/// <param name="MineCount">Open conversations assigned to the caller.</param>
/// <param name="UnreadCount">Open conversations the caller takes part in, with messages it has not read.</param>
/// <param name="UnassignedCount">Conversations that no agent has.</param>
/// <param name="Queues">The same by queue; one in which nothing waits is left out.</param>
/// <param name="Agents">Agents by availability; one that nobody has is left out.</param>
internal sealed record ConversationCounts(int MineCount, int UnreadCount, int UnassignedCount, IReadOnlyList<QueueCount> Queues, IReadOnlyList<AgentCount> Agents)
{
    public static ConversationCounts Of(DeskNumbers numbers) => new(
        numbers.Mine,
        numbers.Unread,
        numbers.Waiting.Values.Sum(),
        [.. numbers.Waiting.OrderBy(queue => queue.Key).Select(queue => new QueueCount(queue.Key, queue.Value))],
        [.. numbers.Agents.OrderBy(agents => agents.Key).Select(agents => new AgentCount(agents.Key.ToAvailabilityStatus(), agents.Value))]);
}

/// <summary>How many conversations wait in a queue.</summary>
internal sealed record QueueCount(Guid QueueId, int WaitingCount);

/// <summary>How many agents say so of themselves.</summary>
internal sealed record AgentCount(AvailabilityStatus Availability, int Count);

/// <summary>Whether the caller types.</summary>
/// <param name="TypingStatus">On or off.</param>
/// <param name="Private">It is to be a private message: agents alone are told.</param>
internal sealed record NewTypingStatus(TypingStatus TypingStatus, bool Private = false);

/// <summary>A conversation to open.</summary>
/// <param name="Id">A new UUID (version 7 or 4) made by the client; absent: the server makes one.</param>
/// <param name="InboxId">The inbox. A contact leaves it out: its session belongs to one.</param>
/// <param name="ContactId">The customer. A contact leaves it out.</param>
/// <param name="Unassigned">It waits in the inbox's queue instead of being the agent's who opens it.</param>
/// <param name="DepartmentId">One of the inbox's departments; absent: it waits where the inbox says.</param>
internal sealed record NewConversation(Guid? Id = null, Guid? InboxId = null, Guid? ContactId = null, bool Unassigned = false, Guid? DepartmentId = null);

/// <summary>Whom to assign to.</summary>
/// <param name="AssigneeId">The agent; null or absent: nobody, it waits.</param>
internal sealed record Assignment(Guid? AssigneeId = null);

/// <summary>The status a conversation is to have.</summary>
/// <param name="Status">Open or resolved.</param>
/// <param name="Disposition">With resolved: how it ended, one of its inbox's or queue's dispositions.</param>
internal sealed record NewStatus(Status Status, string? Disposition = null);

/// <summary>Up to where the caller has seen a conversation.</summary>
/// <param name="Seq">The seq of the newest message seen.</param>
/// <param name="Private">Of the private messages.</param>
internal sealed record LastSeen(long Seq, bool Private = false);

/// <summary>One thing to do to many conversations.</summary>
/// <param name="ConversationIds">1 … 100, each once.</param>
/// <param name="Action">What is done: anything a macro may do but post.</param>
/// <param name="MacroId">Or the macro that is carried out.</param>
internal sealed record BulkAction(IReadOnlyList<Guid> ConversationIds, MacroAction? Action = null, Guid? MacroId = null);

/// <summary>What became of each.</summary>
/// <param name="Data">In the order asked.</param>
internal sealed record BulkOutcome(IReadOnlyList<BulkResult> Data)
{
    public static BulkOutcome Of(ControlledConversations done) => new(
        [.. done.Results.Select(one => new BulkResult(one.ConversationId, Refusals.WireName(one.Outcome.Code), one.Outcome.Detail))]);
}

/// <summary>What became of one of many.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Code"><c>ok</c>, or the code of a problem.</param>
/// <param name="Detail">What exactly was wrong.</param>
internal sealed record BulkResult(Guid ConversationId, string Code, string? Detail);
