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

    /// <summary>How long a one-use ticket for a device connection is good for, in seconds.</summary>
    [Range(1, 600)]
    public int TicketSeconds { get; set; } = 30;

    /// <summary>How long a platform operator's session lasts, in hours.</summary>
    [Range(1, 24 * 30)]
    public int OperatorSessionHours { get; set; } = 12;
}
