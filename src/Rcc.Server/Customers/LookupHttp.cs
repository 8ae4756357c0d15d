using System.Net;
using Microsoft.Extensions.Options;
using Rcc.Core.Customers;

namespace Rcc.Server.Customers;

/// <summary>HTTP to where tenants have context looked up: with a time-out and a limit of bytes, to public addresses. It follows no redirect and sends no cookie.</summary>
internal sealed class LookupHttp(IOptions<CustomerOptions> options, TimeProvider clock) : IDisposable
{
    const int MaxHeaderKilobytes = 16;

    readonly HttpClient shared = MakeClient(options.Value, null);

    /// <summary>Asks, and says what went wrong. Never takes much longer than <see cref="CustomerOptions.LookupTimeout"/>.</summary>
    /// <param name="credentials">For HTTP authentication, on a connection that no other question uses; null: none.</param>
    /// <param name="ask">Asks by this client, as long as the token allows.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<LookupResult> AskAsync(ICredentials? credentials, Func<HttpClient, CancellationToken, Task<LookupResult>> ask, CancellationToken cancellationToken)
    {
        using var own = credentials is null ? null : MakeClient(options.Value, credentials);
        using var timeOut = new CancellationTokenSource(options.Value.LookupTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellationToken);
        try
        {
            return await ask(own ?? shared, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return LookupResult.Failed(LookupFailure.TimeOut);
        }
        catch (HttpRequestException failure)
        {
            return LookupResult.Failed(failure.InnerException is NotPublicException ? LookupFailure.NotPublic : LookupFailure.Unreachable);
        }
        catch (IOException)
        {
            return LookupResult.Failed(LookupFailure.Unreachable);
        }
    }

    /// <summary>A whole answer; null when it has more than <see cref="CustomerOptions.MaxLookupBytes"/>.</summary>
    public async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > options.Value.MaxLookupBytes)
        {
            return null;
        }

        var buffer = new byte[options.Value.MaxLookupBytes + 1];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length == buffer.Length ? null : buffer[..length];
    }

    public void Dispose() => shared.Dispose();

    static HttpClient MakeClient(CustomerOptions options, ICredentials? credentials) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectCallback = PublicConnection.Callback(options.LookupAllowsPrivateAddresses),
        Credentials = credentials,
        PreAuthenticate = credentials is not null,
        MaxConnectionsPerServer = options.MaxLookups,
        MaxResponseHeadersLength = MaxHeaderKilobytes,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        UseCookies = false,
        UseProxy = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
