using System.Collections.Immutable;
using System.Text;

namespace Rcc.Core.Customers;

/// <summary>
/// A Shared Profile XDMS (OMA XDM 2.0), asked by XCAP (RFC 4825): it has the profile of each user at <c>{root}/org.openmobilealliance.user-profile/users/{sip or tel URI}/user-profile</c>.
/// </summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.ProfileServer")]
public sealed record ProfileServer
{
    /// <summary>The XCAP root (RFC 4825 §6.1), without a slash at its end.</summary>
    [Id(0)] public required string Root { get; init; }

    /// <summary>Whom it knows us as, when it asks (RFC 4825 §14: HTTP authentication); null: it does not.</summary>
    [Id(1)] public string? Username { get; init; }

    /// <summary>What that is proven with, by <see cref="SealedSecrets"/>.</summary>
    [Id(2)] public ImmutableArray<byte> Password { get; init; } = [];

    /// <summary>In whose name it is asked, where it trusts us to say so (OMA XDM, 3GPP TS 24.109): a sip or tel URI.</summary>
    [Id(3)] public string? AssertedIdentity { get; init; }

    /// <summary>The password; null when it was sealed with a key that is not here, or there is none.</summary>
    public string? OpenPassword(SealedSecrets secrets, TenantId tenant)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        return secrets.TryOpen(Password.AsSpan(), PurposeOf(tenant)) is { } password ? Encoding.UTF8.GetString(password) : null;
    }

    public ProfileServer WithPassword(SealedSecrets secrets, TenantId tenant, string password)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        return this with { Password = [.. secrets.Seal(Encoding.UTF8.GetBytes(password), PurposeOf(tenant))] };
    }

    /// <summary>Whether a password of the other is one of this as well.</summary>
    public bool HasPasswordOf(ProfileServer? other) =>
        Username is not null && string.Equals(Root, other?.Root, StringComparison.Ordinal) && string.Equals(Username, other?.Username, StringComparison.Ordinal);

    /// <summary>A password is never sent to another server than the one it was given for.</summary>
    string PurposeOf(TenantId tenant) => $"profile_lookup {tenant.Key} {Root} {Username}";
}

/// <summary>How a customer's profile was looked up last.</summary>
/// <param name="FreshUntil">Until when what was found is as good as new.</param>
/// <param name="Document">What it was found in; null where it has no version, or is to be read whole.</param>
public sealed record ProfileReading(DateTimeOffset FreshUntil, DocumentVersion? Document);

/// <summary>A version of a document (RFC 9110 §8.8.3).</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.DocumentVersion")]
public sealed record DocumentVersion([property: Id(0)] string Url, [property: Id(1)] string ETag);
