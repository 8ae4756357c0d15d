using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Access;

/// <summary>The door every caller comes to first: what does a credential stand for? Credentials are known by their SHA-256 only.</summary>
public sealed class SessionDoor(ICredentialStore credentials, Admission admission, SuspendedText suspended, TimeProvider clock, IOptions<AccessOptions> access)
{
    /// <summary>By the beginning of the credential's hash.</summary>
    readonly KnownTenants<Int128> known = new();

    static readonly Outcome Suspended = Outcome.Refused(ErrorCode.Suspended, "The person or the account is suspended.");

    static readonly Outcome Unknown = Outcome.Refused(ErrorCode.Unauthenticated, "The credential is unknown, used up or signed out.");

    /// <summary>Whether the credential was good on this node once: then it is worth asking whether it still is.</summary>
    public bool Knows(ReadOnlyMemory<byte> credentialHash) => known.Recall(Key(credentialHash)) is not null;

    /// <summary>Who a credential belongs to: <see cref="ErrorCode.Unauthenticated"/> when it is unknown or signed out, <see cref="ErrorCode.Suspended"/> when its person or tenant is.</summary>
    public Task<Found<Credential>> AuthenticateAsync(ReadOnlyMemory<byte> credentialHash, CancellationToken cancellationToken) => admission.ReadAsync(
        null,
        () => known.Recall(Key(credentialHash)) is { } tenant
            // A flood of one tenant's requests must not take the store's connections before it is known to be one.
            ? admission.InShareAsync<Found<Credential>>(tenant, refused => refused, () => FindAsync(credentialHash, cancellationToken), counts: false)
            : FindAsync(credentialHash, cancellationToken));

    /// <summary>Makes a one-use ticket good for the credential, for clients that can send no header with a WebSocket handshake.</summary>
    public Task<Found<Ticket>> IssueTicketAsync(ReadOnlyMemory<byte> ticketHash, ReadOnlyMemory<byte> credentialHash, CancellationToken cancellationToken) =>
        admission.ReadAsync<Ticket>(null, async () =>
        {
            var expiresAt = clock.GetUtcNow().AddSeconds(access.Value.TicketSeconds);
            await credentials.AddTicketAsync(ticketHash, credentialHash, expiresAt, cancellationToken);
            return new Ticket(expiresAt, access.Value.TicketSeconds);
        });

    /// <summary>Uses a ticket up. Answers as <see cref="AuthenticateAsync"/>.</summary>
    public Task<Found<Credential>> RedeemTicketAsync(ReadOnlyMemory<byte> ticketHash, CancellationToken cancellationToken) =>
        admission.ReadAsync(null, async () => await JudgeAsync(await credentials.TakeTicketAsync(ticketHash, cancellationToken), cancellationToken));

    async Task<Found<Credential>> FindAsync(ReadOnlyMemory<byte> credentialHash, CancellationToken cancellationToken)
    {
        var found = await credentials.FindAsync(credentialHash, cancellationToken);
        if (found is not null)
        {
            known.Remember(Key(credentialHash), found.Caller.Tenant);
        }

        return await JudgeAsync(found, cancellationToken);
    }

    static Int128 Key(ReadOnlyMemory<byte> credentialHash) =>
        credentialHash.Length < 16 ? 0 : System.Buffers.Binary.BinaryPrimitives.ReadInt128BigEndian(credentialHash.Span);

    async Task<Found<Credential>> JudgeAsync(Credential? credential, CancellationToken cancellationToken) => credential switch
    {
        null => Unknown,
        { Suspended: true, Caller.Role: Role.Customer } => await suspended.PutIntoAsync(Suspended, credential.Caller.Tenant, cancellationToken),
        { Suspended: true } => Suspended,
        _ => credential,
    };
}

/// <summary>A ticket that was issued.</summary>
public sealed record Ticket(DateTimeOffset ExpiresAt, int ExpiresInSeconds);
