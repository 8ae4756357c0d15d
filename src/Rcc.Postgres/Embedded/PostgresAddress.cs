using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rcc.Postgres.Embedded;

/// <summary>Where the embedded server listens: a folder with a Unix socket, or a port on loopback.</summary>
sealed record PostgresAddress(string Host, int Port, bool IsSocket)
{
    const int DefaultPort = 5432;

    /// <summary>Room for a socket's path, its ending zero left out: 104 bytes on macOS and the BSDs, 108 on Linux (<c>sockaddr_un</c>).</summary>
    const int MaxSocketPathBytes = 103;

    /// <summary>
    /// A socket in the data folder when its path fits, else in a fresh folder of the temporary folder (whose name is kept
    /// in the data folder, to be removed by the next start), else a free port.
    /// </summary>
    public static PostgresAddress Choose(string dataFolder, bool socket)
    {
        var record = Path.Combine(dataFolder, "socket-folder");
        if (File.Exists(record))
        {
            DeleteFolder(File.ReadAllText(record));
            File.Delete(record);
        }

        var folder = Path.Combine(dataFolder, "socket");
        DeleteFolder(folder);
        if (socket && !OperatingSystem.IsWindows())
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            if (HasRoom(folder))
            {
                Directory.CreateDirectory(folder, OwnerOnly);
                return new PostgresAddress(folder, DefaultPort, IsSocket: true);
            }

            // The longest name the temporary folder can get.
            if (HasRoom(Path.Combine(Path.GetTempPath(), "rcc-postgres-XXXXXX")))
            {
                folder = Directory.CreateTempSubdirectory("rcc-postgres-").FullName;
                File.WriteAllText(record, folder);
                return new PostgresAddress(folder, DefaultPort, IsSocket: true);
            }
        }

        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new PostgresAddress("127.0.0.1", ((IPEndPoint)probe.LocalEndpoint).Port, IsSocket: false);
    }

    public IEnumerable<KeyValuePair<string, string>> Settings =>
    [
        new("listen_addresses", IsSocket ? "" : Host),
        new("unix_socket_directories", IsSocket ? Host : ""),
        new("unix_socket_permissions", "0700"),
        new("port", Port.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Removes a killed server's socket and its lock file, whose process id may be another process's by now.</summary>
    public void Clear()
    {
        if (IsSocket)
        {
            foreach (var file in Directory.EnumerateFiles(Host, ".s.PGSQL.*"))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Removes the socket's folder.</summary>
    public void Release()
    {
        if (IsSocket)
        {
            DeleteFolder(Host);
        }
    }

    public override string ToString() => IsSocket ? Host : $"{Host}:{Port}";

    /// <summary>A comma or a quote would split the path in PostgreSQL's setting and in the connection string.</summary>
    static bool HasRoom(string folder) =>
        folder.AsSpan().IndexOfAny(",;\"'=") < 0
        && Encoding.UTF8.GetByteCount(Path.Combine(folder, $".s.PGSQL.{DefaultPort}")) <= MaxSocketPathBytes;

    static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
