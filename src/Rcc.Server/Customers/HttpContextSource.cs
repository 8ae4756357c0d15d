using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Customers;
using Rcc.Core;
using Rcc.Core.Customers;

namespace Rcc.Server.Customers;

/// <summary>
/// Asks a tenant's server by HTTP: one POST, signed as Standard Webhooks are, with a time-out and a limit of bytes. It follows no redirect and sends no cookie, and the address it connects to is checked when it connects,
/// so that no name can be made to lead elsewhere in between.
/// </summary>
internal sealed class HttpContextSource : IContextSource, IDisposable
{
    const int MaxHeaderKilobytes = 16;
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NoNullElements.Demand } },
    };

    readonly CustomerOptions options;
    readonly TimeProvider clock;
    readonly SealedSecrets secrets;
    readonly HttpClient http;

    public HttpContextSource(IOptions<CustomerOptions> options, SealedSecrets secrets, TimeProvider clock)
    {
        this.secrets = secrets;
        this.options = options.Value;
        this.clock = clock;
        http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
            MaxConnectionsPerServer = this.options.MaxLookups,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            UseCookies = false,
            UseProxy = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public async Task<LookupResult> LookUpAsync(LookupQuestion question, CancellationToken cancellationToken)
    {
        if (question.Where.OpenSecret(secrets, question.Tenant) is not { } secret)
        {
            return LookupResult.Failed(LookupFailure.SecretLost);
        }

        using var timeOut = new CancellationTokenSource(options.LookupTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellationToken);
        try
        {
            using var request = Ask(question, secret);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => await ReadAsync(response.Content, both.Token),
                HttpStatusCode.NoContent => new(),
                _ => LookupResult.Failed(LookupFailure.Status),
            };
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

    public void Dispose() => http.Dispose();

    HttpRequestMessage Ask(LookupQuestion question, string secret)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Question(
                "contact.lookup",
                question.Tenant.Value,
                new(question.ContactId, question.Contact.Identifier, question.Contact.Name, question.Contact.Email, question.Contact.Addresses)),
            Json);
        var id = $"msg_{question.Lookup:N}";
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];
        var signature = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed);
        return new(HttpMethod.Post, question.Where.Url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
            Headers = { { "webhook-id", id }, { "webhook-timestamp", timestamp }, { "webhook-signature", $"v1,{Convert.ToBase64String(signature)}" }, { "Accept", "application/json" } },
        };
    }

    async Task<LookupResult> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > options.MaxLookupBytes)
        {
            return LookupResult.Failed(LookupFailure.TooLarge);
        }

        var buffer = new byte[options.MaxLookupBytes + 1];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length == buffer.Length ? LookupResult.Failed(LookupFailure.TooLarge) : Understand(buffer.AsSpan(0, length));
    }

    LookupResult Understand(ReadOnlySpan<byte> json)
    {
        try
        {
            var found = JsonSerializer.Deserialize<Answer>(json, Json)?.Context.Select(value => new FoundContext(
                value.Name, value.Value.GetRawText(), value.LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null)).ToImmutableArray();
            return found is { } all && all.All(IsRight) && all.DistinctBy(value => value.Name, StringComparer.Ordinal).Count() == all.Length
                ? new() { Found = all }
                : LookupResult.Failed(LookupFailure.Malformed);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // Whatever the serializer makes of it: it is not as documented.
            return LookupResult.Failed(LookupFailure.Malformed);
        }
    }

    bool IsRight(FoundContext value) =>
        Rcc.Core.Customers.ContextInformation.IsName(value.Name) && Encoding.UTF8.GetByteCount(value.Json) <= options.MaxContextValueBytes && (value.Lifetime is null || value.Lifetime > TimeSpan.Zero);

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        if (!options.LookupAllowsPrivateAddresses)
        {
            addresses = [.. addresses.Where(PublicAddress.Is)];
            if (addresses.Length == 0)
            {
                throw new NotPublicException();
            }
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    sealed class NotPublicException : Exception;

    sealed record Question(string Type, Guid AccountId, Customer Contact);

    sealed record Customer(Guid Id, string? Identifier, string? Name, string? Email, IReadOnlyList<ContactAddress> Addresses);

    sealed record Answer(IReadOnlyList<NamedValue> Context);

    sealed record NamedValue(string Name, JsonElement Value, int? LifetimeSeconds = null);
}
