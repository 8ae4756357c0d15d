using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Tenants;

/// <summary>The limits of a tenant. Checked at start.</summary>
public sealed class TenantOptions
{
    /// <summary>Inboxes of a tenant.</summary>
    [Range(1, 10_000)]
    public int MaxInboxes { get; set; } = 500;

    /// <summary>API keys of a tenant that are neither revoked nor expired. Those stay listed.</summary>
    [Range(1, 10_000)]
    public int MaxKeys { get; set; } = 200;

    /// <summary>How long the secret of an API key or an inbox is good after another one was made, at most and when the request does not say. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "90.00:00:00")]
    public TimeSpan KeyOverlap { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a tenant's deletion waits, so that it can be cancelled and the tenant exported. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan DeletionWait { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often a node looks for tenants whose deletion is due, and for what is left of ended ones. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "1.00:00:00")]
    public TimeSpan ErasureInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Rows of an ended tenant that one statement erases; larger holds locks for longer.</summary>
    [Range(1, 1_000_000)]
    public int ErasedRows { get; set; } = 10_000;

    /// <summary>Archives of tenants that a node writes or takes in at the same time; more are refused as busy. Each keeps a connection to the store.</summary>
    [Range(1, 100)]
    public int MaxArchives { get; set; } = 2;

    /// <summary>How long writing or taking in one archive may take. While one is written the store keeps what is changed meanwhile in two versions. Default 2 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan ArchiveTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Bytes of an archive that is taken in, uncompressed. Default 1 TiB.</summary>
    [Range(1, long.MaxValue)]
    public long MaxArchiveBytes { get; set; } = 1L << 40;

    /// <summary>Bytes of one entry of an archive, which is in memory as a whole. Entries of about a quarter of it are written.</summary>
    [Range(1 << 20, 1 << 28)]
    public int MaxArchiveEntryBytes { get; set; } = 1 << 24;

    /// <summary>How often a node reads again what was agreed with the tenants it serves: a service is switched within this. Default 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:00:01")]
    public TimeSpan TermsInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>When what was read counts no more, and a request reads it itself. Default 900 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan TermsStaleAfter { get; set; } = TimeSpan.FromMilliseconds(900);

    /// <summary>How often messages are counted for quotas; what is posted in between may pass a quota. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan UsageInterval { get; set; } = TimeSpan.FromSeconds(5);
}
