using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Rcc.Server.Access.Oidc;

/// <summary>What an ID token must say to be taken.</summary>
/// <param name="Issuer">Who made it.</param>
/// <param name="ClientId">For whom: us.</param>
/// <param name="Nonce">In answer to what.</param>
/// <param name="Now">When.</param>
internal sealed record IdTokenExpectation(string Issuer, string ClientId, string Nonce, DateTimeOffset Now);

/// <summary>Whom an ID token names.</summary>
/// <param name="Subject">Names the person for ever, at this issuer.</param>
/// <param name="VerifiedEmail">Only an address that the issuer has verified.</param>
/// <param name="Name">For people.</param>
internal sealed record IdTokenClaims(string Subject, string? VerifiedEmail, string? Name);

/// <summary>
/// Checks ID tokens (OpenID Connect Core 1.0 §3.1.3.7): a JWS of RFC 7515 signed with RS256 or ES256 by a key of the issuer's, for us, now, in answer to our question. What is wrong is a reason; anything else names a person.
/// </summary>
internal static class IdToken
{
    const int MaxLength = 16_384;
    const int MaxSubjectLength = 255;

    /// <summary>Clocks differ.</summary>
    static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>A member that stands twice is read differently by different readers.</summary>
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>The claims, or why the token is not taken.</summary>
    public static (IdTokenClaims? Claims, string? Why) Check(string token, JsonWebKeys keys, IdTokenExpectation expected)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var head, var body, var signature]) return Refuse("It is no signed token.");
        try
        {
            using var header = JsonDocument.Parse(Decode(head), Strict);
            if (header.RootElement.ValueKind != JsonValueKind.Object) return Refuse("Its header is no object.");
            if (header.RootElement.Text("alg") is not { } algorithm || !JsonWebKeys.IsKnown(algorithm)) return Refuse("It is not signed with RS256 or ES256.");
            if (header.RootElement.TryGetProperty("crit", out _)) return Refuse("It asks for extensions that are not known here.");
            if (!keys.Verify(algorithm, header.RootElement.Text("kid"), Encoding.ASCII.GetBytes($"{head}.{body}"), Decode(signature))) return Refuse("Its signature is by none of the issuer's keys.");
            using var payload = JsonDocument.Parse(Decode(body), Strict);
            return payload.RootElement.ValueKind == JsonValueKind.Object ? Check(payload, expected) : Refuse("Its payload is no object.");
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException)
        {
            return Refuse("It is malformed.");
        }
    }

    static (IdTokenClaims? Claims, string? Why) Check(JsonDocument payload, IdTokenExpectation expected)
    {
        if (!Is(payload, "iss", expected.Issuer)) return Refuse("It is of another issuer.");
        if (!IsFor(payload, expected.ClientId)) return Refuse("It is for another audience.");
        if (Time(payload, "exp") is not { } expires || expires + Skew <= expected.Now) return Refuse("It has expired.");
        if (Time(payload, "iat") is not { } issued || issued - Skew > expected.Now) return Refuse("It was issued in the future.");
        if (payload.RootElement.TryGetProperty("nbf", out _) && !(Time(payload, "nbf") - Skew <= expected.Now)) return Refuse("It is not valid yet.");
        if (!Is(payload, "nonce", expected.Nonce)) return Refuse("It answers another question.");
        if (payload.RootElement.Text("sub") is not { Length: > 0 and <= MaxSubjectLength } subject) return Refuse("It names nobody.");
        return (new(subject, IsEmailVerified(payload) && payload.RootElement.Text("email") is { Length: > 0 } email ? email : null, payload.RootElement.Text("name")), null);
    }

    /// <summary>With several audiences, the one that asked must be us as well.</summary>
    static bool IsFor(JsonDocument payload, string clientId)
    {
        if (!payload.RootElement.TryGetProperty("aud", out var audience)) return false;
        if (payload.RootElement.TryGetProperty("azp", out _) && !Is(payload, "azp", clientId)) return false;
        return audience.ValueKind switch
        {
            JsonValueKind.String => IsText(audience, clientId),
            JsonValueKind.Array => audience.EnumerateArray().Any(a => IsText(a, clientId))
                && (audience.GetArrayLength() == 1 || payload.RootElement.TryGetProperty("azp", out _)),
            _ => false,
        };
    }

    /// <summary>Some issuers write the word.</summary>
    static bool IsEmailVerified(JsonDocument payload) =>
        payload.RootElement.TryGetProperty("email_verified", out var verified)
        && (verified.ValueKind == JsonValueKind.True || IsText(verified, "true"));

    static DateTimeOffset? Time(JsonDocument payload, string member) =>
        payload.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253_402_300_799
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    static bool Is(JsonDocument document, string member, string expected) =>
        document.RootElement.TryGetProperty(member, out var value) && IsText(value, expected);

    static bool IsText(JsonElement value, string expected) => string.Equals(value.Text(), expected, StringComparison.Ordinal);

    static byte[] Decode(string part) => Base64Url.DecodeFromChars(part);

    static (IdTokenClaims? Claims, string? Why) Refuse(string why) => (null, why);
}
