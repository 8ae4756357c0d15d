using System.CommandLine;

namespace Rcc.Server;

/// <summary>What the program was started with. Anything else is configuration, which may also come as <c>--Section:Key=value</c>.</summary>
internal sealed record CommandLine
{
    public const string DefaultUrls = "http://127.0.0.1:5080";

    /// <summary>Make a demo tenant, play its dialogues and serve the demo page.</summary>
    public bool Demo { get; init; }

    /// <summary>Where the embedded PostgreSQL keeps its files; null for the default place.</summary>
    public string? DataFolder { get; init; }

    public string? Urls { get; init; }

    /// <summary>The database was restored from a backup: every device starts from nothing.</summary>
    public bool Restored { get; init; }

    /// <summary>Print a link by which whoever has this terminal becomes a platform operator, also when there are some.</summary>
    public bool RecoverOperator { get; init; }

    /// <summary>Configuration keys with values.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Reads the arguments; when they ask for help or are wrong, says so and returns null with the exit code.</summary>
    public static (CommandLine? Line, int ExitCode) Read(string[] args)
    {
        var demo = new Option<bool>("--demo") { Description = "Create a demo account, play its dialogues, serve the page /demo/." };
        var data = new Option<string?>("--data") { Description = "Folder of the embedded PostgreSQL (used when there is no connection string).", HelpName = "folder" };
        var urls = new Option<string?>("--urls") { Description = $"Addresses to listen on, separated by ';'. Default {DefaultUrls}.", HelpName = "urls" };
        var restored = new Option<bool>("--restored") { Description = "The database was restored from a backup: make every device start from nothing." };
        var recover = new Option<bool>("--recover-operator") { Description = "Print a one-time link to become a platform operator, anew or again, although there are some." };
        var root = new RootCommand(
            "Rcc, a contact centre for chat. ConnectionStrings:Rcc or RCC_CONNECTION_STRING names a PostgreSQL of your own. Any setting can be given as --Section:Key=value.")
        {
            demo, data, urls, restored, recover,
        };
        root.TreatUnmatchedTokensAsErrors = false;
        CommandLine? line = null;
        root.SetAction(result =>
        {
            var settings = result.UnmatchedTokens;
            foreach (var token in settings.Where(t => !IsSetting(t)))
            {
                Console.Error.WriteLine($"Unknown argument '{token}'. A setting has the form --Section:Key=value; --help lists the rest.");
                return 1;
            }

            line = new CommandLine
            {
                Demo = result.GetValue(demo),
                DataFolder = result.GetValue(data),
                Urls = result.GetValue(urls),
                Restored = result.GetValue(restored),
                RecoverOperator = result.GetValue(recover),
                Settings = settings,
            };
            return 0;
        });
        var exitCode = root.Parse(args).Invoke();
        return (line, exitCode);

        static bool IsSetting(string token) => token.StartsWith("--", StringComparison.Ordinal) && token.IndexOf('=', StringComparison.Ordinal) > 2;
    }
}
