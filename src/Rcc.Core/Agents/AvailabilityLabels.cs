using System.Collections.Immutable;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>The tenant's own words for availability. One item, told to all its agents.</summary>
public static class AvailabilityLabels
{
    public static ItemKey Key(TenantId tenant) => new(ItemKind.AvailabilityLabels, tenant.Value);

    public static AvailabilityLabelsState Read(StoredItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item.Read(ContractJson.Default.AvailabilityLabelsState);
    }

    /// <summary>Replaces them all. Who has set one that is gone keeps it until it sets another.</summary>
    public static Decision<LabelsSnapshot> Set(TenantId tenant, LabelsSnapshot? now, ImmutableArray<AvailabilityLabel> labels)
    {
        var next = new LabelsSnapshot((now?.Revision ?? 0) + 1, new() { Labels = labels });
        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Revision = next.Revision },
            Act = new("availability_labels", tenant.Value, "update") { Changes = ActChanges.Of(now?.State, next.State, ContractJson.Default.AvailabilityLabelsState).ToImmutable() },
            Items = [ItemChange.Of(Key(tenant), next.Revision, next.State, ContractJson.Default.AvailabilityLabelsState, Audience.OfAgents(tenant))],
        });
    }
}

/// <summary>The words as stored.</summary>
public sealed record LabelsSnapshot(int Revision, AvailabilityLabelsState State);
