using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Rcc.Postgres.Embedded;

/// <summary>The files of one embedded server: the cluster, made whole or not at all, and its password.</summary>
sealed class PostgresCluster
{
    public const string User = "rcc";

    readonly EmbeddedPostgresOptions options;

    PostgresCluster(EmbeddedPostgresOptions options, string folder, string password)
    {
        this.options = options;
        Folder = folder;
        Password = password;
    }

    /// <summary>PostgreSQL's data directory.</summary>
    public string Folder { get; }

    /// <summary>Of the superuser; never logged.</summary>
    public string Password { get; }

    /// <summary>Opens the cluster in the data folder and creates it when there is none.</summary>
    public static async Task<PostgresCluster> OpenAsync(
        EmbeddedPostgresOptions options, string dataFolder, string binaries, ILogger logger, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(dataFolder, "cluster");
        var passwordFile = Path.Combine(dataFolder, "password");
        if (!Directory.Exists(folder))
        {
            EmbeddedPostgresLog.Initialising(logger, folder);
            await WritePasswordAsync(passwordFile, cancellationToken);
            await InitialiseAsync(folder, passwordFile, binaries, cancellationToken);
        }

        var version = (await File.ReadAllTextAsync(Path.Combine(folder, "PG_VERSION"), cancellationToken)).Trim();
        if (!string.Equals(version, PostgresBinaries.MajorVersion, StringComparison.Ordinal))
        {
            throw new EmbeddedPostgresException(
                $"{folder} was written by PostgreSQL {version}; this program brings PostgreSQL {PostgresBinaries.MajorVersion}. Move the data with that version's pg_dumpall.");
        }

        if (!File.Exists(passwordFile))
        {
            throw new EmbeddedPostgresException($"{passwordFile} is missing; without it the cluster beside it cannot be opened. Restore it from a backup of the folder.");
        }

        return new PostgresCluster(options, folder, (await File.ReadAllTextAsync(passwordFile, cancellationToken)).Trim());
    }

    /// <summary>The server's command line. Settings given here win over files, so that every start is alike.</summary>
    public IEnumerable<string> Arguments(PostgresAddress address)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["max_connections"] = options.MaxConnections.ToString(CultureInfo.InvariantCulture),
            ["shared_buffers"] = string.Create(CultureInfo.InvariantCulture, $"{options.SharedBuffersMiB}MB"),
            ["max_wal_size"] = string.Create(CultureInfo.InvariantCulture, $"{options.MaxWalMiB}MB"),
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
            ["logging_collector"] = "off",
            ["log_checkpoints"] = "off",
            // A failed statement and its details hold people's messages; the log must not.
            ["log_min_error_statement"] = "panic",
            ["log_error_verbosity"] = "terse",
        };
        foreach (var (name, value) in options.Settings.Concat(address.Settings))
        {
            settings[name] = value;
        }

        return ["-D", Folder, .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
    }

    static async Task InitialiseAsync(string folder, string passwordFile, string binaries, CancellationToken cancellationToken)
    {
        // What a killed start left half made goes; the rename at the end is what makes a cluster.
        var fresh = folder + ".new";
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        // PostgreSQL's own C.UTF-8 sorts by code point, alike on every machine, whatever its C library.
        var start = UnprivilegedProcess.Describe(Path.Combine(binaries, "initdb"),
        [
            "-D", fresh, $"--username={User}", $"--pwfile={passwordFile}", "--auth=scram-sha-256", "--data-checksums",
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        ]);
        var (exitCode, output) = await ChildProcess.RunAsync(start, cancellationToken);
        if (exitCode != 0)
        {
            throw new EmbeddedPostgresException($"A PostgreSQL cluster could not be created in {folder}: {output}{UnprivilegedProcess.Advice(output)}");
        }

        Directory.Move(fresh, folder);
    }

    static async Task WritePasswordAsync(string path, CancellationToken cancellationToken)
    {
        File.Delete(path);
        var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            creation.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var writer = new StreamWriter(path, creation);
        await writer.WriteAsync(RandomNumberGenerator.GetHexString(32, lowercase: true).AsMemory(), cancellationToken);
    }
}
