using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Rcc.Server.Tests;

/// <summary>An agent's authenticator: the tests' own, by RFC 6238.</summary>
internal static class Authenticator
{
    /// <summary>The agent enrols with the present code; the next one is good for a sign-in.</summary>
    public static async Task<(byte[] Secret, string[] Recovery)> EnrolAsync(Tenant tenant)
    {
        var own = $"{tenant.Path}/profile/second_factor";
        var secret = Decode((await tenant.Agent.Api.SendAsync(HttpMethod.Post, own, new { password = Tenant.Password })).Ok().Text("secret"));
        var confirmed = await tenant.Agent.Api.PostAsync($"{own}/confirm", new { code = Code(secret, 0) });
        return (secret, [.. confirmed.Json.GetProperty("recovery_codes").EnumerateArray().Select(c => c.GetString()!)]);
    }

    /// <summary>What it shows so many half minutes from now.</summary>
    public static string Code(byte[] secret, int steps)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + steps);
#pragma warning disable CA5350 // What RFC 6238 says.
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var number = (BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue) % 1_000_000;
        return number.ToString("D6", CultureInfo.InvariantCulture);
    }

    public static byte[] Decode(string base32)
    {
        var bits = string.Concat(base32.Select(c => Convert.ToString(c < 'A' ? c - '2' + 26 : c - 'A', 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}
