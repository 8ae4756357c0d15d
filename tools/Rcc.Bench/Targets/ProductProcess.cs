using System.Globalization;

namespace Rcc.Bench.Targets;

/// <summary>Starts the product as its users do.</summary>
static class ProductProcess
{
    public const string HubPath = "/hubs/v1/device";

    /// <summary>
    /// Everybody signs in from one address here, and a conversation runs faster than people type: the rates that keep guessers and floods out are counted, and never reached. All else is as it comes.
    /// </summary>
    static readonly string[] Settings =
    [
        "--urls", "http://127.0.0.1:0",
        "--Rcc:SignIn:AttemptsPerMinute=100000", "--Rcc:SignIn:AttemptsPerMinuteAndAddress=100000", "--Rcc:SignIn:CustomerSessionsPerMinuteAndAddress=100000",
        "--Rcc:Access:RequestBurst=1000000", "--Rcc:Access:NewContactsPerMinute=1000000", "--Rcc:Access:RequestsPerSecond=1000000",
        "--Rcc:Access:TenantRequestBurst=1000000", "--Rcc:Access:TenantRequestsPerSecond=1000000", "--Rcc:Access:TenantRequestsPerSecondContended=1000000",
    ];

    /// <summary>Starts it on an empty database; what it prints is the one-time link to become its operator.</summary>
    public static async Task<(ServerProcess Server, Uri SetUpLink)> StartEmptyAsync(string connectionString, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        var (server, link) = await StartAsync(connectionString, settings, line => line.Contains("/setup?code=", StringComparison.Ordinal) ? line.Trim() : null, cancellationToken);
        return (server, new Uri(link));
    }

    /// <summary>Starts it again on a database it knows; where it listens.</summary>
    public static async Task<(ServerProcess Server, int Port)> StartAgainAsync(string connectionString, IEnumerable<string> settings, CancellationToken cancellationToken)
    {
        const string Listening = "Now listening on: ";
        var (server, address) = await StartAsync(
            connectionString, settings, line => line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at ? ReadAddress(line, at + Listening.Length) : null, cancellationToken);
        return (server, new Uri(address).Port);
    }

    /// <summary>Starts it, signs everybody in and connects them.</summary>
    public static async Task<Contestant> StartAsync(string name, string connectionString, Cast cast, CancellationToken cancellationToken)
    {
        var (server, link) = await StartEmptyAsync(connectionString, [], cancellationToken);
        try
        {
            using var account = await ProductAccount.OnboardAsync(link, cancellationToken);
            var (generator, _) = await GeneratorProcess.StartAsync(await account.AddAsync(cast, HubPath, cancellationToken), cancellationToken);
            return new Contestant(name, server, generator);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            var said = server.Said;
            await server.DisposeAsync();
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{e.Message}\nThe server said last:\n{said}"), e);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The log line may go on behind the address.</summary>
    static string ReadAddress(string line, int at) => line[at..].Split('"', ' ')[0];

    static Task<(ServerProcess Server, string Ready)> StartAsync(string connectionString, IEnumerable<string> settings, Func<string, string?> isReady, CancellationToken cancellationToken) =>
        ServerProcess.StartAsync(
            ProductRuntime.Assembly, [.. Settings, .. settings], new Dictionary<string, string?>(StringComparer.Ordinal) { ["RCC_CONNECTION_STRING"] = connectionString }, isReady, cancellationToken);
}
