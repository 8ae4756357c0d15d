using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Core.Tenants;

/// <summary>What the platform operator has agreed with a tenant. Kept as JSON with the tenant; it may only grow, and a member that the JSON has not is given as null.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.Terms")]
public sealed record Terms
{
    const string StandardPlan = "standard";

    /// <summary>The plan's name, for people: 1 … 100 characters.</summary>
    [Id(0)] public string Plan { get; init => field = value ?? StandardPlan; } = StandardPlan;

    [Id(1)] public Quotas Quotas { get; init => field = value ?? new(); } = new();

    /// <summary>The services contracted; absent: all there are, and will be. Anything else is refused as <see cref="Contracts.ErrorCode.NotEntitled"/>.</summary>
    [Id(2)] public Services? Services { get; init; }

    [Id(3)] public Share Share { get; init => field = value ?? new(); } = new();

    public bool Has(Services service) => Services is not { } contracted || (contracted & service) == service;
}

/// <summary>How much a tenant may have; absent: only the server's own limits count.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.Quotas")]
public sealed record Quotas
{
    [Id(0)] public int? Agents { get; init; }

    [Id(1)] public int? Groups { get; init; }

    [Id(2)] public int? Inboxes { get; init; }

    /// <summary>API keys that are not revoked.</summary>
    [Id(3)] public int? Keys { get; init; }

    /// <summary>Messages in a calendar month (UTC), notes and system messages included. Counted every few seconds, so that a burst may pass it by what is posted in that time.</summary>
    [Id(4)] public long? MessagesPerMonth { get; init; }

    /// <summary>Bytes of all messages' contents.</summary>
    [Id(5)] public long? StorageBytes { get; init; }

    /// <summary>Contacts that are not erased.</summary>
    [Id(6)] public long? Contacts { get; init; }
}

/// <summary>How much of a server a tenant may use at once; absent: the server's default. What exceeds it is refused, so that no tenant slows another.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.Share")]
public sealed record Share
{
    /// <summary>Requests a second, of all its people and applications, for long.</summary>
    [Id(0)] public int? RequestsPerSecond { get; init; }

    /// <summary>Requests at once.</summary>
    [Id(1)] public int? RequestBurst { get; init; }

    /// <summary>Requests under way at the same time.</summary>
    [Id(2)] public int? ConcurrentRequests { get; init; }
}

/// <summary>What a tenant can contract. The names stand in the store.</summary>
[Flags]
public enum Services
{
    None = 0,

    /// <summary>Handing conversations over: blind and attended transfer.</summary>
    Transfers = 1,

    /// <summary>Monitor, whisper, barge, take over.</summary>
    Supervision = 2,

    /// <summary>Signing in by the tenant's own OpenID provider.</summary>
    Oidc = 4,

    /// <summary>Signing in with a second factor (RFC 6238).</summary>
    Totp = 8,

    /// <summary>Looking context information up at the tenant's own server.</summary>
    ContextLookup = 16,

    /// <summary>Queues with skills and priorities.</summary>
    Queues = 32,

    /// <summary>Taking data out: the action record as a whole.</summary>
    Export = 64,
}

/// <summary>How a tenant looks to its customers; absent members are the product's own.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.Branding")]
public sealed record Branding
{
    /// <summary>The name customers read: 1 … 100 characters.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary><c>#rrggbb</c>.</summary>
    [Id(1)] public string? PrimaryColor { get; init; }

    /// <summary><c>#rrggbb</c>.</summary>
    [Id(2)] public string? AccentColor { get; init; }

    /// <summary>An absolute https URL, at most 2,000 characters.</summary>
    [Id(3)] public string? LogoUrl { get; init; }

    /// <summary>What customers are told while the account is suspended: 1 … 500 characters.</summary>
    [Id(4)] public string? SuspendedMessage { get; init; }
}

/// <summary>What a tenant has decided on for itself; absent: the server's default.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.TenantPolicies")]
public sealed record TenantPolicies
{
    /// <summary>Days the action record is kept, 30 … 3,650; absent: for ever.</summary>
    [Id(0)] public int? AuditRetentionDays { get; init; }

    /// <summary>A second factor is required of every agent, from its next sign-in on.</summary>
    [Id(1)] public bool? SecondFactorRequired { get; init; }

    /// <summary>Days after its sign-in when an agent's device is signed out, 1 … 365; absent: never.</summary>
    [Id(2)] public int? SessionDays { get; init; }

    /// <summary>Days an agent's device may be away, neither connected nor asking anything, 1 … 365; then it is signed out. Absent: for ever.</summary>
    [Id(3)] public int? IdleDays { get; init; }

    /// <summary>How agents sign in; absent: either way. It says nothing while the service <see cref="Services.Oidc"/> is not contracted, so that nobody is locked out for good.</summary>
    [Id(4)] public SignInWay? SignIn { get; init; }

    /// <summary>What an agent keeps of a conversation that is transferred away from it; absent: nothing.</summary>
    [Id(5)] public AfterTransfer? AfterTransfer { get; init; }
}

/// <summary>How agents sign in. The names stand in the store.</summary>
public enum SignInWay
{
    /// <summary>By password or identity provider.</summary>
    Any = 0,

    /// <summary>By the tenant's identity provider only: passwords let nobody in. Who is signed in stays so.</summary>
    OidcOnly = 1,
}

/// <summary>What an agent keeps of a conversation that is transferred away from it. The names stand in the store.</summary>
public enum AfterTransfer
{
    /// <summary>It is gone from all its devices.</summary>
    None = 0,

    /// <summary>It reads on, and writes nothing.</summary>
    Read,
}

/// <summary>How these are kept with the tenant.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Terms))]
[JsonSerializable(typeof(Branding))]
[JsonSerializable(typeof(TenantPolicies))]
[JsonSerializable(typeof(ImmutableArray<Department>))]
public sealed partial class TenantJson : JsonSerializerContext;
