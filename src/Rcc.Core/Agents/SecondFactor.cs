using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Core.Agents;

/// <summary>An agent's second factor: a TOTP secret and recovery codes. It stands with the agent's sign-ins, so that of two sign-ins with one code only one can be committed.</summary>
public sealed record SecondFactor
{
    /// <summary>The secret, by <see cref="SealedSecrets"/>.</summary>
    public required ImmutableArray<byte> Secret { get; init; }

    /// <summary>A code was shown once, so the authenticator has the secret. Until then it asks for nothing.</summary>
    public bool Confirmed { get; init; }

    /// <summary>The step of the last code that was taken: no code of it or an earlier one is taken again (RFC 6238 §5.2).</summary>
    public long LastStep { get; init; }

    /// <summary>SHA-256 of the recovery codes that were not used.</summary>
    public ImmutableArray<string> RecoveryHashes { get; init; } = [];

    /// <summary>What a secret is sealed for.</summary>
    public static string PurposeOf(TenantId tenant, Guid agent) => $"totp {tenant.KeyOf(agent)}";

    public static string HashOf(string recoveryCode) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Normal(recoveryCode))));

    /// <summary>Checks a code of the authenticator, for which the secret is needed, or a recovery code, for which it is not.</summary>
    /// <param name="secret">The secret, open; null when it cannot be opened.</param>
    /// <param name="code">The code, as it was typed.</param>
    /// <param name="at">Now.</param>
    public CodeCheck Check(byte[]? secret, string code, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(code);
        var normal = Normal(code);
        if (normal.Length == Totp.Digits)
        {
            return secret is null ? new(null, IsLost: true) : new(Totp.FindStep(secret, normal, at) is { } step && step > LastStep ? this with { LastStep = step } : null);
        }

        var rest = RecoveryHashes.Remove(HashOf(code), StringComparer.Ordinal);
        return new(rest.Length == RecoveryHashes.Length ? null : this with { RecoveryHashes = rest });
    }

    /// <summary>From the state of the agent's sign-ins; null when it has none.</summary>
    public static SecondFactor? Read(ReadOnlySpan<byte> signIns) => JsonSerializer.Deserialize(signIns, SecondFactorJson.Default.SignInsState)?.SecondFactor;

    internal static ImmutableArray<byte> Write(SecondFactor? factor) => [.. JsonSerializer.SerializeToUtf8Bytes(new SignInsState(factor), SecondFactorJson.Default.SignInsState)];

    /// <summary>People group digits, and write codes in either case.</summary>
    static string Normal(string code) => string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
}

/// <summary>What a code of a second factor was found to be.</summary>
/// <param name="Left">What is left of the factor when the code is used; null when it is wrong, was used before, or there is no factor or code.</param>
/// <param name="IsLost">Nobody can say what the code is: the factor's secret cannot be opened with the server's keys.</param>
public readonly record struct CodeCheck(SecondFactor? Left, bool IsLost = false);

/// <summary>The state of an agent's sign-ins.</summary>
internal sealed record SignInsState(SecondFactor? SecondFactor);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SignInsState))]
internal sealed partial class SecondFactorJson : JsonSerializerContext;
