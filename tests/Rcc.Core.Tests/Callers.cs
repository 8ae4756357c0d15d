using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests;

/// <summary>People who ask for something.</summary>
static class Callers
{
    public static readonly TenantId Tenant = new(Guid.Parse("0193a000-0000-7000-8000-000000000001"));

    public static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static readonly Guid Inbox = Guid.Parse("0193a000-0000-7000-8000-000000000002");

    public static InboxSnapshot TakingInbox { get; } = new(Tenant, new() { Id = Inbox, Identifier = "web", Name = "Web" }, 4);

    public static Caller Customer(Guid? person = null) => Of(Role.Customer, person) with { InboxId = Inbox };

    public static Caller Agent(Guid? person = null) => Of(Role.Agent, person);

    public static Caller Master(Guid? person = null) => Of(Role.MasterAgent, person);

    public static Caller Administrator(Guid? person = null) => Of(Role.Administrator, person);

    public static Caller Application(Scopes scopes = Scopes.None) => Of(Role.Application, null) with { Scopes = scopes };

    /// <summary>The caller with everything a conversation can be to somebody.</summary>
    public static Standing Over(Caller caller) => new(caller, new(Manages: true, Supervises: true, []));

    static Caller Of(Role role, Guid? person) => new() { Tenant = Tenant, PersonId = person ?? Guid.CreateVersion7(), DeviceId = Guid.CreateVersion7(), Role = role };
}
