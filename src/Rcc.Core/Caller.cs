using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core;

/// <summary>Who is calling, as its credential says: the only source of the tenant. Made at the door, never taken from a request.</summary>
[GenerateSerializer, Immutable, Alias("rcc.access.Caller")]
public sealed record Caller
{
    [Id(0)] public required TenantId Tenant { get; init; }

    [Id(1)] public required Guid PersonId { get; init; }

    [Id(2)] public required Guid DeviceId { get; init; }

    [Id(3)] public required Role Role { get; init; }

    /// <summary>For customers: the inbox their session belongs to.</summary>
    [Id(4)] public Guid? InboxId { get; init; }

    /// <summary>For applications: what their key may do.</summary>
    [Id(5)] public Scopes Scopes { get; init; }

    /// <summary>For agents: what they may do with conversations. Applications are bound by their scopes.</summary>
    [Id(6)] public Controls Controls { get; init; } = Controls.All;

    public Author Author => new(PersonId, DeviceId);

    public bool IsAgent => Role is Role.Agent or Role.MasterAgent or Role.Administrator;

    /// <summary>Manages agents: a master agent those of its groups, an administrator all.</summary>
    public bool IsManager => Role is Role.MasterAgent or Role.Administrator;

    /// <summary>Whether its manager lets it (RCC-17).</summary>
    public bool May(Controls control) => Controls.HasFlag(control);
}

/// <summary>What an API key may do. The numbers stand in the store.</summary>
[Flags]
public enum Scopes
{
    None = 0,

    /// <summary>Read conversations and messages.</summary>
    ConversationsRead = 1,

    /// <summary>Open, write, assign, resolve conversations.</summary>
    ConversationsWrite = 2,

    /// <summary>Read agents and groups.</summary>
    AgentsRead = 4,

    /// <summary>Create, change, suspend agents and groups.</summary>
    AgentsWrite = 8,

    /// <summary>Read contacts, and the labels and attributes there are.</summary>
    ContactsRead = 16,

    /// <summary>Read and write inboxes.</summary>
    Inboxes = 32,

    /// <summary>Read the action record.</summary>
    AuditLogs = 64,

    /// <summary>Read and write queues.</summary>
    Queues = 128,

    /// <summary>Make, change and merge contacts.</summary>
    ContactsWrite = 256,

    /// <summary>Erase contacts for ever.</summary>
    ContactsErase = 512,

    /// <summary>Labels, attributes, rules of disclosure, and where context is looked up.</summary>
    Settings = 1_024,
}
