using Microsoft.AspNetCore.Http.HttpResults;
using Rcc.Core.Access;
using Rcc.Core.Tenants;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>The account itself.</summary>
internal static class AccountEndpoints
{
    public static void MapAccount(this IEndpointRouteBuilder account)
    {
        account.MapGet("", FindAsync).WithTags("accounts").WithName("getAccount").WithSummary("The caller's account.");
        account.MapPatch("", EditAsync).WithTags("accounts").WithName("changeAccount").WithSummary("Changes the account's name, branding and policies; absent members stay.");
        account.MapGet("/usage", FindUsageAsync).WithTags("accounts").WithName("getAccountUsage").WithSummary("What the account has and uses.");
    }

    static async Task<Results<Ok<Account>, Refusal>> FindAsync(SignedIn caller, AccountDoor door, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, cancellationToken)).ToResult(Account.Of);

    static Task<Results<NoContent, Refusal>> EditAsync([AsParameters] CommandTo<AccountDoor> to, AccountPatch body) =>
        to.Door.EditAsync(to.Caller, body.ToChange(), to.Attempt, to.CancellationToken).ToNoContentAsync();

    static async Task<Results<Ok<AccountUsage>, Refusal>> FindUsageAsync(SignedIn caller, AccountDoor door, CancellationToken cancellationToken) =>
        (await door.FindUsageAsync(caller, cancellationToken)).ToResult(AccountUsage.Of);
}

/// <summary>An account.</summary>
/// <param name="Id">The account.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Slug">Its name for signing in, unique on the server.</param>
/// <param name="Suspended">Nobody can sign in or write.</param>
/// <param name="CreatedAt">When it was made (UTC).</param>
/// <param name="Plan">What was agreed with it.</param>
/// <param name="Branding">How it looks to its contacts.</param>
/// <param name="Policies">What it has decided on.</param>
/// <param name="DeletesAt">When it is deleted (UTC), unless that is cancelled; null: it is not to be.</param>
internal sealed record Account(
    Guid Id, string Name, string Slug, bool Suspended, DateTimeOffset CreatedAt, AccountPlan Plan, AccountBranding Branding, AccountPolicies Policies, DateTimeOffset? DeletesAt)
{
    public static Account Of(TenantSnapshot tenant) => new(
        tenant.Id.Value,
        tenant.Name,
        tenant.Slug,
        tenant.Suspended,
        tenant.CreatedAt,
        AccountPlan.Of(tenant.Terms),
        AccountBranding.Of(tenant.Branding),
        AccountPolicies.Of(tenant.Policies),
        tenant.Deletion?.At);
}
