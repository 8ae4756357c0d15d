using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>Whose share it is when somebody signs in at an account by its name.</summary>
public sealed class AccountNames(ITenantStore tenants)
{
    readonly KnownTenants<string> known = new();

    /// <summary>Null when nobody has the name, or it can be none. A name that has become another account's meanwhile is found to be that by <see cref="Remember"/>.</summary>
    public async ValueTask<TenantId?> FindAsync(string account, CancellationToken cancellationToken) =>
        Shape.Slug(account, "account") is null ? await known.FindAsync(account, async name => (await tenants.FindAsync(name, cancellationToken))?.Id) : null;

    public void Remember(string account, TenantId tenant) => known.Remember(account, tenant);
}
