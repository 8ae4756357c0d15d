using Rcc.Contracts.Conversations;

namespace Rcc.Core.Sync;

/// <summary>Who may read an entry. The numbers stand in the store: never change or reuse one.</summary>
public enum AudienceKind : short
{
    /// <summary>The participants of a conversation.</summary>
    Conversation = 1,

    /// <summary>The agents among the participants of a conversation.</summary>
    Notes = 2,

    /// <summary>One person.</summary>
    Person = 3,

    /// <summary>The members of a group.</summary>
    Group = 4,

    /// <summary>All agents of the tenant; the id is the tenant's.</summary>
    Agents = 5,
}

/// <summary>The access path of entries: a device reads the entries of the audiences its person belongs to, and no others.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.Audience")]
public readonly record struct Audience([property: Id(0)] AudienceKind Kind, [property: Id(1)] Guid Id)
{
    /// <summary>The home of items that only fence.</summary>
    public static Audience OfNobody => default;

    public static Audience OfConversation(Guid conversation) => new(AudienceKind.Conversation, conversation);

    public static Audience OfNotes(Guid conversation) => new(AudienceKind.Notes, conversation);

    public static Audience OfPerson(Guid person) => new(AudienceKind.Person, person);

    public static Audience OfGroup(Guid group) => new(AudienceKind.Group, group);

    public static Audience OfAgents(TenantId tenant) => new(AudienceKind.Agents, tenant.Value);

    public static Audience OfLane(Guid conversation, Lane lane) =>
        lane == Lane.Public ? OfConversation(conversation) : OfNotes(conversation);
}
