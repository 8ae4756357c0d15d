using System.ComponentModel.DataAnnotations;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>Limits of live connections. Section <c>Rcc:Devices</c>.</summary>
public sealed class DeviceOptions
{
    /// <summary>Entries waiting to be sent to one connection; when there are more the queue is dropped and the device catches up by its token. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxQueuedEntries { get; set; } = 1_000;

    /// <summary>Rows of a catch-up page when the device does not say. Default 200.</summary>
    [Range(1, 10_000)]
    public int PageItems { get; set; } = 200;

    /// <summary>Rows a device may ask for in one page, of catch-up or of messages. Default 500.</summary>
    [Range(1, 10_000)]
    public int MaxPageItems { get; set; } = 500;

    /// <summary>Conversations one confirmation may name. Default 500.</summary>
    [Range(1, 100_000)]
    public int MaxConfirmedConversations { get; set; } = 500;

    /// <summary>How long a device may keep a confirmation back. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan ConfirmWithin { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long <em>typing</em> lasts when nothing newer comes (RFC 3994 refresh). Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan TypingLasts { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long it counts that an agent has a conversation open, when it is not said again; it is said three times in that time. Default 45 s.</summary>
    [Range(typeof(TimeSpan), "00:00:03", "00:10:00")]
    public TimeSpan ViewingLasts { get; set; } = TimeSpan.FromSeconds(45);

    internal EphemeralTimes EphemeralTimes => new(TypingLasts, ViewingLasts);

    /// <summary>Typing facts one connection may send in a second; and how often it may say whether it is in use. Default 5.</summary>
    [Range(1, 1_000)]
    public int MaxTypingPerSecond { get; set; } = 5;

    /// <summary>How often a node says again which devices are in use. A node that has died is believed for three times as long. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")]
    public TimeSpan ActivityInterval { get; set; } = TimeSpan.FromSeconds(30);
}
