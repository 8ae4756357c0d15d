using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Access;

namespace Rcc.Server.Access;

/// <summary>
/// Tells who is calling from the credential: <c>Authorization: Bearer</c>, the header <c>api_access_token</c>, or, for the WebSocket of a browser, which can set no header, a one-use ticket in the query.
/// The caller becomes a feature of the request; nothing else makes one, and a request by the hub brings that of its connection.
/// </summary>
internal sealed class CallerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, SessionDoor sessions, PlatformDoor platform, SignInLimits limits)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "rcc";

    /// <summary>Somebody of a tenant: agent, customer or application.</summary>
    public const string OfTenant = "tenant";

    /// <summary>A person of a tenant, on a device: applications have none.</summary>
    public const string OfDevice = "device";

    /// <summary>The platform operator.</summary>
    public const string OfPlatform = "platform";

    public const string KeyHeader = "api_access_token";
    public const string TicketParameter = "access_token";

    Outcome refusal = Outcome.Refused(ErrorCode.Unauthenticated);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<Caller>() is { } connected) return Succeed(connected);

        // A ticket is good for a WebSocket only: it has stood in a URL.
        if (Secret.Read(Presented()) is not { } secret || (secret.Kind == SecretKind.Ticket && !Context.WebSockets.IsWebSocketRequest))
            return AuthenticateResult.NoResult();

        Context.Features.Set(secret);
        var hash = secret.Hash.AsMemory();
        var address = Context.Connection.RemoteIpAddress;
        if (!sessions.Knows(hash) && limits.RefuseUnknown(address) is { } tooMany) return Refuse(tooMany);

        if (secret.Kind == SecretKind.Operator)
        {
            var @operator = await platform.AuthenticateAsync(hash, Context.RequestAborted);
            return @operator.IsOk ? Succeed(@operator.Value, [OfPlatform]) : Refuse(@operator.Outcome);
        }

        var credential = secret.Kind == SecretKind.Ticket
            ? await sessions.RedeemTicketAsync(hash, Context.RequestAborted)
            : await sessions.AuthenticateAsync(hash, Context.RequestAborted);
        if (!credential.IsOk) return Refuse(credential.Outcome);
        if (!Origins.Allow(credential.Value.AllowedOrigins, Request)) return Refuse(Origins.Refusal);
        return Succeed(credential.Value.Caller);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Refusals.WriteAsync(Context, refusal);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refusals.WriteAsync(Context, Outcome.Refused(ErrorCode.Forbidden));

    string? Presented()
    {
        if (Request.Headers.TryGetValue(KeyHeader, out var key)) return key.ToString();
        if (Request.Headers.TryGetValue(HeaderNames.Authorization, out var header))
        {
            const string bearer = "Bearer ";
            var value = header.ToString();
            return value.StartsWith(bearer, StringComparison.OrdinalIgnoreCase) ? value[bearer.Length..].Trim() : null;
        }

        // Only a ticket may stand in a URL, and only where a browser has no other way.
        return Context.WebSockets.IsWebSocketRequest && Request.Query.TryGetValue(TicketParameter, out var ticket)
            && Secret.Read(ticket) is { Kind: SecretKind.Ticket }
            ? ticket.ToString()
            : null;
    }

    AuthenticateResult Refuse(Outcome refusal)
    {
        if (refusal.Code == ErrorCode.Unauthenticated) limits.CountUnknown(Context.Connection.RemoteIpAddress);
        this.refusal = refusal;
        return AuthenticateResult.Fail(Refusals.WireName(refusal.Code));
    }

    AuthenticateResult Succeed(Caller caller) => Succeed(caller, caller.Role == Role.Application ? [OfTenant] : [OfTenant, OfDevice]);

    AuthenticateResult Succeed<TCaller>(TCaller caller, string[] roles)
        where TCaller : class
    {
        Context.Features.Set(caller);
        var identity = new ClaimsIdentity(roles.Select(role => new Claim(ClaimTypes.Role, role)), SchemeName);
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), SchemeName));
    }
}
