using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Access;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Server.Access;

namespace Rcc.Server.Devices;

/// <summary>
/// The devices' hub. The connection was authenticated before it was accepted; a method checks that there is a body, asks a door or the connection's link, and hands its outcome back. Rules and limits are the doors'.
/// </summary>
internal sealed class DeviceHub(DeviceLinks links, DeviceProtocol protocol, ConversationDoor conversations, ControlDoor controls, QueueDoor queues, AgentDoor agents, ContextDoor context, ApiOverHub api, RefusalDoor refusals, Admission admission, IHostApplicationLifetime lifetime)
    : Hub, IDeviceHub
{
    public const string Path = "/hubs/v1/device";

    const string Conversation = "conversation";

    static readonly Outcome NoBody = Outcome.Refused(ErrorCode.Malformed, "The argument is null.");
    static readonly Outcome OutOfReach = Outcome.Refused(ErrorCode.Unavailable);
    static readonly Outcome NotSynchronized = Outcome.Refused(ErrorCode.Conflict, "Synchronize must be answered ok first.");

    Link Current => Context.Features.GetRequiredFeature<Link>();

    public override Task OnConnectedAsync()
    {
        var caller = Context.GetHttpContext()?.Features.Get<Caller>() ?? throw new InvalidOperationException("The connection was not authenticated.");
        var port = Context.Features.GetRequiredFeature<HubPort>();
        Context.Features.Set(new Link(caller, port, links.Connect(caller, port)));

        // Whoever comes while the server stops comes after all connections were closed: nobody else would close this one, and the server would wait for it.
        if (lifetime.ApplicationStopping.IsCancellationRequested) Context.Abort();
        return Task.CompletedTask;
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Features.Get<Link>() is { } link) await link.DisposeAsync();
    }

    public async Task<SyncAnswer> Synchronize(SyncRequest request)
    {
        if (request is null) return new() { Outcome = NoBody };
        if (admission.Count(Current.Caller) is { } tooMany) return new() { Outcome = tooMany };
        try
        {
            return await Current.SynchronizeAsync(request, protocol, Context.ConnectionAborted);
        }
        catch (UnavailableException)
        {
            return new() { Outcome = OutOfReach };
        }
    }

    public Task<Outcome> Confirm(Confirmation confirmation) => Task.FromResult(Refuse(confirmation) ?? Current.Device.Confirm(confirmation));

    public Task<Outcome> SetActivity(DeviceActivity activity) => Task.FromResult(Refuse(activity) ?? Current.Device.SetActivity(activity));

    public async Task<Outcome> SetTyping(Typing typing)
    {
        if (Refuse(typing) is { } refusal) return refusal;
        try
        {
            return await Current.Device.SetTypingAsync(typing, Context.ConnectionAborted);
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            return OutOfReach;
        }
    }

    public Task<Outcome> OpenConversation(OpenConversation command) => CarryOutAsync(command, conversations.OpenAsync);

    public Task<Outcome> PostMessage(PostMessage command) => CarryOutAsync(command, conversations.PostAsync);

    public Task<Outcome> ResolveConversation(ResolveConversation command) => RecordedAsync("setConversationStatus", Conversation, command?.ConversationId, CarryOutAsync(command!, conversations.ResolveAsync));

    public Task<Outcome> ReopenConversation(ReopenConversation command) => RecordedAsync("setConversationStatus", Conversation, command?.ConversationId, CarryOutAsync(command!, conversations.ReopenAsync));

    public Task<Outcome> AssignConversation(AssignConversation command) => RecordedAsync("assignConversation", Conversation, command?.ConversationId, CarryOutAsync(command!, conversations.AssignAsync));

    public Task<Outcome> ControlConversation(ControlConversation command) => RecordedAsync(command?.Operation, Conversation, command?.ConversationId, CarryOutAsync(command!, controls.ControlAsync));

    public async Task<ControlledConversations> ControlConversations(ControlConversations command) => Refuse(command) is { } refusal
        ? new() { Outcome = refusal }
        : await refusals.RecordAsync(Current.Caller, controls.ControlManyAsync(Current.Caller, command, Attempt.Numbered, CancellationToken.None));

    public Task<Outcome> MarkRead(MarkRead command) => CarryOutAsync(command, conversations.MarkReadAsync);

    public Task<Outcome> SetDraft(SetDraft command) => CarryOutAsync(command, agents.SetDraftAsync);

    public Task<Outcome> SetOpenConversation(SetOpenConversation command) => CarryOutAsync(command, agents.SetOpenConversationAsync);

    public Task<Outcome> SetAvailability(SetAvailability command) => CarryOutAsync(command, agents.SetAvailabilityAsync);

    public Task<Outcome> SetContext(SetContext command) => RecordedAsync(
        "setContext", command?.AgentId is null ? "contact" : "agent", command?.AgentId ?? command?.ContactId, CarryOutAsync(command!, context.SetAsync));

    public Task<Outcome> ClearContext(ClearContext command) => RecordedAsync(
        "clearContext", command?.AgentId is null ? "contact" : "agent", command?.AgentId ?? command?.ContactId, CarryOutAsync(command!, context.ClearAsync));

    public async Task<MessagePage> LoadMessages(LoadMessages request) =>
        Refuse(request) is { } refusal ? new() { Outcome = refusal } : await conversations.LoadMessagesAsync(Current.Caller, request, Context.ConnectionAborted);

    public async Task<QueuePosition> LoadQueuePosition(LoadQueuePosition request) =>
        Refuse(request) is { } refusal ? new() { Outcome = refusal } : await queues.FindPositionAsync(Current.Caller, request.ConversationId, Context.ConnectionAborted);

    public async Task<ApiAnswer> Request(ApiRequest request) => Refuse(request) is { } refusal
        ? new() { Outcome = refusal }
        : await api.RequestAsync(Context.GetHttpContext()!, Current.Caller, request, Context.ConnectionAborted);

    /// <summary>A command that has arrived is carried out although its device is gone: the device will ask for the answer again.</summary>
    Task<Outcome> CarryOutAsync<T>(T command, Func<Caller, T, Attempt, CancellationToken, Task<Outcome>> door) =>
        Refuse(command) is { } refusal ? Task.FromResult(refusal) : door(Current.Caller, command, Attempt.Numbered, CancellationToken.None);

    /// <summary>The operation has the name of its route. What names nothing is refused for its shape, and not recorded.</summary>
    Task<Outcome> RecordedAsync(string? operation, string type, Guid? id, Task<Outcome> answer) =>
        operation is not null && id is { } named ? refusals.RecordAsync(Current.Caller, operation, type, named, answer) : answer;

    Outcome? Refuse(object? body)
    {
        if (body is null) return NoBody;
        if (!Current.Device.HasSynchronized) return NotSynchronized;
        return Current.Device.MayServe ? null : OutOfReach;
    }

    /// <summary>What a connection is to us.</summary>
    sealed class Link(Caller caller, HubPort port, DeviceLink device) : IAsyncDisposable
    {
        // Not disposed: a connection may end while somebody holds it, and without a wait handle there is nothing to free.
        readonly SemaphoreSlim oneAtATime = new(1);

        public Caller Caller => caller;

        public DeviceLink Device => device;

        /// <summary>One at a time: invocations of a connection run in parallel, and each call stops what the one before it started.</summary>
        public async Task<SyncAnswer> SynchronizeAsync(SyncRequest request, DeviceProtocol protocol, CancellationToken cancellationToken)
        {
            await oneAtATime.WaitAsync(cancellationToken);
            try
            {
                var written = port.HoldBack();
                try
                {
                    var answer = await device.SynchronizeAsync(request, cancellationToken);
                    protocol.TellWhenWritten(answer, written);
                    return answer;
                }
                catch
                {
                    written.SetResult();
                    throw;
                }
            }
            finally
            {
                oneAtATime.Release();
            }
        }

        public ValueTask DisposeAsync() => device.DisposeAsync();
    }
}
