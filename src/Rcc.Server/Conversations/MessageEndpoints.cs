using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Conversations;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Conversations;

/// <summary>The messages of a conversation.</summary>
internal static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder conversation)
    {
        var messages = conversation.MapGroup("/messages").WithTags("messages");
        messages.MapGet("", ListAsync).WithName("listMessages")
            .WithSummary("A page of messages, oldest first; without a cursor the newest. next_cursor leads to older ones.");
        messages.MapPost("", CreateAsync).WithName("createMessage").WithMetadata(new RefusedCommands.Unrecorded())
            .WithSummary("Posts a message. A repetition with the same Idempotency-Key (or, without one, the same echo_id) gets the first answer.");
    }

    static async Task<Results<Ok<Page<Message>>, Refusal>> ListAsync(
        SignedIn caller,
        ConversationDoor door,
        [FromRoute(Name = "conversation_id")] Guid conversationId,
        [FromQuery(Name = "private")] bool? isPrivate,
        [AsParameters] PageParameters page,
        CancellationToken cancellationToken)
    {
        if (!Cursor.TryRead(page.Cursor, out var before)) return new Refusal(Cursor.Refusal);
        var request = new LoadMessages { ConversationId = conversationId, Lane = Vocabulary.ToLane(isPrivate ?? false), Before = before, Limit = page.Limit };
        var found = await door.LoadMessagesAsync(caller, request, cancellationToken);
        if (!found.Outcome.IsOk) return new Refusal(found.Outcome);

        // Seq begins at 1 and has no holes: whether there are older ones needs no asking.
        var hasOlder = found.Messages is [{ Seq: > 1 }, ..];
        return TypedResults.Ok(new Page<Message>([.. found.Messages.Select(Message.Of)], hasOlder ? Cursor.Of(found.Messages[0].Seq) : null));
    }

    static async Task<Results<Created<PostedMessage>, Refusal>> CreateAsync(
        [AsParameters] CommandTo<ConversationDoor> to, [FromRoute(Name = "conversation_id")] Guid conversationId, NewMessage body)
    {
        var post = new PostMessage
        {
            Number = ConversationEndpoints.Unnumbered,
            ConversationId = conversationId,
            Lane = Vocabulary.ToLane(body.Private),
            Content = body.Content,
            ContentType = body.ContentType,
            Mentions = body.Mentions,
        };
        var outcome = await to.Door.PostAsync(to.Caller, post, Attempt.Keyed(to.IdempotencyKey ?? body.EchoId), to.CancellationToken);
        return outcome.ToCreated(o => new PostedMessage(
            o.MessageId ?? throw new InvalidOperationException("The door posted a message and did not name it."), conversationId, o.Seq ?? 0, o.At, body.EchoId));
    }
}

/// <summary>A message. It never changes.</summary>
/// <param name="Id">The message (<c>imdn.Message-ID</c>, RFC 5438 §6.3).</param>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Seq">Its place among the conversation's public, or private, messages: 1, 2, 3 … without holes.</param>
/// <param name="MessageType">From the customer (incoming), from the account (outgoing), or from the system (activity).</param>
/// <param name="Private">Agents only.</param>
/// <param name="Sender">Who wrote it.</param>
/// <param name="ContentType">MIME type of the content.</param>
/// <param name="Content">The text.</param>
/// <param name="CreatedAt">When it was committed (UTC).</param>
internal sealed record Message(
    Guid Id, Guid ConversationId, long Seq, MessageType MessageType, bool Private, Sender Sender, string ContentType, string Content, DateTimeOffset CreatedAt)
{
    public static Message Of(MessageItem message) => new(
        message.MessageId,
        message.ConversationId,
        message.Seq,
        message.Role.ToMessageType(),
        message.Lane == Lane.Notes,
        new(message.PersonId, message.Role.ToPersonType()),
        message.ContentType,
        message.Content,
        message.At);
}

/// <summary>Who wrote a message.</summary>
internal sealed record Sender(Guid Id, PersonType Type);

/// <summary>A message to post.</summary>
/// <param name="Content">The text.</param>
/// <param name="Private">Agents only.</param>
/// <param name="ContentType">MIME type; absent: <c>text/plain</c>.</param>
/// <param name="EchoId">Made by the client and given back; the idempotency key when there is no such header.</param>
/// <param name="Mentions">Agents whom a private message mentions: they are told, and take part from now on.</param>
internal sealed record NewMessage(string Content, bool Private = false, string? ContentType = null, string? EchoId = null, IReadOnlyList<Guid>? Mentions = null);

/// <summary>What became of a posted message.</summary>
/// <param name="Id">The message.</param>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Seq">Its place.</param>
/// <param name="CreatedAt">When it was committed (UTC).</param>
/// <param name="EchoId">As given.</param>
internal sealed record PostedMessage(Guid Id, Guid ConversationId, long Seq, DateTimeOffset? CreatedAt, string? EchoId);
