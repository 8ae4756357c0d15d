using Microsoft.AspNetCore.SignalR;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Bench.BareHub;

/// <summary>The hub of the practical limit: whoever joins a conversation gets what is posted in it. No authorisation, no order, no idempotency.</summary>
sealed class PostHub(IPostLog log) : Hub
{
    const string PersonKey = "person";

    public async Task<Outcome> Join(Guid person, IReadOnlyList<Guid> conversations)
    {
        Context.Items[PersonKey] = person;
        foreach (var conversation in conversations)
        {
            await Groups.AddToGroupAsync(Context.ConnectionId, conversation.ToString("D"));
        }

        return Outcome.Done;
    }

    public Task<Outcome> PostMessage(PostMessage command) => log.PostAsync(new Posted(Context.ConnectionId, (Guid)Context.Items[PersonKey]!, command));
}

/// <summary>A message on its way.</summary>
sealed record Posted(string Connection, Guid Person, PostMessage Command)
{
    public TaskCompletionSource<Outcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What a posted message goes through.</summary>
interface IPostLog
{
    Task<Outcome> PostAsync(Posted posted);
}

/// <summary>Tells the others: one push in the product's shape.</summary>
sealed class FanOut(IHubContext<PostHub> hub)
{
    public Task PushAsync(Posted posted, long seq, DateTimeOffset at)
    {
        var command = posted.Command;
        var message = new MessageItem
        {
            ConversationId = command.ConversationId,
            Lane = Lane.Public,
            Seq = seq,
            MessageId = command.MessageId!.Value,
            PersonId = posted.Person,
            Role = Role.Customer,
            At = at,
            ContentType = "text/plain",
            Content = command.Content,
        };
        var batch = new PushBatch { Items = [new SyncItem { Kind = ItemKinds.Message, Message = message }] };
        return hub.Clients.GroupExcept(command.ConversationId.ToString("D"), [posted.Connection]).SendAsync("push", batch);
    }

    public static Outcome Acknowledge(Posted posted, long seq, DateTimeOffset at) => new()
    {
        Code = ErrorCode.Ok,
        ConversationId = posted.Command.ConversationId,
        MessageId = posted.Command.MessageId,
        Seq = seq,
        At = at,
    };
}

/// <summary>Fan-out alone: nothing is stored.</summary>
sealed class NoStore(FanOut fanOut) : IPostLog
{
    long seq;

    public async Task<Outcome> PostAsync(Posted posted)
    {
        var (seq, at) = (Interlocked.Increment(ref this.seq), DateTimeOffset.UtcNow);
        await fanOut.PushAsync(posted, seq, at);
        return FanOut.Acknowledge(posted, seq, at);
    }
}
