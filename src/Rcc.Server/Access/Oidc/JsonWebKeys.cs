using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Rcc.Server.Access.Oidc;

/// <summary>The public keys of an issuer (RFC 7517): RSA and P-256 ones for signatures. Others are left out.</summary>
internal sealed class JsonWebKeys
{
    const int MinRsaBits = 2048;
    const int MaxKeys = 100;

    readonly List<(string Algorithm, string? Id, Func<byte[], byte[], bool> Verify)> keys = [];

    JsonWebKeys()
    {
    }

    /// <summary>What a token may be signed with: never nothing, and nothing symmetric, whose key anybody could know.</summary>
    public static bool IsKnown(string algorithm) => algorithm is "RS256" or "ES256";

    /// <exception cref="JsonException">It is no key set.</exception>
    public static JsonWebKeys Parse(JsonElement set)
    {
        if (set.ValueKind != JsonValueKind.Object || !set.TryGetProperty("keys", out var listed) || listed.ValueKind != JsonValueKind.Array) throw new JsonException("There are no keys.");
        var all = new JsonWebKeys();
        foreach (var key in listed.EnumerateArray().Take(MaxKeys)) all.Add(key);
        return all;
    }

    /// <summary>Whether a key of the kind has this id, or, without one, whether there is any of the kind.</summary>
    public bool Has(string algorithm, string? id) => keys.Exists(key => Fits(key.Algorithm, key.Id, algorithm, id));

    /// <summary>Whether one of the keys made the signature. A key counts for its own algorithm only: which it is, the token does not choose.</summary>
    public bool Verify(string algorithm, string? id, byte[] signed, byte[] signature) =>
        keys.Exists(key => Fits(key.Algorithm, key.Id, algorithm, id) && key.Verify(signed, signature));

    static bool Fits(string keyAlgorithm, string? keyId, string algorithm, string? id) =>
        string.Equals(keyAlgorithm, algorithm, StringComparison.Ordinal) && (id is null || keyId is null || string.Equals(keyId, id, StringComparison.Ordinal));

    void Add(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || key.Text("use") is not (null or "sig")) return;
        try
        {
            if (key.Text("kty") is "RSA" && key.Text("alg") is null or "RS256" && Bytes(key, "n") is { } modulus && Bytes(key, "e") is { } exponent)
            {
                var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
                if (rsa.KeySize >= MinRsaBits) keys.Add(("RS256", key.Text("kid"), (data, signature) => rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
            }
            else if (key.Text("kty") is "EC" && key.Text("crv") is "P-256" && key.Text("alg") is null or "ES256" && Bytes(key, "x") is { } x && Bytes(key, "y") is { } y)
            {
                var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = x, Y = y } });
                keys.Add(("ES256", key.Text("kid"), (data, signature) => ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)));
            }
        }
        catch (Exception unusable) when (unusable is FormatException or CryptographicException)
        {
            // A key that is none signs nothing; the others still count.
        }
    }

    static byte[]? Bytes(JsonElement key, string member) => key.Text(member) is { Length: > 0 } text ? Base64Url.DecodeFromChars(text) : null;
}
