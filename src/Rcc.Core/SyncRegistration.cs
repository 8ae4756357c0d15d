using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Delivery;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core;

/// <summary>Registers the log, the node's tails and its live connections.</summary>
public static class SyncRegistration
{
    public static IServiceCollection AddRccSync(this IServiceCollection services)
    {
        services.AddOptions<LogOptions>().BindConfiguration("Rcc:Log").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<TailOptions>().BindConfiguration("Rcc:Tail").ValidateDataAnnotations()
            .Validate(options => options.UnconfirmedLimit > options.ConfirmationInterval, "Rcc:Tail:UnconfirmedLimit must be longer than Rcc:Tail:ConfirmationInterval.")
            .ValidateOnStart();
        services.AddOptions<DeviceOptions>().BindConfiguration("Rcc:Devices").ValidateDataAnnotations()
            .Validate(options => options.PageItems <= options.MaxPageItems, "Rcc:Devices:PageItems must not be above Rcc:Devices:MaxPageItems.")
            .Validate<IOptions<AgentOptions>>(
                (devices, agents) => agents.Value.PresenceLifetime >= 4 * devices.ActivityInterval, "Rcc:Devices:ActivityInterval must not be above a quarter of Rcc:Agents:PresenceLifetime.")
            .ValidateOnStart();
        services.AddOptions<DeliveryOptions>().BindConfiguration("Rcc:Delivery").ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<SyncMetrics>();
        services.AddSingleton<SyncTokensSource>();
        services.AddHostedService(provider => provider.GetRequiredService<SyncTokensSource>());
        services.AddSingleton<NodeTails>();
        services.AddHostedService(provider => provider.GetRequiredService<NodeTails>());
        services.AddSingleton<ConfirmationBuffer>();
        services.AddHostedService(provider => provider.GetRequiredService<ConfirmationBuffer>());
        services.AddSingleton(provider => LimitsOf(
            provider.GetRequiredService<IOptions<DeviceOptions>>().Value, provider.GetRequiredService<IOptions<ConversationOptions>>().Value));
        services.AddSingleton(provider => new DeviceLinks(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<NodeTails>(),
            provider.GetRequiredService<ISyncStore>(),
            provider.GetRequiredService<SyncTokensSource>(),
            provider.GetRequiredService<ConfirmationBuffer>(),
            provider.GetRequiredService<SyncMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptions<DeviceOptions>>(),
            provider.GetRequiredService<SyncLimits>(),
            provider.GetRequiredService<ILogger<DeviceLinks>>()));
        services.AddHostedService<ActivityReports>();
        return services;
    }

    /// <summary>What every device is told when it synchronises.</summary>
    static SyncLimits LimitsOf(DeviceOptions devices, ConversationOptions conversations) => new()
    {
        MaxContentBytes = conversations.MaxContentBytes,
        MaxDraftBytes = conversations.MaxDraftBytes,
        MaxPageItems = devices.MaxPageItems,
        MaxConfirmedConversations = devices.MaxConfirmedConversations,
        ConfirmWithinMs = (int)devices.ConfirmWithin.TotalMilliseconds,
    };
}
