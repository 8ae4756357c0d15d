using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>The single writer of them. Rules are in <see cref="AvailabilityLabels"/>.</summary>
[GrainType("availability-labels")]
internal sealed class AvailabilityLabelsGrain(ISyncStore store) : DecidingGrain<LabelsSnapshot>, IAvailabilityLabelsGrain
{
    public Task<Answer> SetAsync(Caller caller, CommandKey? command, ImmutableArray<NewAvailabilityLabel> labels, CancellationToken cancellationToken) => CarryOutAsync(
        caller, command, now => AvailabilityLabels.Set(Tenant, now, [.. labels.Select(label => new AvailabilityLabel(label.Name, label.Availability))]), cancellationToken);

    protected override async Task<LabelsSnapshot?> LoadAsync(CancellationToken cancellationToken) =>
        await store.FindItemAsync(Tenant, AvailabilityLabels.Key(Tenant), cancellationToken) is { } item ? new(item.Revision, AvailabilityLabels.Read(item)) : null;
}
