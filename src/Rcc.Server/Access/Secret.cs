using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Rcc.Server.Access;

/// <summary>What a credential is for. The prefix lets a person, and a secret scanner, see what it is; it proves nothing.</summary>
internal enum SecretKind
{
    Device,
    Contact,
    Key,
    Operator,
    Ticket,
    Setup,
    Invitation,
    SignInCode,
}

/// <summary>A credential: a prefix and 32 random bytes in base64url. It is shown once; only its SHA-256 is kept, which needs no salt since nobody can guess 256 bits.</summary>
internal sealed class Secret
{
    const int RandomBytes = 32;
    const int EncodedLength = 43;

    static readonly ImmutableArray<(string Prefix, SecretKind Kind)> Prefixes =
    [
        ("rccd_", SecretKind.Device),
        ("rccc_", SecretKind.Contact),
        ("rcck_", SecretKind.Key),
        ("rcco_", SecretKind.Operator),
        ("rcct_", SecretKind.Ticket),
        ("rccs_", SecretKind.Setup),
        ("rcci_", SecretKind.Invitation),
        ("rccx_", SecretKind.SignInCode),
    ];

    readonly string text;

    Secret(SecretKind kind, string text)
    {
        Kind = kind;
        this.text = text;
        Hash = ImmutableArray.Create(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
    }

    public SecretKind Kind { get; }

    /// <summary>What is kept.</summary>
    public ImmutableArray<byte> Hash { get; }

    public static Secret Make(SecretKind kind) =>
        new(kind, Prefixes.First(p => p.Kind == kind).Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)));

    /// <summary>Reads a presented credential; null when it cannot be one, so that garbage costs no look-up.</summary>
    public static Secret? Read(string? text)
    {
        foreach (var (prefix, kind) in Prefixes)
        {
            if (text is not null && text.Length == prefix.Length + EncodedLength
                && text.StartsWith(prefix, StringComparison.Ordinal) && Base64Url.IsValid(text.AsSpan(prefix.Length)))
            {
                return new Secret(kind, text);
            }
        }

        return null;
    }

    /// <summary>The credential itself, for the one who is to have it.</summary>
    public string Reveal() => text;

    /// <summary>Never the credential: what is logged by accident tells nothing.</summary>
    public override string ToString() => $"{Kind} credential";
}
