using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rcc.Server.Customers;

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
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectCallback = PublicConnection.Callback(allowsPrivate), PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
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
}
