using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Server.Access;
using Rcc.Server.Access.Oidc;
using Rcc.Server.Agents;
using Rcc.Server.Conversations;
using Rcc.Server.Customers;
using Rcc.Server.Devices;
using Rcc.Server.Routing;
using Rcc.Server.Tenants;

namespace Rcc.Server;

/// <summary>Everything that listens: the hub, the REST API, health, the set-up page. What is not marked as open asks for a credential.</summary>
internal static class FrontDoor
{
    const string AnyOrigin = "any-origin";

    public static void AddFrontDoor(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<HubLimits>>((kestrel, limits) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = limits.Value.MaxReceiveBytes;
        });
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.MinPasswordLength <= o.MaxPasswordLength, $"{SignInOptions.Section}:MinPasswordLength is above MaxPasswordLength.").ValidateOnStart();
        services.AddOptions<HubLimits>().BindConfiguration(HubLimits.Section).ValidateDataAnnotations()
            .Validate(o => o.ClientTimeoutSeconds >= 2 * o.KeepAliveSeconds, $"{HubLimits.Section}:ClientTimeoutSeconds must be at least twice KeepAliveSeconds.")
            .Validate<IOptions<ConversationOptions>>(
                (o, conversations) => o.MaxReceiveBytes >= HubLimits.ReceiveBytesFor(conversations.Value.MaxContentBytes),
                $"{HubLimits.Section}:MaxReceiveBytes must be at least six times the conversations' MaxContentBytes, and 4096.").ValidateOnStart();
        services.AddOptions<ProxyOptions>().BindConfiguration(ProxyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LookupHttp>();
        services.AddSingleton<IContextSource, HttpContextSource>();
        services.AddSingleton<IContextSource, XcapContextSource>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<SignInLimits>();
        services.AddSingleton<PasswordCheck>();
        services.AddSingleton<ProviderHttp>();
        services.AddSingleton<Providers>();
        services.AddSingleton<SealedState>();
        services.AddSingleton<OidcFlow>();
        services.AddSingleton<SetUp>();
        services.AddAuthentication(CallerAuthentication.SchemeName).AddScheme<AuthenticationSchemeOptions, CallerAuthentication>(CallerAuthentication.SchemeName, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(CallerAuthentication.OfTenant, p => p.RequireRole(CallerAuthentication.OfTenant))
            .AddPolicy(CallerAuthentication.OfDevice, p => p.RequireRole(CallerAuthentication.OfDevice))
            .AddPolicy(CallerAuthentication.OfPlatform, p => p.RequireRole(CallerAuthentication.OfPlatform))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(IsNowhereOrOfTenant).Build());
        services.ConfigureHttpJsonOptions(json => Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddExceptionHandler<UnhandledErrors>();
        services.AddCors(cors => cors.AddPolicy(AnyOrigin, p => p.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod().SetPreflightMaxAge(TimeSpan.FromHours(1))));
        services.AddHealthChecks().AddCheck<Readiness>("store");
        services.AddApiDocument();
        AddHub(services);
    }

    public static void MapFrontDoor(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ProxyOptions>>().Value.ToForwardedHeaders() is { } proxies) app.UseForwardedHeaders(proxies);
        app.Use(app.Services.GetRequiredService<ApiOverHub>().Reach);
        app.UseMiddleware<RequestLog>();
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(context => Refusals.WriteBareAsync(context.HttpContext));
        app.UseRouting();

        // Credentials are in headers that no browser adds by itself, so any page may ask; from where customers may come is the inbox's to say.
        app.UseCors();
        app.UseWebSockets();
        app.UseAuthentication();
        app.UseAuthorization();

        var limits = app.Services.GetRequiredService<IOptions<HubLimits>>().Value;
        app.MapHub<DeviceHub>(DeviceHub.Path, o =>
        {
            o.Transports = HttpTransportType.WebSockets;
            o.TransportMaxBufferSize = limits.TransportBufferBytes;
            o.ApplicationMaxBufferSize = limits.MaxReceiveBytes;
        }).RequireAuthorization(CallerAuthentication.OfDevice);

        var api = app.MapGroup("/api/v1").RequireAuthorization(CallerAuthentication.OfTenant).RequireCors(AnyOrigin);
        api.MapSessions();
        api.MapSecondFactorSignIn();
        api.MapOidc();
        var account = api.MapGroup($"/accounts/{{{AccountOfPath.Parameter}:guid}}").AddEndpointFilter<AccountOfPath>().AddEndpointFilter<RefusedCommands>();
        account.MapAccount();
        account.MapIdentityProvider();
        account.MapAgents();
        account.MapTeams();
        account.MapProfile();
        account.MapSecondFactors();
        account.MapAvailabilityLabels();
        account.MapDevices();
        account.MapInboxes();
        account.MapQueues();
        account.MapAccessTokens();
        account.MapAuditLogs();
        account.MapContacts();
        account.MapContactSettings();
        account.MapContext();
        account.MapSubscriptions();
        account.MapPresence();
        account.MapContextLookup();
        account.MapProfileLookup();
        account.MapConversations();
        account.MapDispositions();
        account.MapShortcuts();
        var open = app.MapGroup("/public/api/v1").RequireCors(AnyOrigin);
        open.MapWidget();
        open.MapCustomerSessions();
        var platform = app.MapGroup("/platform/api/v1").RequireAuthorization(CallerAuthentication.OfPlatform);
        platform.MapPlatform();
        platform.MapOperators();
        platform.MapArchives();
        platform.MapPlatformAuditLogs();
        app.MapSetUp();
        app.MapOpenApi().AllowAnonymous();
        app.MapHealthChecks(Readiness.Live, new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks(Readiness.Ready).AllowAnonymous();
    }

    /// <summary>How the REST API looks as JSON.</summary>
    internal static void Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(NoNullElements.Demand);
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
    }

    /// <summary>An endpoint that says nothing of who may use it is for somebody of a tenant; where there is none, or the wrong method, there is nothing to guard.</summary>
    static bool IsNowhereOrOfTenant(AuthorizationHandlerContext context) =>
        (context.Resource as HttpContext)?.GetEndpoint() is not RouteEndpoint || context.User.IsInRole(CallerAuthentication.OfTenant);

    static void AddHub(IServiceCollection services)
    {
        services.AddSignalR().AddJsonProtocol(json => json.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, ContractJson.Default));
        services.AddOptions<HubOptions>().Configure<IOptions<HubLimits>>((hub, limits) =>
        {
            hub.MaximumReceiveMessageSize = limits.Value.MaxReceiveBytes;
            hub.MaximumParallelInvocationsPerClient = limits.Value.ParallelInvocations;
            hub.KeepAliveInterval = TimeSpan.FromSeconds(limits.Value.KeepAliveSeconds);
            hub.ClientTimeoutInterval = TimeSpan.FromSeconds(limits.Value.ClientTimeoutSeconds);
            hub.EnableDetailedErrors = false;
        });
        services.AddSingleton<HubLifetimeManager<DeviceHub>, DeviceConnections>();
        services.AddSingleton<DeviceProtocol>();
        services.AddSingleton<ApiOverHub>();
        services.RemoveAll<IHubProtocol>();
        services.AddSingleton<IHubProtocol>(provider => provider.GetRequiredService<DeviceProtocol>());
    }
}
