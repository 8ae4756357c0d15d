using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Access;

/// <summary>The limits of the doors: what one caller may ask for. Checked at start.</summary>
public sealed class AccessOptions
{
    /// <summary>Items of one page of a list. Longer pages hold a connection to the store for longer.</summary>
    [Range(1, 1_000)]
    public int MaxListItems { get; set; } = 100;

    /// <summary>Requests a person may make at once, over all devices. Smaller than an outbox after a day offline only delays it.</summary>
    [Range(1, 1_000_000)]
    public int RequestBurst { get; set; } = 400;

    /// <summary>Requests per second a person may make for long.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>Requests an application's key may make at once.</summary>
    [Range(1, 1_000_000)]
    public int ApplicationRequestBurst { get; set; } = 2_000;

    /// <summary>Requests per second an application's key may make for long.</summary>
    [Range(1, 1_000_000)]
    public int ApplicationRequestsPerSecond { get; set; } = 1_000;

    /// <summary>Anonymous customers who may be new to one tenant on a node per minute, and at once.</summary>
    [Range(1, 1_000_000)]
    public int NewContactsPerMinute { get; set; } = 600;

    /// <summary>Requests a tenant may make at once on a node, of all its people and applications; its plan may say otherwise.</summary>
    [Range(1, 1_000_000)]
    public int TenantRequestBurst { get; set; } = 10_000;

    /// <summary>Requests per second a tenant may make on a node for long; its plan may say otherwise.</summary>
    [Range(1, 1_000_000)]
    public int TenantRequestsPerSecond { get; set; } = 5_000;

    /// <summary>The same on a node that serves others as well, at most twice as many at once: what a tenant may take from others. Its plan may say otherwise.</summary>
    [Range(1, 1_000_000)]
    public int TenantRequestsPerSecondContended { get; set; } = 300;

    /// <summary>Requests of one tenant under way at the same time on a node that serves nobody else; its plan may say otherwise.</summary>
    [Range(1, 100_000)]
    public int TenantConcurrentRequests { get; set; } = 1_024;

    /// <summary>The same on a node that serves others as well. Fewer than the store's connections, so that some are always left for the others; its plan may say otherwise.</summary>
    [Range(1, 100_000)]
    public int TenantConcurrentRequestsContended { get; set; } = 16;

    /// <summary>Requests of one tenant that may wait their turn; more are refused as busy.</summary>
    [Range(0, 100_000)]
    public int TenantWaitingRequests { get; set; } = 512;

    /// <summary>How long after its last request a tenant counts as one that is served.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")]
    public TimeSpan ContentionLasts { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Characters of a name of anything.</summary>
    [Range(1, 1_000)]
    public int MaxNameLength { get; set; } = 100;

    /// <summary>Characters of an e-mail address; RFC 5321 §4.5.3.1.3 leaves 254.</summary>
    [Range(3, 254)]
    public int MaxEmailLength { get; set; } = 254;

    /// <summary>Characters of the tenant's own id for a customer.</summary>
    [Range(1, 1_000)]
    public int MaxIdentifierLength { get; set; } = 255;

    /// <summary>Origins an inbox may name.</summary>
    [Range(0, 1_000)]
    public int MaxAllowedOrigins { get; set; } = 50;

    /// <summary>Departments an inbox may offer its customers.</summary>
    [Range(0, 100)]
    public int MaxDepartments { get; set; } = 20;

    /// <summary>How long a one-use ticket for a device connection is good for, in seconds.</summary>
    [Range(1, 600)]
    public int TicketSeconds { get; set; } = 30;

    /// <summary>Refusals for want of a right or a service that the action record takes of one person or application in an hour. More are counted only, so that nobody fills the record by asking.</summary>
    [Range(1, 3_600)]
    public int RecordedRefusalsPerHour { get; set; } = 120;

    /// <summary>How long a platform operator's session lasts, in hours.</summary>
    [Range(1, 24 * 30)]
    public int OperatorSessionHours { get; set; } = 12;
}
