using Microsoft.AspNetCore.Http.Features;
using Rcc.Core;

namespace Rcc.Server.Access;

/// <summary>The account in a path must be the caller's own. Another one's answer is the same as that of one that does not exist, so that nobody can ask which do.</summary>
internal sealed class AccountOfPath : IEndpointFilter
{
    public const string Parameter = "account_id";

    /// <summary>The path of a tenant's account.</summary>
    public static string Of(TenantId tenant) => $"/api/v1/accounts/{tenant.Value}";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var isOwn = Guid.TryParse(http.GetRouteValue(Parameter) as string, out var account) && account == http.Features.GetRequiredFeature<Caller>().Tenant.Value;
        return isOwn ? next(context) : ValueTask.FromResult<object?>(Refusals.Refuse(ErrorCode.NotFound));
    }
}
