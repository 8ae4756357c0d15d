using System.Globalization;
using Rcc.Contracts;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The form of what belongs to an account, as in <see cref="Shape"/>.</summary>
internal static class AccountShape
{
    const int MaxUrlLength = 2_000;
    const int MaxMessageLength = 500;
    const int MinAuditRetentionDays = 30;
    const int MaxAuditRetentionDays = 3_650;
    const int MaxSessionDays = 365;

    public static Outcome? Terms(Terms? terms, AccessOptions options)
    {
        if (terms is null)
        {
            return Shape.Malformed("terms are missing.");
        }

        return Shape.Name(terms.Plan, "plan", options.MaxNameLength)
            ?? (terms.Services is { } services && (services & ~AllServices) != Services.None ? Shape.Malformed("services has an unknown one.") : null)
            ?? NotNegative(terms.Quotas.Agents, "quotas.agents")
            ?? NotNegative(terms.Quotas.Groups, "quotas.teams")
            ?? NotNegative(terms.Quotas.Inboxes, "quotas.inboxes")
            ?? NotNegative(terms.Quotas.Keys, "quotas.access_tokens")
            ?? NotNegative(terms.Quotas.Contacts, "quotas.contacts")
            ?? NotNegative(terms.Quotas.MessagesPerMonth, "quotas.messages_per_month")
            ?? NotNegative(terms.Quotas.StorageBytes, "quotas.storage_bytes")
            ?? Within(terms.Share.RequestsPerSecond, "share.requests_per_second", 1, 1_000_000)
            ?? Within(terms.Share.RequestBurst, "share.request_burst", 1, 1_000_000)
            ?? Within(terms.Share.ConcurrentRequests, "share.concurrent_requests", 1, 100_000);
    }

    public static Outcome? Branding(Branding? branding, AccessOptions options) => branding is null
        ? null
        : Shape.OptionalName(branding.Name, "branding.name", options.MaxNameLength)
            ?? Shape.OptionalName(branding.SuspendedMessage, "branding.suspended_message", MaxMessageLength)
            ?? Color(branding.PrimaryColor, "branding.primary_color")
            ?? Color(branding.AccentColor, "branding.accent_color")
            ?? (branding.LogoUrl is null
                || (branding.LogoUrl.Length <= MaxUrlLength && Uri.TryCreate(branding.LogoUrl, UriKind.Absolute, out var uri) && string.Equals(uri.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
                ? null
                : Shape.Malformed($"branding.logo_url must be an absolute https URL of at most {MaxUrlLength} characters."));

    public static Outcome? Policies(TenantPolicies? policies) =>
        Within(policies?.AuditRetentionDays, "policies.audit_retention_days", MinAuditRetentionDays, MaxAuditRetentionDays)
        ?? Within(policies?.SessionDays, "policies.session_days", 1, MaxSessionDays)
        ?? Within(policies?.IdleDays, "policies.idle_days", 1, MaxSessionDays)
        ?? (policies?.SignIn is { } way ? Shape.Defined(way, "policies.sign_in") : null);

    static Services AllServices => Enum.GetValues<Services>().Aggregate((all, service) => all | service);

    static Outcome? NotNegative(long? value, string member) => value < 0 ? Shape.Malformed($"{member} must not be negative.") : null;

    static Outcome? Within(int? value, string member, int min, int max) => value is null || (value >= min && value <= max)
        ? null
        : Shape.Malformed(string.Create(CultureInfo.InvariantCulture, $"{member} must be {min} … {max}."));

    static Outcome? Color(string? value, string member) =>
        value is null || (value.Length == 7 && value[0] == '#' && value.Skip(1).All(char.IsAsciiHexDigit)) ? null : Shape.Malformed($"{member} must be #rrggbb.");
}
