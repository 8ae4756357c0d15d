using Rcc.Core.Tenants;

namespace Rcc.Server.Tenants;

/// <summary>What was agreed with an account.</summary>
/// <param name="Name">The plan's name: 1 … 100 characters.</param>
/// <param name="Quotas">How much it may have.</param>
/// <param name="Services">What it has contracted; null: everything there is. What is not contracted is refused with <c>notEntitled</c>.</param>
/// <param name="Share">How much of a server it may use at once; more is refused with <c>rateLimited</c> or <c>busy</c>.</param>
internal sealed record AccountPlan(string Name, AccountQuotas? Quotas = null, IReadOnlyList<ContractedService>? Services = null, AccountShare? Share = null)
{
    public static AccountPlan Of(Terms terms) => new(
        terms.Plan,
        new(terms.Quotas.Agents, terms.Quotas.Groups, terms.Quotas.Inboxes, terms.Quotas.Keys, terms.Quotas.MessagesPerMonth, terms.Quotas.StorageBytes, terms.Quotas.Contacts),
        terms.Services?.ToServiceList(),
        new(terms.Share.RequestsPerSecond, terms.Share.RequestBurst, terms.Share.ConcurrentRequests));

    public Terms ToTerms() => new()
    {
        Plan = Name,
        Services = Services?.ToServices(),
        Quotas = new()
        {
            Agents = Quotas?.Agents,
            Groups = Quotas?.Teams,
            Inboxes = Quotas?.Inboxes,
            Keys = Quotas?.AccessTokens,
            MessagesPerMonth = Quotas?.MessagesPerMonth,
            StorageBytes = Quotas?.StorageBytes,
            Contacts = Quotas?.Contacts,
        },
        Share = new() { RequestsPerSecond = Share?.RequestsPerSecond, RequestBurst = Share?.RequestBurst, ConcurrentRequests = Share?.ConcurrentRequests },
    };
}

/// <summary>How much an account may have; null: only the server's own limits count.</summary>
/// <param name="Agents">Agents, master agents included.</param>
/// <param name="Teams">Teams.</param>
/// <param name="Inboxes">Inboxes.</param>
/// <param name="AccessTokens">Access tokens that are not revoked.</param>
/// <param name="MessagesPerMonth">Messages in a calendar month (UTC).</param>
/// <param name="StorageBytes">Bytes of all messages' contents.</param>
/// <param name="Contacts">Contacts that are not erased.</param>
internal sealed record AccountQuotas(
    int? Agents = null, int? Teams = null, int? Inboxes = null, int? AccessTokens = null, long? MessagesPerMonth = null, long? StorageBytes = null, long? Contacts = null);

/// <summary>How much of a server an account may use at once; null: the server's default.</summary>
/// <param name="RequestsPerSecond">Requests a second, for long.</param>
/// <param name="RequestBurst">Requests at once.</param>
/// <param name="ConcurrentRequests">Requests under way at the same time.</param>
internal sealed record AccountShare(int? RequestsPerSecond = null, int? RequestBurst = null, int? ConcurrentRequests = null);

/// <summary>How an account looks to its contacts; null: the product's own.</summary>
/// <param name="Name">The name contacts read: 1 … 100 characters.</param>
/// <param name="PrimaryColor"><c>#rrggbb</c>.</param>
/// <param name="AccentColor"><c>#rrggbb</c>.</param>
/// <param name="LogoUrl">An absolute https URL, at most 2,000 characters.</param>
/// <param name="SuspendedMessage">What contacts are told while the account is suspended: 1 … 500 characters.</param>
internal sealed record AccountBranding(string? Name = null, string? PrimaryColor = null, string? AccentColor = null, string? LogoUrl = null, string? SuspendedMessage = null)
{
    public static AccountBranding Of(Branding branding) => new(branding.Name, branding.PrimaryColor, branding.AccentColor, branding.LogoUrl, branding.SuspendedMessage);

    public Branding ToBranding() => new() { Name = Name, PrimaryColor = PrimaryColor, AccentColor = AccentColor, LogoUrl = LogoUrl, SuspendedMessage = SuspendedMessage };
}

/// <summary>What an account has decided on for itself; null: the server's default.</summary>
/// <param name="AuditRetentionDays">Days the audit log is kept, 30 … 3,650; null: for ever.</param>
/// <param name="SecondFactorRequired">A second factor is required of every agent, from its next sign-in on; null: no.</param>
/// <param name="AfterTransfer">What an agent keeps of a conversation that is transferred away from it: nothing, or it reads on; null: nothing.</param>
/// <param name="SessionDays">Days after its sign-in when an agent's device is signed out, 1 … 365; null: never.</param>
/// <param name="IdleDays">Days an agent's device may be away, neither connected nor asking anything, 1 … 365; then it is signed out. Null: for ever.</param>
/// <param name="SignIn">How agents sign in; null: any. With <c>oidc_only</c> passwords let nobody in any more; who is signed in stays so.</param>
internal sealed record AccountPolicies(int? AuditRetentionDays = null, bool? SecondFactorRequired = null, int? SessionDays = null, int? IdleDays = null, AgentSignIn? SignIn = null, AfterTransfer? AfterTransfer = null)
{
    public static AccountPolicies Of(TenantPolicies policies) => new(policies.AuditRetentionDays, policies.SecondFactorRequired)
    {
        SessionDays = policies.SessionDays,
        IdleDays = policies.IdleDays,
        SignIn = policies.SignIn.ToAgentSignIn(),
        AfterTransfer = policies.AfterTransfer,
    };

    public TenantPolicies ToPolicies() => new()
    {
        AuditRetentionDays = AuditRetentionDays,
        SecondFactorRequired = SecondFactorRequired,
        SessionDays = SessionDays,
        IdleDays = IdleDays,
        SignIn = SignIn.ToSignInWay(),
        AfterTransfer = AfterTransfer,
    };
}

/// <summary>What to change of an account; absent members stay, present ones replace the whole.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="Branding">How it looks to its contacts.</param>
/// <param name="Policies">What it has decided on.</param>
internal sealed record AccountPatch(string? Name = null, AccountBranding? Branding = null, AccountPolicies? Policies = null)
{
    public AccountChange ToChange() => new() { Name = Name, Branding = Branding?.ToBranding(), Policies = Policies?.ToPolicies() };
}

/// <summary>What an account has and uses. Messages and bytes are counted every few seconds.</summary>
/// <param name="Agents">Agents, master agents included.</param>
/// <param name="Teams">Teams.</param>
/// <param name="Inboxes">Inboxes.</param>
/// <param name="AccessTokens">Access tokens that are not revoked.</param>
/// <param name="Contacts">Contacts that are not erased.</param>
/// <param name="Conversations">Conversations, resolved ones included.</param>
/// <param name="MessagesThisMonth">Messages since the month began (UTC).</param>
/// <param name="Messages">All messages.</param>
/// <param name="StorageBytes">Bytes of all messages' contents.</param>
internal sealed record AccountUsage(
    long Agents, long Teams, long Inboxes, long AccessTokens, long Contacts, long Conversations, long MessagesThisMonth, long Messages, long StorageBytes)
{
    public static AccountUsage Of(TenantUsage usage) => new(
        usage.Agents, usage.Groups, usage.Inboxes, usage.Keys, usage.Contacts, usage.Conversations, usage.MessagesThisMonth, usage.Messages, usage.StorageBytes);
}
