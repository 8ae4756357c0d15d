using Microsoft.AspNetCore.Http.Features;
using Rcc.Core;
using Rcc.Core.Access;

namespace Rcc.Server.Access;

/// <summary>The caller of a request, for endpoints of tenants.</summary>
internal sealed record SignedIn(Caller Caller, Secret Credential)
{
    public static ValueTask<SignedIn> BindAsync(HttpContext context) =>
        ValueTask.FromResult(new SignedIn(context.Features.GetRequiredFeature<Caller>(), context.Features.GetRequiredFeature<Secret>()));

    public static implicit operator Caller(SignedIn signedIn) => signedIn.Caller;
}

/// <summary>The platform operator of a request.</summary>
internal sealed record SignedInOperator(Operator Operator, Secret Credential)
{
    public static ValueTask<SignedInOperator> BindAsync(HttpContext context) =>
        ValueTask.FromResult(new SignedInOperator(context.Features.GetRequiredFeature<Operator>(), context.Features.GetRequiredFeature<Secret>()));

    public static implicit operator Operator(SignedInOperator signedIn) => signedIn.Operator;
}
