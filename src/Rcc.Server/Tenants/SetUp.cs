using System.Security.Cryptography;
using System.Text;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>The one-time code that makes whoever started the server its platform operator. It lives in memory only, until there is an operator or the server stops.</summary>
internal sealed class SetUp
{
    string? code;

    /// <summary>Opens the way in; gives the code for its link.</summary>
    public string Open() => code = Secret.Make(SecretKind.Setup).Reveal();

    public void Close() => code = null;

    public bool Fits(string? code) =>
        this.code is { } open && code is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(open), Encoding.UTF8.GetBytes(code));
}
