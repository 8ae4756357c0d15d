using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Rcc.Core;

namespace Rcc.Server.Access.Oidc;

/// <summary>What is carried through the provider and back: sealed with the servers' common key, so that any of them can go on with it, and good for a while.</summary>
internal sealed class SealedState(SealedSecrets secrets, TimeProvider clock) : ISecureDataFormat<AuthenticationProperties>
{
    const string Purpose = "oidc state";
    const int MaxLength = 8_192;

    public static TimeSpan Lifetime => TimeSpan.FromMinutes(15);

    public string Protect(AuthenticationProperties data) => Protect(data, null);

    public string Protect(AuthenticationProperties data, string? purpose)
    {
        data.ExpiresUtc = clock.GetUtcNow() + Lifetime;
        return Base64Url.EncodeToString(secrets.Seal(PropertiesSerializer.Default.Serialize(data), Purpose + purpose));
    }

    public AuthenticationProperties? Unprotect(string? protectedText) => Unprotect(protectedText, null);

    public AuthenticationProperties? Unprotect(string? protectedText, string? purpose)
    {
        if (protectedText is not { Length: > 0 and <= MaxLength }) return null;
        try
        {
            var properties = PropertiesSerializer.Default.Deserialize(secrets.Open(Base64Url.DecodeFromChars(protectedText), Purpose + purpose));
            return properties?.ExpiresUtc > clock.GetUtcNow() ? properties : null;
        }
        catch (Exception forged) when (forged is FormatException or CryptographicException)
        {
            return null;
        }
    }
}
