using System.ComponentModel.DataAnnotations;

namespace Rcc.Core;

/// <summary>The key that secrets in the store are sealed with.</summary>
public sealed class SecretOptions : IValidatableObject
{
    public const string Section = "Rcc:Secrets";

    /// <summary>32 bytes as base64. Every server on one database needs the same. Absent: one made at the first start and kept in the data folder. Without the key a secret in a stolen copy of the database is worthless, and so it is to the server.</summary>
    public string? Key { get; set; }

    /// <summary>Keys used before, each as <see cref="Key"/>, parted by commas: what was sealed with them is still opened.</summary>
    public string? FormerKeys { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var key in All)
        {
            if (!SealedSecrets.IsKey(key))
            {
                yield return new ValidationResult($"{Section}:{nameof(Key)} and each of {nameof(FormerKeys)} must be {SealedSecrets.KeyLength} bytes as base64.");
            }
        }
    }

    internal IEnumerable<string> All => [.. Key is null ? [] : new[] { Key }, .. (FormerKeys ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
