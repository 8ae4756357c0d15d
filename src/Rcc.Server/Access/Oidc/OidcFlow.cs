using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Rcc.Contracts;
using Rcc.Core.Access;

namespace Rcc.Server.Access.Oidc;

/// <summary>Makes handlers, and does what comes after them.</summary>
internal sealed class OidcFlow(Providers providers, ProviderHttp http, SealedState states, IdentityDoor door, ILoggerFactory loggers, ILogger<OidcFlow> logger)
{
    public const string TenantItem = "tenant";
    public const string ReturnUrlItem = "return_url";
    public const string ChallengeItem = "challenge";
    public const string InvitationItem = "invitation";

    const string Callback = "/api/v1/auth/oidc/callback";

    public AuthenticationProperties? Open(string? state) => states.Unprotect(state);

    public async Task<Found<OidcHandler>> PrepareAsync(HttpContext context, OpenProvider provider, OAuthEvents events, CancellationToken cancellationToken)
    {
        var discovered = await providers.FindAsync(provider.Issuer, cancellationToken);
        if (!discovered.IsOk) return discovered.Outcome;
        var options = new OAuthOptions
        {
            ClientId = provider.ClientId,
            ClientSecret = provider.ClientSecret,
            AuthorizationEndpoint = discovered.Value.AuthorizationEndpoint,
            TokenEndpoint = discovered.Value.TokenEndpoint,
            CallbackPath = Callback,
            UsePkce = true,
            StateDataFormat = states,
            Backchannel = http.Client,
            RemoteAuthenticationTimeout = SealedState.Lifetime,
            Events = events,
            Scope = { "openid", "email", "profile" },
        };

        // The provider sends the browser back by a link, with which a lax cookie goes. Where there is no TLS, a secure cookie would be lost.
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        var handler = new OidcHandler(provider, discovered.Value, providers, options, loggers);
        await handler.PrepareAsync(context);
        return handler;
    }

    /// <summary>The person is known: its browser goes back with a code.</summary>
    public async Task ReceiveAsync(TicketReceivedContext context, OpenProvider provider)
    {
        context.HandleResponse();
        var said = SaidOf(context, provider);
        var code = Secret.Make(SecretKind.SignInCode);
        var kept = await door.KeepAsync(code.Hash.AsMemory(), JsonSerializer.SerializeToUtf8Bytes(said, OidcJson.Default.SaidOfPerson), context.HttpContext.RequestAborted);
        if (kept.IsOk)
            context.Response.Redirect($"{context.Properties!.Items[ReturnUrlItem]}#code={code.Reveal()}");
        else
            await Refusals.WriteAsync(context.HttpContext, kept);
    }

    /// <summary>Why is for the log and for whoever sees the page: it holds nothing of the token.</summary>
    public Task FailAsync(RemoteFailureContext context)
    {
        context.HandleResponse();
        logger.SignInFailed(context.Failure is AuthenticationFailureException known ? known.Message : context.Failure?.GetType().Name ?? "no reason");
        return Refusals.WriteAsync(context.HttpContext, Outcome.Refused(
            ErrorCode.Unauthenticated, context.Failure is AuthenticationFailureException why ? why.Message : "The identity provider's answer could not be used."));
    }

    /// <summary>The person, or the provider, said no.</summary>
    public static Task DenyAsync(AccessDeniedContext context)
    {
        context.HandleResponse();
        context.Response.Redirect($"{context.Properties!.Items[ReturnUrlItem]}#error=access_denied");
        return Task.CompletedTask;
    }

    static SaidOfPerson SaidOf(TicketReceivedContext context, OpenProvider provider)
    {
        var (principal, items) = (context.Principal!, context.Properties!.Items);
        return new(
            provider.Tenant.Value,
            provider.Issuer,
            principal.FindFirstValue(ClaimTypes.NameIdentifier)!,
            principal.FindFirstValue(OidcHandler.VerifiedEmail),
            principal.FindFirstValue(ClaimTypes.Name),
            items[ChallengeItem]!,
            items.TryGetValue(InvitationItem, out var invitation) ? invitation : null);
    }
}

/// <summary>What a provider has said of somebody, until the device comes for it.</summary>
internal sealed record SaidOfPerson(Guid Tenant, string Issuer, string Subject, string? VerifiedEmail, string? Name, string Challenge, string? Invitation);

[JsonSerializable(typeof(SaidOfPerson))]
internal sealed partial class OidcJson : JsonSerializerContext;
