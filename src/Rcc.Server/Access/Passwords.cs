using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Sync;

namespace Rcc.Server.Access;

/// <summary>Hashes and checks passwords with the framework's hasher. A hash costs tens of milliseconds of a core on purpose, so only half the cores hash at a time.</summary>
internal sealed class Passwords : IDisposable
{
    static readonly object Nobody = new();

    readonly PasswordHasher<object> hasher;
    readonly string unknown;
    readonly SemaphoreSlim cores = new(Math.Max(1, Environment.ProcessorCount / 2));
    readonly IOptions<SignInOptions> options;
    int waiting;

    public Passwords(IOptions<SignInOptions> options)
    {
        this.options = options;
        hasher = new(Options.Create<PasswordHasherOptions>(new() { IterationCount = options.Value.PasswordRounds }));
        unknown = hasher.HashPassword(Nobody, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
    }

    /// <summary>Why this cannot become a password; null when it can. Long enough, and not so long that hashing it is an attack; no rules of composition (NIST SP 800-63B §3.1.1.2).</summary>
    public Outcome? Refuse(string password) =>
        password.Length < options.Value.MinPasswordLength
            ? Outcome.Refused(ErrorCode.Malformed, $"The password needs {options.Value.MinPasswordLength} characters (minPasswordLength).")
            : password.Length > options.Value.MaxPasswordLength
                ? Outcome.Refused(ErrorCode.TooLarge, $"The password may have {options.Value.MaxPasswordLength} characters (maxPasswordLength).")
                : null;

    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync(() => hasher.HashPassword(Nobody, password), cancellationToken);

    /// <summary>Whether the password fits. Without a hash (nobody has this name) it does the same work and answers no, so that time does not tell who exists.</summary>
    public Task<bool> VerifyAsync(string? hash, string password, CancellationToken cancellationToken) =>
        RunAsync(() => hasher.VerifyHashedPassword(Nobody, hash ?? unknown, password) != PasswordVerificationResult.Failed && hash is not null, cancellationToken);

    public void Dispose() => cores.Dispose();

    /// <exception cref="BusyException">So many wait that whoever comes now would wait for nothing.</exception>
    async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) > options.Value.MaxWaitingPasswords)
                throw new BusyException($"{options.Value.MaxWaitingPasswords} passwords wait to be hashed, which is the limit (MaxWaitingPasswords).");
            await cores.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            cores.Release();
        }
    }
}
