using System.Collections.Concurrent;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Core.Access;

namespace Rcc.Server.Access.Oidc;

/// <summary>What a provider says of itself (OpenID Connect Discovery 1.0 §3).</summary>
internal sealed record Discovered(string AuthorizationEndpoint, string TokenEndpoint, string KeysEndpoint, JsonWebKeys Keys, DateTimeOffset At);

/// <summary>Reads and remembers what providers say of themselves.</summary>
internal sealed class Providers(ProviderHttp http, TimeProvider clock, ILogger<Providers> logger)
{
    const string Path = "/.well-known/openid-configuration";
    const int MaxKnown = 10_000;

    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Keys are read anew for a token of an unknown key, but no more often than this: anybody can present one.</summary>
    static readonly TimeSpan MinKeysAge = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<string, Discovered> known = new(StringComparer.Ordinal);

    public async Task<Found<Discovered>> FindAsync(string issuer, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(issuer, out var found) && clock.GetUtcNow() - found.At < Lifetime) return found;
        try
        {
            using var document = await http.ReadAsync(issuer.TrimEnd('/') + Path, cancellationToken);
            if (document.RootElement.Text("issuer") is not { } named || !string.Equals(named, issuer, StringComparison.Ordinal)) return Refuse("it names another issuer");
            if (document.RootElement.Text("authorization_endpoint") is not { } authorization || document.RootElement.Text("token_endpoint") is not { } token || document.RootElement.Text("jwks_uri") is not { } keys)
                return Refuse("its discovery document lacks an endpoint");
            if (!http.MayAsk(authorization) || !http.MayAsk(token)) return Refuse("an endpoint of it is not https");
            if (known.Count >= MaxKnown) known.Clear();
            return known[issuer] = new(authorization, token, keys, await ReadKeysAsync(keys, cancellationToken), clock.GetUtcNow());
        }
        catch (Exception failure) when (IsExpected(failure, cancellationToken))
        {
            logger.ProviderNotRead(failure);
            return Refuse("it cannot be reached");
        }

        static Outcome Refuse(string why) => Outcome.Refused(ErrorCode.Unavailable, $"The account's identity provider cannot be used: {why}.");
    }

    /// <summary>The provider's keys, read anew when there is none with this id.</summary>
    public async Task<JsonWebKeys> KeysForAsync(string issuer, Discovered provider, string token, CancellationToken cancellationToken)
    {
        var (algorithm, id) = HeadOf(token);
        if (algorithm is null || !JsonWebKeys.IsKnown(algorithm) || provider.Keys.Has(algorithm, id) || clock.GetUtcNow() - provider.At < MinKeysAge) return provider.Keys;
        try
        {
            var fresh = provider with { Keys = await ReadKeysAsync(provider.KeysEndpoint, cancellationToken), At = clock.GetUtcNow() };
            known[issuer] = fresh;
            return fresh.Keys;
        }
        catch (Exception failure) when (IsExpected(failure, cancellationToken))
        {
            logger.ProviderNotRead(failure);
            return provider.Keys;
        }
    }

    async Task<JsonWebKeys> ReadKeysAsync(string url, CancellationToken cancellationToken)
    {
        using var set = await http.ReadAsync(url, cancellationToken);
        return JsonWebKeys.Parse(set.RootElement);
    }

    /// <summary>Of a token that nobody has checked yet: only which key is asked for.</summary>
    static (string? Algorithm, string? Id) HeadOf(string token)
    {
        try
        {
            using var head = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]));
            return (head.RootElement.Text("alg"), head.RootElement.Text("kid"));
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException)
        {
            return default;
        }
    }

    static bool IsExpected(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or JsonException or System.Net.Sockets.SocketException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}

/// <summary>What signing in by providers logs: 8100–8199.</summary>
internal static partial class OidcLog
{
    [LoggerMessage(8100, LogLevel.Warning, "An identity provider could not be read")]
    public static partial void ProviderNotRead(this ILogger logger, Exception exception);

    [LoggerMessage(8101, LogLevel.Warning, "A sign-in by an identity provider failed: {Why}")]
    public static partial void SignInFailed(this ILogger logger, string why);
}
