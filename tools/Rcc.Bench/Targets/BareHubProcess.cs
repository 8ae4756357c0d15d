using Rcc.Bench.BareHub;

namespace Rcc.Bench.Targets;

/// <summary>Starts the bare hub and connects as many devices as the product's run has.</summary>
static class BareHubProcess
{
    /// <param name="connectionString">An empty database; null: nothing is stored.</param>
    /// <param name="runtime">The product's collector settings, so that both run alike.</param>
    public static async Task<Contestant> StartAsync(
        string name, string? connectionString, Cast cast, IReadOnlyDictionary<string, string?> runtime, CancellationToken cancellationToken)
    {
        const string Listening = "Listening on ";
        var environment = new Dictionary<string, string?>(runtime, StringComparer.Ordinal) { [BareHubProgram.ConnectionVariable] = connectionString };
        var (server, address) = await ServerProcess.StartAsync(
            typeof(BareHubProcess).Assembly.Location,
            [Verbs.BareHub],
            environment,
            line => line.StartsWith(Listening, StringComparison.Ordinal) ? line[Listening.Length..] : null,
            cancellationToken);
        try
        {
            var site = cast.ToSite(new Uri(address).Port, BareHubProgram.Path);
            var (generator, _) = await GeneratorProcess.StartAsync(site, cancellationToken);
            return new Contestant(name, server, generator);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
