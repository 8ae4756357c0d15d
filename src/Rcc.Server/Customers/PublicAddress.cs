using System.Net;
using System.Net.Sockets;

namespace Rcc.Server.Customers;

/// <summary>Tells addresses of the public internet from those of this machine and its networks (IANA special-purpose registries, RFC 6890).</summary>
internal static class PublicAddress
{
    static readonly IPNetwork[] NotPublic =
    [
        .. from text in new[]
           {
               "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
               "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
               "::/127", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
           }
           select IPNetwork.Parse(text),
    ];

    public static bool Is(IPAddress address) => EmbeddedIn(address) is { } inner ? Is(inner) : !NotPublic.Any(network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address));

    /// <summary>The IPv4 address an IPv6 address stands for: mapped (RFC 4291), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056).</summary>
    static IPAddress? EmbeddedIn(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        var bytes = address.GetAddressBytes();
        return bytes switch
        {
            _ when address.IsIPv4MappedToIPv6 => address.MapToIPv4(),
            [0, 0x64, 0xff, 0x9b, ..] => new(bytes.AsSpan(12)),
            [0x20, 0x02, ..] => new(bytes.AsSpan(2, 4)),
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. { } compatible] when !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.IPv6Any) => new(compatible),
            _ => null,
        };
    }
}
