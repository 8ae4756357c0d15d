using System.Security.Cryptography;
using System.Text;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>The one-time code that makes whoever started the server its platform operator. It lives in memory only, until it was used or the server stops.</summary>
internal sealed class SetUp
{
    string? code;

    /// <summary>It was opened although there are operators: whoever has the code becomes another one, or again one of them.</summary>
    public bool Recovers { get; private set; }

    /// <summary>Opens the way in; gives the code for its link.</summary>
    public string Open(bool recovers = false)
    {
        Recovers = recovers;
        return code = Secret.Make(SecretKind.Setup).Reveal();
    }

    public void Close() => code = null;

    /// <summary>Opens it again for who came with the right code and could not use it.</summary>
    public void GiveBack(string code) => this.code = code;

    /// <summary>Closes the way in, if the code is the one; only one of two who come with it at once finds it is.</summary>
    public bool Take(string? code) => Fits(code) && Interlocked.Exchange(ref this.code, null) is not null;

    public bool Fits(string? code) =>
        this.code is { } open && code is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(open), Encoding.UTF8.GetBytes(code));
}
