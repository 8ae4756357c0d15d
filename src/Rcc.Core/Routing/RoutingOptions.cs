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

    /// <summary>Conversations of one queue that are looked at in one go. Default 200.</summary>
    [Range(1, 10_000)]
    public int MaxConversationsPerLook { get; set; } = 200;

    /// <summary>Conversations given or offered at the same time, so that many go into one commit. Default 32.</summary>
    [Range(1, 1_000)]
    public int MaxGivenAtOnce { get; set; } = 32;

    /// <summary>How long who declined or missed an offer is left in peace before the same conversation is offered again, when nobody else could take it. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan OfferAgainAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often at most waiting customers are told where they stand. Default 3 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")]
    public TimeSpan PlacesInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a customer whose place does not move is told it again, with a newer estimate. Default 20 s: a device that comes knows it by then.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "01:00:00")]
    public TimeSpan PlacesRepeat { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Customers of one queue who are told where they stand, the next first. Default 200; others may ask. 0: nobody is told.</summary>
    [Range(0, 10_000)]
    public int MaxPlacesTold { get; set; } = 200;

    /// <summary>Queues of a tenant. Default 200.</summary>
    [Range(1, 10_000)]
    public int MaxQueues { get; set; } = 200;

    /// <summary>Groups, agents and skills one queue may name, of each. Default 200.</summary>
    [Range(1, 10_000)]
    public int MaxNamedByQueue { get; set; } = 200;

    /// <summary>Seconds an agent may be given to answer an offer. Default 600.</summary>
    [Range(1, 86_400)]
    public int MaxOfferSeconds { get; set; } = 600;

    /// <summary>Seconds a queue may let something wait before it goes on to another. Default 604,800: a week.</summary>
    [Range(1, 31_536_000)]
    public int MaxWaitSeconds { get; set; } = 604_800;

    /// <summary>Hours of silence after which a queue may resolve. Default 8,784: a year.</summary>
    [Range(1, 87_840)]
    public int MaxAutoResolveHours { get; set; } = 8_784;

    /// <summary>Percent of a target's open time after which it is warned of. Default 80.</summary>
    [Range(1, 99)]
    public int WarnAtPercent { get; set; } = 80;

    /// <summary>Seconds of a target. Default 2,592,000: 30 days of open time.</summary>
    [Range(1, 31_536_000)]
    public int MaxTargetSeconds { get; set; } = 2_592_000;

    /// <summary>Open hours that one queue may name. Default 50.</summary>
    [Range(1, 1_000)]
    public int MaxOpenHours { get; set; } = 50;

    /// <summary>Holidays that one queue may name. Default 200.</summary>
    [Range(1, 10_000)]
    public int MaxHolidays { get; set; } = 200;
}
