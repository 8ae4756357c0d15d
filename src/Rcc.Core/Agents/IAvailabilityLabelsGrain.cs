using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>The tenant's own words for availability, keyed by <see cref="TenantId.Key"/>.</summary>
[Alias("rcc.IAvailabilityLabelsGrain")]
public interface IAvailabilityLabelsGrain : IGrainWithStringKey
{
    /// <summary>Replaces them all.</summary>
    [Alias("Set")]
    Task<Answer> SetAsync(Caller caller, CommandKey? command, ImmutableArray<NewAvailabilityLabel> labels, CancellationToken cancellationToken);
}

/// <summary>A word for an availability.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.NewAvailabilityLabel")]
public readonly record struct NewAvailabilityLabel([property: Id(0)] string Name, [property: Id(1)] Availability Availability);
