using Rcc.Contracts.Sync;

namespace Rcc.Core.Sync;

/// <summary>The kinds of items that are kept in their newest state. The numbers stand in the store: never change or reuse one.</summary>
public enum ItemKind : short
{
    /// <summary>Rises with every sign-in of a person: what signs out all devices of the person rests on it. Below zero: the server's own, no device is told of it.</summary>
    SignIns = -1,

    /// <summary>How many offers in a row an agent has left unanswered.</summary>
    MissedOffers = -20,

    /// <summary>A tenant's own OpenID provider.</summary>
    IdentityProvider = -30,

    /// <summary>What signs who an inbox's customers are.</summary>
    InboxSecret = -31,

    /// <summary>Which agent a person of an OpenID provider is.</summary>
    Identity = -40,

    /// <summary>All persistent context of an agent.</summary>
    AgentContextRecord = -41,

    /// <summary>What is known of an agent's devices, all of it. Not durable.</summary>
    PresenceRecord = -42,

    /// <summary>All that is kept of a contact.</summary>
    ContactRecord = -50,

    /// <summary>The volatile context of a contact or an agent, all of it. Not durable.</summary>
    VolatileRecord = -51,

    /// <summary>Who may see what of contacts.</summary>
    Disclosure = -55,

    /// <summary>Where a tenant's own server answers what it knows of a customer.</summary>
    ContextLookup = -56,

    Conversation = 1,
    Receipt = 2,
    Read = 3,
    Draft = 4,
    OpenConversation = 5,
    Agent = 6,
    Group = 7,
    Device = 8,
    Account = 9,
    Handling = 20,
    Offer = 21,
    Waiting = 22,
    Queue = 23,
    Mention = 24,
    Whispers = 25,
    Dispositions = 26,
    CannedResponse = 27,
    Macro = 28,
    Inbox = 30,
    AvailabilityLabels = 40,

    /// <summary>An agent's context as one person may see it, who is <see cref="ItemKey.Sub"/>.</summary>
    AgentContext = 41,

    /// <summary>Which of an agent's devices are there, as one person may see it, who is <see cref="ItemKey.Sub"/>. Not durable.</summary>
    Presence = 42,

    /// <summary>A contact as one person may see it, who is <see cref="ItemKey.Sub"/>.</summary>
    Contact = 52,

    /// <summary>Volatile context as one person may see it, who is <see cref="ItemKey.Sub"/>. Not durable.</summary>
    VolatileContext = 53,

    /// <summary>Labels and attributes the tenant has defined.</summary>
    ContactSettings = 54,
}

/// <summary>
/// Names one item of a tenant. <see cref="Sub"/> is the person where an item belongs to a person in a conversation, or is what one person may see of a thing, else empty; see <see cref="OfHandling"/>.
/// </summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.ItemKey")]
public readonly record struct ItemKey([property: Id(0)] ItemKind Kind, [property: Id(1)] Guid Id, [property: Id(2)] Guid Sub = default)
{
    /// <summary>How the contact centre handles a conversation. Its id on the wire has two parts, as all that hangs on a conversation; both name the conversation.</summary>
    public static ItemKey OfHandling(Guid conversation) => new(ItemKind.Handling, conversation, conversation);

    /// <summary>Whether a device holds it only while it holds the conversation of the same id.</summary>
    public bool HangsOnConversation => Kind is ItemKind.Receipt or ItemKind.Read or ItemKind.Draft or ItemKind.Handling or ItemKind.Mention or ItemKind.Whispers;

    /// <summary>Whether it is what one person may see of a thing: on the devices of that person the thing's id says all.</summary>
    bool IsView => Kind is ItemKind.Contact or ItemKind.VolatileContext or ItemKind.AgentContext or ItemKind.Presence;

    /// <summary>The id as devices know it.</summary>
    public string WireId => Sub == default || IsView ? Id.ToString() : $"{Id}/{Sub}";

    /// <summary>The kind as devices know it.</summary>
    public string WireKind => Kind switch
    {
        ItemKind.Conversation => ItemKinds.Conversation,
        ItemKind.Receipt => ItemKinds.Receipt,
        ItemKind.Read => ItemKinds.Read,
        ItemKind.Draft => ItemKinds.Draft,
        ItemKind.OpenConversation => ItemKinds.OpenConversation,
        ItemKind.Agent => ItemKinds.Agent,
        ItemKind.Group => ItemKinds.Group,
        ItemKind.Device => ItemKinds.Device,
        ItemKind.Account => ItemKinds.Account,
        ItemKind.Handling => ItemKinds.Handling,
        ItemKind.Offer => ItemKinds.Offer,
        ItemKind.Waiting => ItemKinds.Waiting,
        ItemKind.Queue => ItemKinds.Queue,
        ItemKind.Mention => ItemKinds.Mention,
        ItemKind.Whispers => ItemKinds.Whispers,
        ItemKind.Dispositions => ItemKinds.Dispositions,
        ItemKind.CannedResponse => ItemKinds.CannedResponse,
        ItemKind.Macro => ItemKinds.Macro,
        ItemKind.Inbox => ItemKinds.Inbox,
        ItemKind.AvailabilityLabels => ItemKinds.AvailabilityLabels,
        ItemKind.AgentContext => ItemKinds.AgentContext,
        ItemKind.Presence => ItemKinds.Presence,
        ItemKind.Contact => ItemKinds.Contact,
        ItemKind.VolatileContext => ItemKinds.VolatileContext,
        ItemKind.ContactSettings => ItemKinds.ContactSettings,
        _ => throw new InvalidOperationException($"Item kind {Kind} has no wire name."),
    };
}
