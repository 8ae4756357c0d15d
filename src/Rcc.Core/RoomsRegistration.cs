using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Routing;
using Rcc.Core.Tenants;

namespace Rcc.Core;

/// <summary>Registers the rooms: their doors, options and what runs by itself. Stores, log and engine are registered by their own projects.</summary>
public static class RoomsRegistration
{
    /// <summary>Adds the rooms; options are read from the sections <c>Rcc:Access</c>, <c>Rcc:Agents</c>, <c>Rcc:Conversations</c>, <c>Rcc:Customers</c>, <c>Rcc:Routing</c>, <c>Rcc:Secrets</c>, <c>Rcc:Tenants</c> and checked at start.</summary>
    public static IServiceCollection AddRccRooms(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddCheckedOptions<AccessOptions>(configuration, "Access");
        services.AddCheckedOptions<AgentOptions>(configuration, "Agents");
        services.AddCheckedOptions<ConversationOptions>(configuration, "Conversations");
        services.AddCheckedOptions<CustomerOptions>(configuration, "Customers")
            .Validate(options => options.VolatileLifetime <= options.MaxVolatileLifetime, "Rcc:Customers:VolatileLifetime must not be above Rcc:Customers:MaxVolatileLifetime.");
        services.AddCheckedOptions<RoutingOptions>(configuration, "Routing");
        services.AddCheckedOptions<TenantOptions>(configuration, "Tenants");
        services.AddCheckedOptions<SecretOptions>(configuration, "Secrets");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SealedSecrets>();
        services.AddSingleton<KnownTerms>();
        services.AddHostedService(provider => provider.GetRequiredService<KnownTerms>());
        services.AddSingleton<Entitlements>();
        services.AddSingleton<TenantShares>();
        services.AddSingleton<RequestRates>();
        services.AddSingleton<AccountNames>();
        services.AddSingleton<InboxNames>();
        services.AddSingleton<NewContactRates>();
        services.AddSingleton<Admission>();
        services.AddSingleton<AccountDoor>();
        services.AddSingleton<AgentDoor>();
        services.AddSingleton<ArchiveDoor>();
        services.AddSingleton<AuditDoor>();
        services.AddSingleton<SuspendedText>();
        services.AddSingleton<WidgetDoor>();
        services.AddSingleton<ContactDoor>();
        services.AddSingleton<ContactEditDoor>();
        services.AddSingleton<ContactEraseDoor>();
        services.AddSingleton<ContactSettingsDoor>();
        services.AddSingleton<ContextDoor>();
        services.AddSingleton<ContextLookupDoor>();
        services.AddSingleton<ProfileLookupDoor>();
        services.AddSingleton<ControlDoor>();
        services.AddSingleton<ConversationDoor>();
        services.AddSingleton<DeskDoor>();
        services.AddSingleton<DispositionDoor>();
        services.AddSingleton<GroupDoor>();
        services.AddSingleton<GroupRemoveDoor>();
        services.AddSingleton<IdentityDoor>();
        services.AddSingleton<OperatorDoor>();
        services.AddSingleton<PlatformDoor>();
        services.AddSingleton<QueueDoor>();
        services.AddSingleton<RefusalDoor>();
        services.AddSingleton<SecondFactorDoor>();
        services.AddSingleton<SessionDoor>();
        services.AddSingleton<ShortcutDoor>();
        services.AddSingleton<GroupSuccession>();
        services.AddSingleton<StandingDoor>();
        services.AddSingleton<Reaches>();
        services.AddSingleton<PickingUp>();
        services.AddSingleton<SeenConversations>();
        services.AddSingleton<ConversationFacts>();
        services.AddHostedService<TenantErasure>();
        services.AddHostedService<RoutingWatch>();
        services.AddHostedService<AvailabilityWatch>();
        services.AddHostedService<SessionWatch>();
        services.AddHostedService<ContextWatch>();
        services.AddSingleton<ContextLookups>();
        return services;
    }

    static OptionsBuilder<T> AddCheckedOptions<T>(this IServiceCollection services, IConfiguration configuration, string room)
        where T : class => services.AddOptions<T>().Bind(configuration.GetSection($"Rcc:{room}")).ValidateDataAnnotations().ValidateOnStart();
}
