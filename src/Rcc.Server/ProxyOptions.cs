using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Rcc.Server;

/// <summary>
/// The proxies in front of the server. Only they are believed when they say, by <c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c>, who asks: limits per address would else count all that come through
/// a proxy as one, or whatever somebody claims to be.
/// </summary>
internal sealed class ProxyOptions : IValidatableObject
{
    public const string Section = "Rcc:Proxy";

    /// <summary>Networks in CIDR form, separated by commas; empty: there is no proxy.</summary>
    public string Networks { get; set; } = "";

    /// <summary>How many of them a request passes, one behind the other.</summary>
    [Range(1, 10)]
    public int MaxHops { get; set; } = 1;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Parts.Where(part => !IPNetwork.TryParse(part, out _)).Select(part => new ValidationResult($"{Section}:{nameof(Networks)} has '{part}', which is no network such as 10.0.0.0/8.", [nameof(Networks)]));

    /// <summary>Null where there is no proxy.</summary>
    public ForwardedHeadersOptions? ToForwardedHeaders()
    {
        if (Parts.Length == 0) return null;
        var headers = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All & ~ForwardedHeaders.XForwardedPrefix, ForwardLimit = MaxHops };
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var part in Parts) headers.KnownIPNetworks.Add(IPNetwork.Parse(part));
        return headers;
    }

    string[] Parts => Networks.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
