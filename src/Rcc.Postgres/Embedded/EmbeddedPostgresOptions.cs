using System.Globalization;

namespace Rcc.Postgres.Embedded;

/// <summary>How the embedded PostgreSQL runs. Every value has a default except the folder. Section <c>Rcc:Postgres</c>.</summary>
public sealed class EmbeddedPostgresOptions
{
    /// <summary>Settings that the embedded server decides itself; they cannot be overridden.</summary>
    static readonly string[] OwnSettings =
    [
        "config_file", "data_directory", "hba_file", "ident_file", "listen_addresses", "logging_collector", "port",
        "unix_socket_directories", "unix_socket_permissions",
    ];

    /// <summary>The folder that holds the cluster, its log, its password and its lock. Made when missing; only its owner may enter.</summary>
    public required string DataFolder { get; set; }

    /// <summary>The database made on first start and named in the connection string.</summary>
    public string Database { get; set; } = "rcc";

    /// <summary>Where downloaded binaries are kept; null is the user's cache folder (see <see cref="CacheFolder"/>).</summary>
    public string? CacheFolder { get; set; }

    /// <summary>Whether clients connect through a Unix socket. False, or a place with no room for a socket path, means TCP on loopback.</summary>
    public bool UnixSocket { get; set; } = true;

    /// <summary>How long a start may take, recovery after a crash included. Too short, and a big log cannot be replayed. 1 s to 1 h, default 2 min.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a fast shutdown may take before an immediate one follows. 1 s to 10 min, default 30 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Size in bytes of the server log's newest file; one older file is kept. 64 KiB to 1 GiB, default 8 MiB.</summary>
    public long MaxLogBytes { get; set; } = 8 << 20;

    /// <summary>PostgreSQL's <c>max_connections</c>. 10 to 10000, default 200.</summary>
    public int MaxConnections { get; set; } = 200;

    /// <summary>PostgreSQL's <c>shared_buffers</c> in MiB. 16 to 1048576, default 256, which suits a machine with 2 GiB or more.</summary>
    public int SharedBuffersMiB { get; set; } = 256;

    /// <summary>PostgreSQL's <c>max_wal_size</c> in MiB: more means fewer checkpoints and a longer recovery. 64 to 1048576, default 2048.</summary>
    public int MaxWalMiB { get; set; } = 2048;

    /// <summary>Further PostgreSQL settings by name. Durability is on by PostgreSQL's own defaults; turning it off here voids <i>acknowledged means kept</i>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Throws with every mistake at once.</summary>
    /// <exception cref="EmbeddedPostgresException">At least one value is missing or out of its limits.</exception>
    public void Validate()
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(DataFolder))
        {
            errors.Add($"{nameof(DataFolder)} is empty");
        }

        if (CacheFolder is not null && string.IsNullOrWhiteSpace(CacheFolder))
        {
            errors.Add($"{nameof(CacheFolder)} is empty");
        }

        if (string.IsNullOrEmpty(Database) || Database.Length > 63 || !Database.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            errors.Add($"{nameof(Database)} is '{Database}'; it takes 1 to 63 of a-z, 0-9 and _");
        }

        Check(nameof(StartTimeout), StartTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Check(nameof(StopTimeout), StopTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Check(nameof(MaxLogBytes), MaxLogBytes, 64 << 10, 1 << 30);
        Check(nameof(MaxConnections), MaxConnections, 10, 10_000);
        Check(nameof(SharedBuffersMiB), SharedBuffersMiB, 16, 1 << 20);
        Check(nameof(MaxWalMiB), MaxWalMiB, 64, 1 << 20);
        foreach (var name in Settings.Keys.Where(name => OwnSettings.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            errors.Add($"{nameof(Settings)} names '{name}', which the embedded server decides itself");
        }

        if (errors.Count > 0)
        {
            throw new EmbeddedPostgresException($"The embedded PostgreSQL is not configured correctly: {string.Join("; ", errors)}.");
        }

        void Check<T>(string name, T value, T min, T max)
            where T : IComparable<T>, IFormattable
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            {
                errors.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it goes from {min} to {max}"));
            }
        }
    }
}
