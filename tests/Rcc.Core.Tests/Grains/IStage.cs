using Microsoft.Extensions.DependencyInjection;

namespace Rcc.Core.Tests.Grains;

/// <summary>Where a flow is played: on which store. All nodes of a stage share it.</summary>
public interface IStage
{
    /// <summary>Registers all stores.</summary>
    void AddStores(IServiceCollection services);
}
