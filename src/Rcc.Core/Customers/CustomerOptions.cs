using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Customers;

/// <summary>The limits of what is kept of customers. Checked at start.</summary>
public sealed class CustomerOptions
{
    /// <summary>Addresses of a contact.</summary>
    [Range(1, 1_000)]
    public int MaxAddresses { get; set; } = 50;

    /// <summary>Contacts merged into one.</summary>
    [Range(1, 200)]
    public int MaxMerged { get; set; } = 50;

    /// <summary>Devices of a customer signed in at the same time; one more signs the oldest out.</summary>
    [Range(1, 1_000)]
    public int MaxDevices { get; set; } = 20;

    /// <summary>Labels an account may define.</summary>
    [Range(1, 5_000)]
    public int MaxLabels { get; set; } = 500;

    /// <summary>Attributes an account may define, for contacts and conversations together.</summary>
    [Range(1, 1_000)]
    public int MaxAttributeDefinitions { get; set; } = 200;

    /// <summary>Values a list attribute may have.</summary>
    [Range(1, 1_000)]
    public int MaxListValues { get; set; } = 200;

    /// <summary>Bytes of an attribute's value, as JSON in UTF-8.</summary>
    [Range(16, 65_536)]
    public int MaxAttributeBytes { get; set; } = 2_048;

    /// <summary>Pieces of context information of one principal, persistent and volatile together.</summary>
    [Range(1, 1_000)]
    public int MaxContextValues { get; set; } = 100;

    /// <summary>Bytes of a piece of context information, as JSON in UTF-8.</summary>
    [Range(16, 65_536)]
    public int MaxContextValueBytes { get; set; } = 4_096;

    /// <summary>Bytes of all context information of one principal: whoever serves a customer gets all of it with every change.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxContextBytes { get; set; } = 65_536;

    /// <summary>How long volatile context lasts when nobody says.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan VolatileLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest volatile context may last.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan MaxVolatileLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Rules of disclosure.</summary>
    [Range(1, 1_000)]
    public int MaxDisclosureRules { get; set; } = 200;

    /// <summary>How long a tenant's server may take to answer a context lookup, connecting included; all questions about one profile together.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan LookupTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>When a context lookup is begun again that did not end, because its node did; and the least time after one until the next is begun by time alone.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LookupRetry { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long after a context lookup the next one is begun while somebody serves the customer, or when somebody looks at it; sooner where the answer says that it counts for less.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan LookupRefresh { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Context lookups a node has under way at once.</summary>
    [Range(1, 10_000)]
    public int MaxLookups { get; set; } = 64;

    /// <summary>Context lookups of one tenant a node has under way at once.</summary>
    [Range(1, 1_000)]
    public int MaxLookupsPerTenant { get; set; } = 8;

    /// <summary>Context lookups a node keeps waiting; of more, those of the tenant with the most are begun later.</summary>
    [Range(1, 1_000_000)]
    public int MaxLookupsWaiting { get; set; } = 10_000;

    /// <summary>Addresses of a customer a profile is looked for under: SIP addresses first, then telephone numbers.</summary>
    [Range(1, 100)]
    public int MaxProfileAddresses { get; set; } = 5;

    /// <summary>Bytes of an answer to a context lookup.</summary>
    [Range(256, 10_485_760)]
    public int MaxLookupBytes { get; set; } = 131_072;

    /// <summary>Context may be looked up in the server's own network, loopback included. Else whoever administers a tenant could make the server ask what only the server can reach.</summary>
    public bool LookupAllowsPrivateAddresses { get; set; }

    /// <summary>Context may be looked up without TLS.</summary>
    public bool LookupAllowsPlainHttp { get; set; }

    /// <summary>How often a node looks for contacts whose context has expired, or whose agents were not told who they serve.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan LookRoundInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Contacts one look-round takes up.</summary>
    [Range(1, 10_000)]
    public int MaxContactsPerLookRound { get; set; } = 500;
}
