using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Rcc.Replay.Hosting;

/// <summary>
/// The product's server, in a process of its own, on a data folder and a port of its own: it can be killed without a word and started again on what it left.
/// </summary>
sealed class ServerProcess : IAsyncDisposable
{
    const int KeptLines = 40;
    static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(100);

    readonly string data;
    readonly string[] arguments;
    readonly Queue<string> said = new();
    readonly TaskCompletionSource<Uri> setUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly HttpClient http;
    Process process;

    ServerProcess(string data, Uri address, string[] arguments)
    {
        this.data = data;
        this.arguments = arguments;
        Address = address;
        http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
        process = Launch();
    }

    /// <summary>Where it listens, also after it was started again.</summary>
    public Uri Address { get; }

    /// <summary>The one-time link to become its operator.</summary>
    public Task<Uri> SetUpLink => setUp.Task;

    /// <summary>The last lines it wrote.</summary>
    public string Said
    {
        get
        {
            lock (said)
                return string.Join(Environment.NewLine, said);
        }
    }

    /// <summary>Starts a server on an empty data folder and waits until it is ready.</summary>
    /// <exception cref="ServerProcessException">It ended, or was not ready in time.</exception>
    /// <param name="options">Options of its own.</param>
    public static async Task<ServerProcess> StartAsync(IEnumerable<string> options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("rcc-replay-").FullName;
        var (port, siloPort) = (FreePort(), FreePort());
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
        var server = new ServerProcess(folder, address,
        [
            Path.Combine(AppContext.BaseDirectory, "Rcc.Server.dll"),
            "--data", folder,
            "--urls", address.GetLeftPart(UriPartial.Authority),
            string.Create(CultureInfo.InvariantCulture, $"--Rcc:Cluster:SiloPort={siloPort}"),
            // Everybody signs in from one address here, and says in a minute what people say in days: the rates that keep guessers and floods out are counted, and never reached.
            "--Rcc:SignIn:AttemptsPerMinute=100000", "--Rcc:SignIn:AttemptsPerMinuteAndAddress=1000000", "--Rcc:SignIn:CustomerSessionsPerMinuteAndAddress=1000000", "--Rcc:Access:NewContactsPerMinute=1000000",
            "--Rcc:Access:RequestBurst=1000000", "--Rcc:Access:RequestsPerSecond=1000000",
            "--Logging:LogLevel:Default=Warning",
            .. options,
        ]);
        try
        {
            await server.WaitUntilReadyAsync(cancellationToken);
            await server.SetUpLink.WaitAsync(StartTimeout, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL, at whatever it is doing, and a new process on the same data.</summary>
    public async Task KillAndRestartAsync(CancellationToken cancellationToken)
    {
        var killed = process;
        killed.Kill();
        await killed.WaitForExitAsync(cancellationToken);
        killed.Dispose();
        process = Launch();
        await WaitUntilReadyAsync(cancellationToken);
    }

    /// <summary>SIGKILL to its PostgreSQL; the server starts it again by itself. Returns when it is ready again.</summary>
    public async Task KillPostgresAsync(CancellationToken cancellationToken)
    {
        var before = PostmasterId() ?? throw new ServerProcessException($"There is no running PostgreSQL in {data}.");
        using (var postmaster = Process.GetProcessById(before))
            postmaster.Kill();
        await UntilAsync(() => Task.FromResult(PostmasterId() is { } now && now != before), "its PostgreSQL, which was killed, did not start again", cancellationToken);
        await WaitUntilReadyAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!process.HasExited)
            {
                using var terminate = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
                await terminate.WaitForExitAsync();
                using var patience = new CancellationTokenSource(StopTimeout);
                try
                {
                    await process.WaitForExitAsync(patience.Token);
                }
                catch (OperationCanceledException)
                {
                    process.Kill();
                    await process.WaitForExitAsync();
                }
            }
        }
        finally
        {
            process.Dispose();
            http.Dispose();
            DeleteData();
        }
    }

    void DeleteData()
    {
        try
        {
            Directory.Delete(data, recursive: true);
        }
        catch (IOException e)
        {
            // A PostgreSQL that is still ending writes its last files.
            Console.Error.WriteLine($"{data} could not be deleted: {e.Message}");
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    Process Launch()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // A database of somebody's must not be what is filled and killed.
        start.Environment.Remove("RCC_CONNECTION_STRING");
        start.Environment.Remove("ConnectionStrings__Rcc");
        var launched = new Process { StartInfo = start };
        launched.OutputDataReceived += (_, line) => Hear(line.Data);
        launched.ErrorDataReceived += (_, line) => Hear(line.Data);
        launched.Start();
        launched.BeginOutputReadLine();
        launched.BeginErrorReadLine();
        return launched;
    }

    void Hear(string? line)
    {
        if (line is null)
            return;
        if (line.Contains("/setup?code=", StringComparison.Ordinal))
        {
            setUp.TrySetResult(new Uri(line.Trim()));
            return;
        }
        lock (said)
        {
            said.Enqueue(line);
            if (said.Count > KeptLines)
                said.Dequeue();
        }
    }

    int? PostmasterId()
    {
        try
        {
            using var file = new StreamReader(Path.Combine(data, "cluster", "postmaster.pid"));
            return int.TryParse(file.ReadLine(), CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    Task WaitUntilReadyAsync(CancellationToken cancellationToken) => UntilAsync(
        async () =>
        {
            if (process.HasExited)
                throw new ServerProcessException($"The server ended with exit code {process.ExitCode}. It said last:{Environment.NewLine}{Said}");
            try
            {
                using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), cancellationToken);
                return answer.IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        },
        "it was not ready",
        cancellationToken);

    async Task UntilAsync(Func<Task<bool>> condition, string otherwise, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(LookAgainAfter);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > StartTimeout)
                throw new ServerProcessException($"The server: {otherwise} within {StartTimeout}. It said last:{Environment.NewLine}{Said}");
            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }
}

/// <summary>The server did not do what it was started for; the message says what it said.</summary>
sealed class ServerProcessException : Exception
{
    public ServerProcessException()
    {
    }

    public ServerProcessException(string message)
        : base(message)
    {
    }

    public ServerProcessException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
