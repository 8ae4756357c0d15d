using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Routing;

/// <summary>How what waits is found. Checked at start.</summary>
public sealed class RoutingOptions
{
    /// <summary>How often a node looks for tenants in which something waits although an agent is available. Default 2 s: what is lost in a crash waits so long at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")]
    public TimeSpan LookRoundInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Tenants one look-round finds. Default 1,000; the others come with the next ones.</summary>
    [Range(1, 100_000)]
    public int MaxTenantsPerLookRound { get; set; } = 1_000;

    /// <summary>Conversations assigned in one go. Default 200.</summary>
    [Range(1, 10_000)]
    public int MaxConversationsPerLook { get; set; } = 200;
}
