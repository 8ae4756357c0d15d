using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Rcc.Server.Access.Oidc;

/// <summary>
/// HTTP to addresses that tenants name. A tenant must not make the server ask its own network for things: only https to public addresses, judged after the name was resolved, and no redirect is followed. Answers are small and soon.
/// </summary>
internal sealed class ProviderHttp : IDisposable
{
    const int MaxAnswerBytes = 1 << 20;

    readonly bool allowsPrivate;

    public ProviderHttp(IOptions<SignInOptions> options)
    {
        allowsPrivate = options.Value.AllowPrivateProviders;
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectCallback = ConnectAsync, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        Client = new HttpClient(sockets) { Timeout = TimeSpan.FromSeconds(options.Value.ProviderTimeoutSeconds), MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    public HttpClient Client { get; }

    /// <summary>Whether anything is asked there at all.</summary>
    public bool MayAsk(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme is "https" || (allowsPrivate && uri.Scheme is "http"));

    /// <exception cref="HttpRequestException">It cannot be reached, or does not answer with 200.</exception>
    /// <exception cref="JsonException">The answer is no JSON.</exception>
    public async Task<JsonDocument> ReadAsync(string url, CancellationToken cancellationToken)
    {
        if (!MayAsk(url)) throw new HttpRequestException("An identity provider is asked by https only.");
        using var response = await Client.GetAsync(url, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK) throw new HttpRequestException($"The identity provider answered {(int)response.StatusCode}.");
        return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
    }

    public void Dispose() => Client.Dispose();

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = allowsPrivate ? addresses : [.. addresses.Where(IsPublic)];
        if (allowed.Length == 0) throw new HttpRequestException("The identity provider has no public address.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Not of this machine, a private network, or reserved (RFC 6890).</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? !(bytes[0] is 0 or 10 or 127 or >= 224
                || (bytes[0] == 100 && bytes[1] is >= 64 and < 128)
                || (bytes[0] == 169 && bytes[1] == 254)
                || (bytes[0] == 172 && bytes[1] is >= 16 and < 32)
                || (bytes[0] == 192 && bytes[1] == 168)
                || (bytes[0] == 192 && bytes[1] == 0 && bytes[2] is 0 or 2)
                || (bytes[0] == 198 && bytes[1] is 18 or 19)
                || (bytes[0] == 198 && bytes[1] == 51 && bytes[2] == 100)
                || (bytes[0] == 203 && bytes[1] == 0 && bytes[2] == 113))
            // Global unicast is 2000::/3; of it 2001::/23 and 2002::/16 are tunnels and tests, which may end anywhere.
            : (bytes[0] & 0xe0) == 0x20 && !(bytes[0] == 0x20 && bytes[1] == 0x02) && !(bytes[0] == 0x20 && bytes[1] == 0x01 && (bytes[2] & 0xfe) == 0) && !(bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8);
    }
}
