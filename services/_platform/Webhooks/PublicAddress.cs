using System.Net;
using System.Net.Sockets;

namespace Itsm.Platform.Webhooks;

/// <summary>Which addresses lie in the public internet.</summary>
/// <remarks>Source: the IANA registries of special-purpose IPv4 and IPv6 addresses.</remarks>
public static class PublicAddress
{
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/3",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    // Of global unicast, what is documentation, benchmarking, or a tunnel to an IPv4 address.
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] SpecialGlobal = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }
        .Select(text => IPNetwork.Parse(text))];

    /// <summary>True for an address that anybody can reach: not private, loopback, link-local (where clouds keep their metadata; one keeps
    /// it at 168.63.129.16), multicast or reserved.</summary>
    public static bool Is(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Special.Any(network => network.Contains(address))
            : Global.Contains(address) && !SpecialGlobal.Any(network => network.Contains(address));
    }
}
