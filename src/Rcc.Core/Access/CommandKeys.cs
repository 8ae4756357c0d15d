using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rcc.Contracts;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>Makes the key by which a repeated command is known (INV-8).</summary>
internal static class CommandKeys
{
    /// <summary>The highest number a command may have: exact in JavaScript.</summary>
    public const long MaxNumber = (1L << 53) - 1;

    const int MaxIdempotencyKeyLength = 255;

    /// <summary>The key; null for an attempt without one. A key that has not the right form is told by <paramref name="refusal"/>.</summary>
    public static CommandKey? Make<T>(T command, JsonTypeInfo<T> shape, long number, Attempt attempt, out Outcome? refusal)
    {
        refusal = null;
        if (attempt.IsNumbered)
        {
            if (number is >= 1 and <= MaxNumber)
            {
                return new(number, Hash(command, shape));
            }

            refusal = Outcome.Refused(ErrorCode.Malformed, "number must be 1 … 2^53 − 1.");
            return null;
        }

        if (attempt.IdempotencyKey is not { } key)
        {
            return null;
        }

        if (key.Length is 0 or > MaxIdempotencyKeyLength || key.Any(character => character is < '!' or > '~'))
        {
            refusal = Outcome.Refused(ErrorCode.Malformed, $"An Idempotency-Key has 1 … {MaxIdempotencyKeyLength} visible ASCII characters.");
            return null;
        }

        return new(NumberOf(key), Hash(command, shape));
    }

    /// <summary>The key of one of the many things that a request with a key does.</summary>
    public static string PartOf(string idempotencyKey, Guid part) => $"{Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(idempotencyKey)))}/{part:N}";

    /// <summary>A number below zero, so that no device's running number meets it.</summary>
    public static long NumberOf(string idempotencyKey)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(idempotencyKey), hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash) | long.MinValue;
    }

    /// <summary>Two kinds of command may have the same members, so the kind counts.</summary>
    static BodyHash Hash<T>(T command, JsonTypeInfo<T> shape)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(typeof(T).Name));
        hash.AppendData("\n"u8);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(command, shape));
        Span<byte> value = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(value);
        return new(BinaryPrimitives.ReadUInt64BigEndian(value), BinaryPrimitives.ReadUInt64BigEndian(value[8..]));
    }
}
