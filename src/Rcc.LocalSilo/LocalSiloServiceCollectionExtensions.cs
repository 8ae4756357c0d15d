using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans;

namespace Rcc.LocalSilo;

/// <summary>Adds the embedded engine to a host.</summary>
public static class LocalSiloServiceCollectionExtensions
{
    /// <summary>
    /// Hosts the grains of the given assemblies in this process, and makes <see cref="IGrainFactory"/> and <see cref="IClusterClient"/>
    /// available. The silo starts before every hosted service and stops after them. Grains get their constructor arguments from a scope of their
    /// own; time comes from the registered <see cref="TimeProvider"/>. Arguments and results are passed by reference, so they must be immutable.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the assemblies and, where the defaults do not fit, the limits.</param>
    public static IServiceCollection AddLocalSilo(this IServiceCollection services, Action<LocalSiloOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<LocalSiloOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LocalSiloOptions>, LocalSiloOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Silo>();
        services.TryAddSingleton<IClusterClient>(provider => provider.GetRequiredService<Silo>());
        services.TryAddSingleton<IGrainFactory>(provider => provider.GetRequiredService<Silo>());
        services.AddHostedService(provider => provider.GetRequiredService<Silo>());
        return services;
    }
}
