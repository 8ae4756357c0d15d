using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Rcc.Core.Access;

/// <summary>The canonical form of the requests that are no commands of a device: what their hash is made of.</summary>
[JsonSerializable(typeof(NewConversation))]
[JsonSerializable(typeof(CreateAgent))]
[JsonSerializable(typeof(ChangeOfAgent))]
[JsonSerializable(typeof(Agents.NewGroup))]
[JsonSerializable(typeof(ChangeOfGroup))]
[JsonSerializable(typeof(CreateInbox))]
[JsonSerializable(typeof(ChangeOfInbox))]
[JsonSerializable(typeof(ChangeOfQueue))]
[JsonSerializable(typeof(CreateContact))]
[JsonSerializable(typeof(Tenants.AccountChange))]
[JsonSerializable(typeof(EditOfContact))]
[JsonSerializable(typeof(PutLabel))]
[JsonSerializable(typeof(PutAttribute))]
[JsonSerializable(typeof(SetDisclosure))]
[JsonSerializable(typeof(ChangeOfShortcut))]
[JsonSerializable(typeof(TargetOf))]
internal sealed partial class AccessJson : JsonSerializerContext;

/// <summary>A request that says no more than what it is about.</summary>
/// <param name="Verb">What is to be done.</param>
/// <param name="Id">To what.</param>
/// <param name="Value">How, in words.</param>
internal sealed record TargetOf(string Verb, Guid Id, string? Value = null);

/// <summary>A request about a group.</summary>
internal sealed record ChangeOfGroup(Guid Id, Agents.GroupChange Change);

/// <summary>A request about an agent.</summary>
internal sealed record ChangeOfAgent(Guid Id, ChangeAgent Change);

/// <summary>A request about an inbox.</summary>
internal sealed record ChangeOfInbox(Guid Id, Tenants.InboxChange Change);

/// <summary>A request about a contact.</summary>
internal sealed record EditOfContact(Guid Id, EditContact Edit);

/// <summary>A request about a label.</summary>
internal sealed record PutLabel(Customers.LabelEdit Label, bool MustBeNew);

/// <summary>A request about an attribute.</summary>
internal sealed record PutAttribute(Customers.AttributeEdit Definition, bool MustBeNew);

/// <summary>A request about who may see what.</summary>
internal sealed record SetDisclosure(ImmutableArray<Customers.DisclosureRule> Rules);

/// <summary>A request about a queue.</summary>
internal sealed record ChangeOfQueue(Guid Id, Contracts.Routing.QueueState Queue);
