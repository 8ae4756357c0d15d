using Rcc.Contracts;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>What the customers of a suspended account are told: the account's own words, where it has left any (RCC-20).</summary>
public sealed class SuspendedText(ITenantStore tenants)
{
    /// <summary>The refusal with the account's words in it, when it is refused for being suspended.</summary>
    public async Task<Outcome> PutIntoAsync(Outcome outcome, TenantId tenant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome.Code == ErrorCode.Suspended && await tenants.LoadAsync(tenant, cancellationToken) is { Suspended: true, Branding.SuspendedMessage: { } text }
            ? Outcome.Refused(ErrorCode.Suspended, text)
            : outcome;
    }
}
