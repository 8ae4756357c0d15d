using System.Collections.Immutable;
using System.Text.Json;
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
        return JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.AvailabilityLabelsState)!;
    }

    /// <summary>Replaces them all. Who has set one that is gone keeps it until it sets another.</summary>
    public static Decision<LabelsSnapshot> Set(TenantId tenant, LabelsSnapshot? now, ImmutableArray<AvailabilityLabel> labels)
    {
        var next = new LabelsSnapshot((now?.Revision ?? 0) + 1, new() { Labels = labels });
        var home = Audience.OfAgents(tenant);
        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Revision = next.Revision },
            Act = new("availability_labels", tenant.Value, "update", Act.Of(("labels", string.Join(' ', labels.Select(label => label.Name))))),
            Items = [new(Key(tenant), next.Revision, ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(next.State, ContractJson.Default.AvailabilityLabelsState)), home, [home])],
        });
    }
}

/// <summary>The words as stored.</summary>
public sealed record LabelsSnapshot(int Revision, AvailabilityLabelsState State);
