using Microsoft.AspNetCore.Http.HttpResults;
using Rcc.Core.Access;
using Rcc.Core.Tenants;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>The account itself.</summary>
internal static class AccountEndpoints
{
    public static void MapAccount(this IEndpointRouteBuilder account) =>
        account.MapGet("", FindAsync).WithTags("accounts").WithName("getAccount").WithSummary("The caller's account.");

    static async Task<Results<Ok<Account>, Refusal>> FindAsync(SignedIn caller, AccountDoor door, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, cancellationToken)).ToResult(Account.Of);
}

/// <summary>An account.</summary>
/// <param name="Id">The account.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Slug">Its name for signing in, unique on the server.</param>
/// <param name="Suspended">Nobody can sign in or write.</param>
/// <param name="CreatedAt">When it was made (UTC).</param>
internal sealed record Account(Guid Id, string Name, string Slug, bool Suspended, DateTimeOffset CreatedAt)
{
    public static Account Of(TenantSnapshot tenant) => new(tenant.Id.Value, tenant.Name, tenant.Slug, tenant.Suspended, tenant.CreatedAt);
}
