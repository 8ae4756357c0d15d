using Rcc.Contracts;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>
/// Whether the caller's tenant has contracted something, and has some left of it. Doors ask through <see cref="Admission"/>, which takes the service. A service is needed to set, begin and use what belongs to it; who
/// reads what was set, takes it away, or ends what began while it was contracted needs none.
/// </summary>
public sealed class Entitlements(KnownTerms terms)
{
    /// <summary>Null when the tenant has contracted the service, else <see cref="ErrorCode.NotEntitled"/>.</summary>
    public ValueTask<Outcome?> RequireAsync(Caller caller, Services service, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return RequireAsync(caller.Tenant, service, cancellationToken);
    }

    /// <summary>As the other, before there is a caller.</summary>
    public async ValueTask<Outcome?> RequireAsync(TenantId tenant, Services service, CancellationToken cancellationToken) =>
        await terms.FindAsync(tenant, cancellationToken) is { } agreed && agreed.Terms.Has(service)
            ? null
            : Outcome.Refused(ErrorCode.NotEntitled, $"The account has not contracted the service {service}.");

    /// <summary>As the other, as a grain answers.</summary>
    public async ValueTask<Answer?> RefuseAsync(TenantId tenant, Services service, CancellationToken cancellationToken) =>
        await RequireAsync(tenant, service, cancellationToken) is { } missing ? Answer.Refused(missing.Code, missing.Detail) : null;

    /// <summary>Null when the tenant may post one more message.</summary>
    public Outcome? RequireMessages(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (terms.Recall(caller.Tenant) is not { Terms.Quotas: var quotas } agreed)
        {
            return null;
        }

        return agreed.MessagesThisMonth >= quotas.MessagesPerMonth
            ? Over("MessagesPerMonth", quotas.MessagesPerMonth.Value)
            : agreed.StorageBytes >= quotas.StorageBytes ? Over("StorageBytes", quotas.StorageBytes.Value) : null;
    }

    static Outcome Over(string quota, long value) =>
        Outcome.Refused(ErrorCode.TooLarge, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The account's plan has been used up: {quota} is {value}."));
}
