using System.Security.Cryptography;
using System.Text.Json;

namespace Rcc.Server.Demo;

/// <summary>Somebody of the demo who can sign in.</summary>
internal sealed record DemoAgent(string Account, string Email, string Password, string Name);

/// <summary>The demo's inbox.</summary>
internal sealed record DemoInbox(string Identifier, string Name);

/// <summary>The demo's customer.</summary>
internal sealed record DemoCustomer(string Name);

/// <summary>The operator of a demo's server.</summary>
internal sealed record DemoOperator(string Name, string Password);

/// <summary>The logins of the demo, made once and kept beside its data, so that a second start finds them. The passwords are random: a demo may be reached from elsewhere.</summary>
/// <param name="Operator">The platform operator.</param>
/// <param name="Master">The master agent.</param>
/// <param name="Agent">The sub-agent of the demo's page.</param>
/// <param name="Colleague">The other sub-agent.</param>
/// <param name="Inbox">The customers' way in; absent until it was made.</param>
/// <param name="Customer">Who writes in on the demo's page.</param>
/// <param name="Played">The dialogues were played.</param>
internal sealed record DemoLogins(
    DemoOperator Operator, DemoAgent Master, DemoAgent Agent, DemoAgent Colleague, DemoInbox? Inbox, DemoCustomer Customer, bool Played)
{
    const string FileName = "demo.json";
    const string Account = "demo";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static DemoLogins Make() => new(
        new("operator", Password()),
        new(Account, "ada@demo.example", Password(), "Ada Brandt"),
        new(Account, "noor@demo.example", Password(), "Noor Haddad"),
        new(Account, "sam@demo.example", Password(), "Sam Okafor"),
        Inbox: null,
        new("Mira Sommer"),
        Played: false);

    public static async Task<DemoLogins?> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        await using var file = File.OpenRead(path);
        return await JsonSerializer.DeserializeAsync<DemoLogins>(file, Json, cancellationToken);
    }

    /// <summary>Written beside and moved, so that a crash leaves the old file or the new one; for the owner's eyes only.</summary>
    public async Task WriteAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var path = Path.Combine(folder, FileName);
        await using (var file = new FileStream($"{path}.new", options)) await JsonSerializer.SerializeAsync(file, this, Json, cancellationToken);
        File.Move($"{path}.new", path, overwrite: true);
    }

    static string Password() => RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 16);
}
