using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>Whose share it is when somebody signs in at an account by its name.</summary>
public sealed class AccountNames(ITenantStore tenants)
{
    readonly KnownTenants<string> known = new();

    /// <summary>Null when nobody has the name, or it can be none. A name that has become another account's meanwhile is found to be that by <see cref="Remember"/>.</summary>
    public async ValueTask<TenantId?> FindAsync(string account, CancellationToken cancellationToken)
    {
        if (Shape.Slug(account, "account") is not null)
        {
            return null;
        }

        if (known.Recall(account) is { } remembered)
        {
            return remembered;
        }

        if ((await tenants.FindAsync(account, cancellationToken))?.Id is not { } found)
        {
            return null;
        }

        known.Remember(account, found);
        return found;
    }

    public void Remember(string account, TenantId tenant) => known.Remember(account, tenant);
}
