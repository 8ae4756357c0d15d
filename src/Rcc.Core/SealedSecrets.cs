using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Rcc.Core;

/// <summary>
/// Seals secrets that the server itself must read again, before they are stored: AES-256-GCM, bound to what they are for as associated data, so that a sealed secret copied to another place opens nowhere.
/// </summary>
/// <remarks>Layout: version (1), key id (4, the first bytes of the key's SHA-256), nonce (12), cipher text, tag (16).</remarks>
public sealed class SealedSecrets
{
    public const int KeyLength = 32;

    const byte Version = 1;
    const int KeyIdLength = 4;
    const int NonceLength = 12;
    const int TagLength = 16;
    const int HeaderLength = 1 + KeyIdLength + NonceLength;

    readonly List<byte[]> keys;

    public SealedSecrets(IOptions<SecretOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        keys = [.. options.Value.All.Select(Convert.FromBase64String)];
    }

    public static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[KeyLength];
        return Convert.TryFromBase64String(key, bytes, out var length) && length == KeyLength;
    }

    public static string MakeKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyLength));

    /// <param name="secret">What only the server is to read.</param>
    /// <param name="purpose">What for and whose: needed to open it.</param>
    public byte[] Seal(ReadOnlySpan<byte> secret, string purpose)
    {
        var key = keys.Count > 0 ? keys[0] : throw new InvalidOperationException($"{SecretOptions.Section}:{nameof(SecretOptions.Key)} is not set.");
        var box = new byte[HeaderLength + secret.Length + TagLength];
        box[0] = Version;
        SHA256.HashData(key).AsSpan(0, KeyIdLength).CopyTo(box.AsSpan(1));
        RandomNumberGenerator.Fill(box.AsSpan(1 + KeyIdLength, NonceLength));
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(box.AsSpan(1 + KeyIdLength, NonceLength), secret, box.AsSpan(HeaderLength, secret.Length), box.AsSpan(HeaderLength + secret.Length), Encoding.UTF8.GetBytes(purpose));
        return box;
    }

    /// <summary>As <see cref="Open"/>, and null where that throws: the database may come from where other keys are.</summary>
    public byte[]? TryOpen(ReadOnlySpan<byte> box, string purpose)
    {
        try
        {
            return Open(box, purpose);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <exception cref="CryptographicException">It was sealed for something else, or with a key that is not configured any more.</exception>
    public byte[] Open(ReadOnlySpan<byte> box, string purpose)
    {
        if (box.Length < HeaderLength + TagLength || box[0] != Version)
        {
            throw new CryptographicException("This is no sealed secret.");
        }

        var id = box.Slice(1, KeyIdLength).ToArray();
        var key = keys.Find(each => SHA256.HashData(each).AsSpan(0, KeyIdLength).SequenceEqual(id))
            ?? throw new CryptographicException($"The secret was sealed with a key that is neither {SecretOptions.Section}:{nameof(SecretOptions.Key)} nor one of {nameof(SecretOptions.FormerKeys)}.");
        var secret = new byte[box.Length - HeaderLength - TagLength];
        using var cipher = new AesGcm(key, TagLength);
        cipher.Decrypt(box.Slice(1 + KeyIdLength, NonceLength), box[HeaderLength..^TagLength], box[^TagLength..], secret, Encoding.UTF8.GetBytes(purpose));
        return secret;
    }
}
