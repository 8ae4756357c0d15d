using Microsoft.Extensions.Options;
using Rcc.Contracts;

namespace Rcc.Core.Access;

/// <summary>The door every caller comes to first: what does a credential stand for? Credentials are known by their SHA-256 only.</summary>
public sealed class SessionDoor(ICredentialStore credentials, Admission admission, TimeProvider clock, IOptions<AccessOptions> access)
{
    static readonly Outcome Unknown = Outcome.Refused(ErrorCode.Unauthenticated, "The credential is unknown, used up or signed out.");

    /// <summary>Who a credential belongs to: <see cref="ErrorCode.Unauthenticated"/> when it is unknown or signed out, <see cref="ErrorCode.Suspended"/> when its person or tenant is.</summary>
    public Task<Found<Credential>> AuthenticateAsync(ReadOnlyMemory<byte> credentialHash, CancellationToken cancellationToken) =>
        admission.ReadAsync(null, async () => Judge(await credentials.FindAsync(credentialHash, cancellationToken)));

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
        admission.ReadAsync(null, async () => Judge(await credentials.TakeTicketAsync(ticketHash, cancellationToken)));

    static Found<Credential> Judge(Credential? credential) => credential switch
    {
        null => Unknown,
        { Suspended: true } => Outcome.Refused(ErrorCode.Suspended, "The person or the account is suspended."),
        _ => credential,
    };
}

/// <summary>A ticket that was issued.</summary>
public sealed record Ticket(DateTimeOffset ExpiresAt, int ExpiresInSeconds);
