using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rcc.Server.Tests.Oidc;

/// <summary>Makes ID tokens, right ones and forged ones, with keys of its own.</summary>
internal sealed class TokenForge : IDisposable
{
    public const string ClientId = "rcc";

    readonly RSA rsa = RSA.Create(2048);
    readonly RSA stranger = RSA.Create(2048);
    readonly RSA small = RSA.Create(1024);
    readonly ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Every way to forge that is known here, by name.</summary>
    public static IReadOnlyDictionary<string, Func<TokenForge, JsonObject, string>> Forgeries { get; } = new Dictionary<string, Func<TokenForge, JsonObject, string>>(StringComparer.Ordinal)
    {
        ["no signature"] = (forge, claims) => Join(new() { ["alg"] = "none" }, claims, []),
        ["no signature, in capitals"] = (forge, claims) => Join(new() { ["alg"] = "NoNe" }, claims, []),
        ["algorithm none with a right signature"] = (forge, claims) => forge.Sign(claims, header: new() { ["alg"] = "none", ["kid"] = "r" }),
        ["signed with a stranger's key"] = (forge, claims) => forge.Sign(claims, key: forge.stranger),
        ["signed with a stranger's key that the header brings along"] = (forge, claims) => forge.Sign(claims, key: forge.stranger, header: new() { ["alg"] = "RS256", ["jwk"] = forge.Jwk(forge.stranger, "x") }),
        ["signed with a key too small"] = (forge, claims) => forge.Sign(claims, key: forge.small, header: new() { ["alg"] = "RS256", ["kid"] = "small" }),
        ["HMAC with the public key"] = (forge, claims) => forge.Hmac(claims, forge.rsa.ExportSubjectPublicKeyInfo()),
        ["HMAC with the client secret"] = (forge, claims) => forge.Hmac(claims, Encoding.UTF8.GetBytes(OidcProvider.ClientSecret)),
        ["another key's id"] = (forge, claims) => forge.Sign(claims, header: new() { ["alg"] = "RS256", ["kid"] = "e" }),
        ["RS256 named ES256"] = (forge, claims) => forge.Sign(claims, header: new() { ["alg"] = "ES256", ["kid"] = "e" }),
        ["a payload that was changed"] = (forge, claims) => forge.Sign(claims) is var token ? string.Join('.', token.Split('.')[0], Encode(With(claims, "sub", "somebody-else")), token.Split('.')[2]) : "",
        ["a signature that was changed"] = (forge, claims) => Spoil(forge.Sign(claims)),
        ["a critical extension"] = (forge, claims) => forge.Sign(claims, header: new() { ["alg"] = "RS256", ["kid"] = "r", ["crit"] = new JsonArray("exp") }),
        ["another issuer"] = (forge, claims) => forge.Sign(With(claims, "iss", "https://evil.example")),
        ["an issuer that begins like the right one"] = (forge, claims) => forge.Sign(With(claims, "iss", $"{claims["iss"]}.evil.example")),
        ["no issuer"] = (forge, claims) => forge.Sign(With(claims, "iss", null)),
        ["another audience"] = (forge, claims) => forge.Sign(With(claims, "aud", "another")),
        ["no audience"] = (forge, claims) => forge.Sign(With(claims, "aud", null)),
        ["several audiences and nobody who asked"] = (forge, claims) => forge.Sign(With(claims, "aud", new JsonArray(ClientId, "another"))),
        ["asked by another"] = (forge, claims) => forge.Sign(With(With(claims, "aud", new JsonArray(ClientId, "another")), "azp", "another")),
        ["another nonce"] = (forge, claims) => forge.Sign(With(claims, "nonce", "another")),
        ["no nonce"] = (forge, claims) => forge.Sign(With(claims, "nonce", null)),
        ["expired"] = (forge, claims) => forge.Sign(With(claims, "exp", Now.AddMinutes(-2).ToUnixTimeSeconds())),
        ["no expiry"] = (forge, claims) => forge.Sign(With(claims, "exp", null)),
        ["an expiry that is a text"] = (forge, claims) => forge.Sign(With(claims, "exp", "9999999999")),
        ["issued in the future"] = (forge, claims) => forge.Sign(With(claims, "iat", Now.AddMinutes(5).ToUnixTimeSeconds())),
        ["not valid yet"] = (forge, claims) => forge.Sign(With(claims, "nbf", Now.AddMinutes(5).ToUnixTimeSeconds())),
        ["nobody"] = (forge, claims) => forge.Sign(With(claims, "sub", "")),
        ["a member twice"] = (forge, claims) => forge.SignRaw($"{claims.ToJsonString()[..^1]},\"sub\":\"somebody-else\"}}"),
        ["two parts"] = (forge, claims) => forge.Sign(claims) is var token ? token[..token.LastIndexOf('.')] : "",
        ["no JSON"] = (forge, claims) => forge.SignRaw("no json"),
        ["a list"] = (forge, claims) => forge.SignRaw("[]"),
        ["nothing"] = (forge, claims) => "",
        ["too long"] = (forge, claims) => forge.Sign(With(claims, "padding", new string('x', 20_000))),
    };

    public static DateTimeOffset Now => DateTimeOffset.UtcNow;

    /// <summary>The keys that the provider publishes: the small one and some that are of no use among them.</summary>
    public string Keys => new JsonObject
    {
        ["keys"] = new JsonArray(
            Jwk(rsa, "r"),
            Jwk(small, "small"),
            new JsonObject { ["kty"] = "oct", ["kid"] = "o", ["k"] = "c2VjcmV0" },
            new JsonObject { ["kty"] = "RSA", ["kid"] = "broken", ["n"] = "***", ["e"] = "AQAB" },
            new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = "e", ["use"] = "sig", ["x"] = Url(ecdsa.ExportParameters(false).Q.X!), ["y"] = Url(ecdsa.ExportParameters(false).Q.Y!) }),
    }.ToJsonString();

    public static JsonObject Claims(string issuer, string nonce, string email) => new()
    {
        ["iss"] = issuer, ["aud"] = ClientId, ["sub"] = "person", ["nonce"] = nonce, ["exp"] = Now.AddMinutes(5).ToUnixTimeSeconds(), ["iat"] = Now.ToUnixTimeSeconds(),
        ["email"] = email, ["email_verified"] = true, ["name"] = "Person",
    };

    public string Sign(JsonObject claims, RSA? key = null, JsonObject? header = null) => SignRaw(claims.ToJsonString(), key, header);

    public string SignEs256(JsonObject claims)
    {
        var signed = $"{Encode(new() { ["alg"] = "ES256", ["kid"] = "e" })}.{Encode(claims)}";
        return $"{signed}.{Url(ecdsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    public static JsonObject With(JsonObject claims, string member, JsonNode? value)
    {
        var changed = claims.DeepClone().AsObject();
        if (value is null) changed.Remove(member);
        else changed[member] = value;
        return changed;
    }

    public void Dispose()
    {
        rsa.Dispose();
        stranger.Dispose();
        small.Dispose();
        ecdsa.Dispose();
    }

    string SignRaw(string payload, RSA? key = null, JsonObject? header = null)
    {
        var signed = $"{Encode(header ?? new() { ["alg"] = "RS256", ["kid"] = "r" })}.{Url(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Url((key ?? rsa).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    string Hmac(JsonObject claims, byte[] key)
    {
        var signed = $"{Encode(new() { ["alg"] = "HS256", ["kid"] = "r" })}.{Encode(claims)}";
        return $"{signed}.{Url(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    JsonObject Jwk(RSA key, string id) => new() { ["kty"] = "RSA", ["kid"] = id, ["use"] = "sig", ["n"] = Url(key.ExportParameters(false).Modulus!), ["e"] = Url(key.ExportParameters(false).Exponent!) };

    static string Spoil(string token) => token[..^6] + (token[^6] == 'A' ? 'B' : 'A') + token[^5..];

    static string Join(JsonObject header, JsonObject claims, byte[] signature) => $"{Encode(header)}.{Encode(claims)}.{Url(signature)}";

    static string Encode(JsonObject part) => Url(JsonSerializer.SerializeToUtf8Bytes(part));

    static string Url(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
