using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rcc.Core.Agents;

/// <summary>Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator knows them.</summary>
public static class Totp
{
    /// <summary>RFC 4226 §4 recommends 160 bits.</summary>
    public const int SecretLength = 20;

    public const int Digits = 6;

    const int StepSeconds = 30;
    const int Modulus = 1_000_000;
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static long StepAt(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of a step (RFC 4226 §5.3).</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6238 on HMAC-SHA-1 is what authenticators implement; HMAC does not need collision resistance.")]
    public static string CodeOf(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, counter, hash);
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & int.MaxValue;
        return (number % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <summary>The step a code is of: the present one, or one to either side for clocks that differ and people who type (RFC 6238 §5.2, §6). Null when it is of none.</summary>
    public static long? FindStep(ReadOnlySpan<byte> secret, string code, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(code);
        var given = Encoding.ASCII.GetBytes(code);
        long? found = null;
        for (var step = StepAt(at) - 1; step <= StepAt(at) + 1; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(CodeOf(secret, step))))
            {
                found = step;
            }
        }

        return found;
    }

    /// <summary>What an authenticator reads from a picture (Key Uri Format).</summary>
    public static string UriOf(ReadOnlySpan<byte> secret, string issuer, string account)
    {
        var (escapedIssuer, escapedAccount) = (Uri.EscapeDataString(issuer), Uri.EscapeDataString(account));
        return $"otpauth://totp/{escapedIssuer}:{escapedAccount}?secret={Base32(secret)}&issuer={escapedIssuer}&algorithm=SHA1&digits={Digits}&period={StepSeconds}";
    }

    /// <summary>RFC 4648 §6, without padding.</summary>
    public static string Base32(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(((bytes.Length * 8) + 4) / 5);
        var (bits, count) = (0, 0);
        foreach (var one in bytes)
        {
            (bits, count) = ((bits << 8) | one, count + 8);
            while (count >= 5)
            {
                text.Append(Alphabet[(bits >> (count - 5)) & 31]);
                count -= 5;
            }

            bits &= (1 << count) - 1;
        }

        return count == 0 ? text.ToString() : text.Append(Alphabet[(bits << (5 - count)) & 31]).ToString();
    }
}
