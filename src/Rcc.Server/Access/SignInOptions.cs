using System.ComponentModel.DataAnnotations;

namespace Rcc.Server.Access;

/// <summary>Limits of signing in. Each server counts for itself.</summary>
internal sealed class SignInOptions
{
    public const string Section = "Rcc:SignIn";

    /// <summary>Attempts per minute for one name from one address; more are refused with <c>rateLimited</c>. Default 10. Higher helps guessers, lower locks people out who mistype.</summary>
    [Range(1, 100_000)]
    public int AttemptsPerMinute { get; set; } = 10;

    /// <summary>Attempts per minute from one address, whatever the name. Default 120: an office behind one address signs in on Monday morning. A sign-in by an identity provider is one, and so is each look at an invitation.</summary>
    [Range(1, 1_000_000)]
    public int AttemptsPerMinuteAndAddress { get; set; } = 120;

    /// <summary>Attempts per minute from one network of IPv6, a /48, whatever the name. Default 600. Addresses are told apart by their /64, of which it has 65,536.</summary>
    [Range(1, 1_000_000)]
    public int AttemptsPerMinuteAndNetwork { get; set; } = 600;

    /// <summary>Attempts per hour for one name over all addresses from which it has not signed in on this server. Default 100 (NIST SP 800-63B §3.2.2). Lower lets guessers keep somebody from signing in at a new place.</summary>
    [Range(1, 1_000_000)]
    public int AttemptsPerHourAndName { get; set; } = 100;

    /// <summary>Credentials per minute from one address that may be unknown, signed out or expired; then only those that this server has met are looked up for it. Default 300.</summary>
    [Range(1, 1_000_000)]
    public int UnknownCredentialsPerMinuteAndAddress { get; set; } = 300;

    /// <summary>Passwords that may wait to be hashed or compared; more are refused as busy. Default 200, a few seconds' work.</summary>
    [Range(1, 100_000)]
    public int MaxWaitingPasswords { get; set; } = 200;

    /// <summary>Sessions of customers that one address may begin per minute in one inbox. Default 120.</summary>
    [Range(1, 1_000_000)]
    public int CustomerSessionsPerMinuteAndAddress { get; set; } = 120;

    /// <summary>Looks at inboxes, by whoever comes to a page with a widget, that one address may take per minute. Default 600.</summary>
    [Range(1, 1_000_000)]
    public int InboxLooksPerMinuteAndAddress { get; set; } = 600;

    /// <summary>Codes of a second factor that may be tried at once for one agent, whatever the address. Default 5: people mistype. Its own password, which somebody who is signed in must know to change it or to enrol a second factor, counts with them.</summary>
    [Range(1, 1_000_000)]
    public int CodeAttempts { get; set; } = 5;

    /// <summary>Codes of a second factor that may be tried per hour for one agent, for long. Default 30: who knows the password needs more than a year to guess a code, on average.</summary>
    [Range(1, 1_000_000)]
    public int CodeAttemptsPerHour { get; set; } = 30;

    /// <summary>How long an account's identity provider may take to answer, in seconds. Default 10.</summary>
    [Range(1, 60)]
    public int ProviderTimeoutSeconds { get; set; } = 10;

    /// <summary>Ask identity providers also by http, and on private networks: where all accounts are trusted with this server's own network. Default no.</summary>
    public bool AllowPrivateProviders { get; set; }

    /// <summary>Rounds of PBKDF2 (HMAC-SHA512) that a new password is hashed with. Default 100,000, some tens of milliseconds of a core: fewer help whoever steals the hashes. What was hashed with others before is still good.</summary>
    [Range(10_000, 10_000_000)]
    public int PasswordRounds { get; set; } = 100_000;

    /// <summary>Fewest characters of a password. Default 10.</summary>
    [Range(8, 64)]
    public int MinPasswordLength { get; set; } = 10;

    /// <summary>Most characters of a password. Default 256: hashing more only burns time.</summary>
    [Range(64, 1024)]
    public int MaxPasswordLength { get; set; } = 256;
}
