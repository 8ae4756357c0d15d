using System.Collections.Immutable;

namespace Rcc.Core.Access;

/// <summary>What credentials stand for. Credentials are random; only their SHA-256 is kept.</summary>
public interface ICredentialStore
{
    /// <summary>Who a device's, customer's or key's credential belongs to; null when it is unknown, signed out, or its person or tenant is suspended (the two are told apart by <see cref="Credential.Suspended"/>).</summary>
    Task<Credential?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);

    /// <summary>Keeps a one-use ticket for a device until it expires.</summary>
    Task AddTicketAsync(ReadOnlyMemory<byte> hash, ReadOnlyMemory<byte> credentialHash, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Uses a ticket up; null when it is unknown, used or expired.</summary>
    Task<Credential?> TakeTicketAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);

    /// <summary>Keeps what an identity provider has said until the one-use code for it is taken or expires.</summary>
    Task AddSignInCodeAsync(ReadOnlyMemory<byte> hash, ReadOnlyMemory<byte> said, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Uses the code up; null when it is unknown, used or expired.</summary>
    Task<byte[]?> TakeSignInCodeAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);
}

/// <summary>What a credential stands for.</summary>
/// <param name="Caller">Who.</param>
/// <param name="Suspended">The person or the tenant is suspended: everything is refused, with that code.</param>
/// <param name="AllowedOrigins">For customers: the origins a browser may connect from; empty: any.</param>
public sealed record Credential(Caller Caller, bool Suspended, ImmutableArray<string> AllowedOrigins);
