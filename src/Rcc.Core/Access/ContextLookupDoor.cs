using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Customers;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to where a tenant's own server answers what it knows of customers: for administrators and applications.</summary>
public sealed class ContextLookupDoor(IGrainFactory grains, ICustomerStore customers, Admission admission, SealedSecrets secrets, IOptions<CustomerOptions> options)
{
    const int MaxUrlLength = 2_000;

    /// <summary>Without a URL when nothing is looked up.</summary>
    public Task<Found<LookupSheet>> FindAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<LookupSheet>(caller, Permission.RequireAdministratorOr(caller, Scopes.Settings), async () =>
        {
            var lookup = (await customers.LoadSettingsAsync(caller.Tenant, cancellationToken)).Lookup;
            return new LookupSheet(lookup.Url, lookup.OpenSecret(secrets, caller.Tenant));
        });
    }

    /// <summary>Says whom to ask. The secret that signs the questions is the server's.</summary>
    public Task<Outcome> SetAsync(Caller caller, string? url, bool rotatesSecret, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("setLookup", Guid.Empty, $"{rotatesSecret} {url}"), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        var secret = LookupRecord.Seal(secrets, caller.Tenant, LookupRecord.MakeSecret());
        refusal = Permission.RequireAdministratorOr(caller, Scopes.Settings) ?? refusal ?? CheckUrl(url, "url", options.Value);
        return admission.CommandAsync(caller, Services.ContextLookup, refusal, () => Grain(caller).SetLookupAsync(caller, key, url!, secret, rotatesSecret, cancellationToken));
    }

    /// <summary>Nothing is looked up any more. What was found stays until it is cleared.</summary>
    public Task<Outcome> RemoveAsync(Caller caller, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("removeLookup", Guid.Empty, ""), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal = Permission.RequireAdministratorOr(caller, Scopes.Settings) ?? refusal;
        return admission.CommandAsync(caller, refusal, () => Grain(caller).RemoveLookupAsync(caller, key, cancellationToken));
    }

    internal static Outcome? CheckUrl(string? url, string member, CustomerOptions options)
    {
        var schemes = options.LookupAllowsPlainHttp ? "http or https" : "https";
        return url is { Length: <= MaxUrlLength } && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
            && (uri.Scheme is "https" || (uri.Scheme is "http" && options.LookupAllowsPlainHttp))
            ? null
            : Shape.Malformed($"{member} is an absolute {schemes} URL of at most {MaxUrlLength} characters, without a user or a fragment.");
    }

    IContactSettingsGrain Grain(Caller caller) => grains.GetGrain<IContactSettingsGrain>(caller.Tenant.Key);
}

/// <summary>Where context is looked up, as who administers it sees it.</summary>
/// <param name="Url">Null when nothing is looked up.</param>
/// <param name="Secret">Signs the questions; null when it was sealed with a key that is not here.</param>
public sealed record LookupSheet(string? Url, string? Secret);
