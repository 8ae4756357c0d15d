using Rcc.Core.Access;

namespace Rcc.Core.Tests.Grains;

/// <summary>Nobody signs in here: callers are given.</summary>
sealed class NoCredentials : ICredentialStore
{
    public Task<Credential?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => Task.FromResult<Credential?>(null);

    public Task AddTicketAsync(ReadOnlyMemory<byte> hash, ReadOnlyMemory<byte> credentialHash, DateTimeOffset expiresAt, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Credential?> TakeTicketAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => Task.FromResult<Credential?>(null);

    public Task AddSignInCodeAsync(ReadOnlyMemory<byte> hash, ReadOnlyMemory<byte> said, DateTimeOffset expiresAt, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<byte[]?> TakeSignInCodeAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);
}
