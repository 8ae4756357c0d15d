using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;

namespace Rcc.Contracts.Devices;

/// <summary>
/// What a device may call, on the SignalR hub <c>/hubs/v1/device</c> (JSON protocol). Commands answer with an <see cref="Outcome"/>; only a method the server does
/// not know, or arguments that are not JSON of the right form, end in a SignalR error.
/// </summary>
public interface IDeviceHub
{
    /// <summary>Starts, or starts again, synchronisation on this connection. All other calls are refused before it has answered ok.</summary>
    Task<SyncAnswer> Synchronize(SyncRequest request);

    /// <summary>Says what the device has stored.</summary>
    Task<Outcome> Confirm(Confirmation confirmation);

    /// <summary>A customer opens a conversation.</summary>
    Task<Outcome> OpenConversation(OpenConversation command);

    /// <summary>Gives the server a message to append.</summary>
    Task<Outcome> PostMessage(PostMessage command);

    /// <summary>Closes a conversation.</summary>
    Task<Outcome> ResolveConversation(ResolveConversation command);

    /// <summary>Opens a resolved conversation again.</summary>
    Task<Outcome> ReopenConversation(ReopenConversation command);

    /// <summary>Gives a conversation to an agent, or back to the waiting ones.</summary>
    Task<Outcome> AssignConversation(AssignConversation command);

    /// <summary>Accepts, declines and whatever else controls a communication.</summary>
    Task<Outcome> ControlConversation(ControlConversation command);

    /// <summary>Does the same to many conversations.</summary>
    Task<ControlledConversations> ControlConversations(ControlConversations command);

    /// <summary>Moves the read position, and displayed.</summary>
    Task<Outcome> MarkRead(MarkRead command);

    /// <summary>Keeps an unsent text.</summary>
    Task<Outcome> SetDraft(SetDraft command);

    /// <summary>Says which conversation is open.</summary>
    Task<Outcome> SetOpenConversation(SetOpenConversation command);

    /// <summary>Says whether the agent takes conversations.</summary>
    Task<Outcome> SetAvailability(SetAvailability command);

    /// <summary>Sets a piece of context information about a customer or an agent.</summary>
    Task<Outcome> SetContext(SetContext command);

    /// <summary>Takes one away.</summary>
    Task<Outcome> ClearContext(ClearContext command);

    /// <summary>In use or idle. A device is taken to be in use when it synchronises; it says so when that changes.</summary>
    Task<Outcome> SetActivity(DeviceActivity activity);

    /// <summary>Typing or not.</summary>
    Task<Outcome> SetTyping(Typing typing);

    /// <summary>A page of a conversation's messages.</summary>
    Task<MessagePage> LoadMessages(LoadMessages request);

    /// <summary>Where a waiting conversation stands in its queue.</summary>
    Task<QueuePosition> LoadQueuePosition(LoadQueuePosition request);

    /// <summary>Asks the REST API: administration, lists, and whatever else has no method of its own here.</summary>
    Task<ApiAnswer> Request(ApiRequest request);
}

/// <summary>What the server may call on a device.</summary>
public interface IDeviceClient
{
    /// <summary>The one push method (SignalR target <c>push</c>). Not awaited by the server.</summary>
    Task Push(PushBatch batch);
}
