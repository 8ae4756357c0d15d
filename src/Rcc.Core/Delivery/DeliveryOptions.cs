using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Delivery;

/// <summary>How receipts are gathered. Section <c>Rcc:Delivery</c>.</summary>
public sealed class DeliveryOptions
{
    /// <summary>How long a node gathers confirmations of all its devices before it hands them to the log. Default 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:05")]
    public TimeSpan GatherFor { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a node waits before it tries again to hand over what a tenant's log did not take; meanwhile it gathers on. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Receipts in one proposal. Default 16.</summary>
    [Range(1, 10_000)]
    public int MaxMarksPerProposal { get; set; } = 16;
}
