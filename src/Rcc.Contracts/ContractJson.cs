using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Contracts.Tenants;

namespace Rcc.Contracts;

/// <summary>How the contract looks as JSON: camelCase names, enum members by their wire name, members that are absent are left out, unknown members are ignored.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(PushBatch))]
[JsonSerializable(typeof(SyncRequest))]
[JsonSerializable(typeof(SyncAnswer))]
[JsonSerializable(typeof(Confirmation))]
[JsonSerializable(typeof(Outcome))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(LoadMessages))]
[JsonSerializable(typeof(OpenConversation))]
[JsonSerializable(typeof(PostMessage))]
[JsonSerializable(typeof(ResolveConversation))]
[JsonSerializable(typeof(ReopenConversation))]
[JsonSerializable(typeof(AssignConversation))]
[JsonSerializable(typeof(MarkRead))]
[JsonSerializable(typeof(SetDraft))]
[JsonSerializable(typeof(SetOpenConversation))]
[JsonSerializable(typeof(SetAvailability))]
[JsonSerializable(typeof(Typing))]
[JsonSerializable(typeof(ConversationState))]
[JsonSerializable(typeof(HandlingState))]
[JsonSerializable(typeof(OfferState))]
[JsonSerializable(typeof(WaitingState))]
[JsonSerializable(typeof(MentionState))]
[JsonSerializable(typeof(ShortcutState))]
[JsonSerializable(typeof(DispositionsState))]
[JsonSerializable(typeof(WhispersState))]
[JsonSerializable(typeof(QueueState))]
[JsonSerializable(typeof(LoadQueuePosition))]
[JsonSerializable(typeof(QueuePosition))]
[JsonSerializable(typeof(ControlConversation))]
[JsonSerializable(typeof(ControlConversations))]
[JsonSerializable(typeof(ControlledConversations))]
[JsonSerializable(typeof(ReadState))]
[JsonSerializable(typeof(DraftState))]
[JsonSerializable(typeof(OpenConversationState))]
[JsonSerializable(typeof(ReceiptState))]
[JsonSerializable(typeof(AgentState))]
[JsonSerializable(typeof(GroupState))]
[JsonSerializable(typeof(AccountState))]
[JsonSerializable(typeof(InboxState))]
[JsonSerializable(typeof(DeviceState))]
[JsonSerializable(typeof(DeviceActivity))]
[JsonSerializable(typeof(AvailabilityLabelsState))]
[JsonSerializable(typeof(PresenceState))]
[JsonSerializable(typeof(ContactState))]
[JsonSerializable(typeof(VolatileContextState))]
[JsonSerializable(typeof(SubscriptionValue))]
[JsonSerializable(typeof(ContactSettingsState))]
[JsonSerializable(typeof(AgentContextState))]
[JsonSerializable(typeof(Location))]
[JsonSerializable(typeof(SetContext))]
[JsonSerializable(typeof(ClearContext))]
[JsonSerializable(typeof(ApiRequest))]
[JsonSerializable(typeof(ApiAnswer))]
public sealed partial class ContractJson : JsonSerializerContext;
