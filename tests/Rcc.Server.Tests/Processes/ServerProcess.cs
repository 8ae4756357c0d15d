using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Rcc.Server.Engine;

namespace Rcc.Server.Tests.Processes;

/// <summary>The server as a process of its own, so that a test can kill it. It keeps its address over restarts.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    const int KeptLines = 200;

    readonly string[] arguments;
    readonly ConcurrentQueue<string> output = new();
    readonly HttpClient http;
    TaskCompletionSource<string> setUpCode = new(TaskCreationOptions.RunContinuationsAsynchronously);
    Process? running;
    bool isEnded;

    ServerProcess(int port, string[] arguments)
    {
        Address = new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));

        // A silo that is started again at its old address takes the place of the one that was killed.
        this.arguments = [.. arguments, .. GrainEngine.Name == "orleans" ? [$"--Rcc:Cluster:SiloPort={FreePort()}"] : Array.Empty<string>()];
        http = new() { BaseAddress = Address };
    }

    public Uri Address { get; }

    /// <summary>The REST API with a credential, or without.</summary>
    public Api Api(string? credential = null) => new(http, credential);

    public HttpClient Http => http;

    /// <summary>A server with the embedded PostgreSQL in the folder.</summary>
    public static Task<ServerProcess> WithFolderAsync(string folder, params string[] settings) => LaunchAsync(["--data", folder, .. settings]);

    /// <summary>A server on a PostgreSQL that is there already.</summary>
    public static Task<ServerProcess> OnDatabaseAsync(string connectionString, params string[] settings) =>
        LaunchAsync([$"--ConnectionStrings:Rcc={connectionString}", .. settings]);

    static async Task<ServerProcess> LaunchAsync(string[] arguments)
    {
        var server = new ServerProcess(FreePort(), arguments);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, also again, and waits until it serves.</summary>
    public async Task StartAsync(params string[] more)
    {
        running?.Dispose();
        isEnded = false;
        setUpCode = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Rcc.Server.dll"), "--urls", Address.ToString(), .. Settings, .. arguments, .. more])
        {
            start.ArgumentList.Add(argument);
        }

        running = new() { StartInfo = start };
        running.OutputDataReceived += (_, line) => Read(line.Data);
        running.ErrorDataReceived += (_, line) => Read(line.Data);
        running.Start();
        running.BeginOutputReadLine();
        running.BeginErrorReadLine();
        await Until.TrueAsync(
            async () => !running.HasExited ? await IsReadyAsync() : throw new InvalidOperationException($"The server has ended with {running.ExitCode}.{Output}"),
            () => $"the server is ready.{Output}");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        var process = running ?? throw new InvalidOperationException("The server was not started.");
        isEnded = true;
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stops as with Ctrl-C.</summary>
    public async Task StopAsync()
    {
        var process = running ?? throw new InvalidOperationException("The server was not started.");
        isEnded = true;
        await Signals.SendAsync("TERM", process.Id);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Becomes the platform operator by the link the server has printed.</summary>
    public async Task<Api> BecomeOperatorAsync()
    {
        const string password = "operator-password";
        var code = await setUpCode.Task.WaitAsync(TimeSpan.FromSeconds(30));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code, ["name"] = "operator", ["password"] = password });
        using var made = await http.PostAsync(new Uri("setup", UriKind.Relative), form);
        made.EnsureSuccessStatusCode();
        return Api((await Api().PostAsync("/platform/api/v1/auth/sign_in", new { name = "operator", password })).Text("access_token"));
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (running is null) return;
        var ended = running.HasExited && !isEnded;
        if (!running.HasExited)
        {
            // Kindly, so that its PostgreSQL has left the folder, too.
            await Signals.SendAsync("TERM", running.Id);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                await running.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                running.Kill();
                await running.WaitForExitAsync();
            }
        }

        running.Dispose();
        Assert.False(ended, $"The server ended by itself.{Output}");
    }

    /// <summary>What it printed last.</summary>
    string Output => $"{Environment.NewLine}{string.Join(Environment.NewLine, output)}";

    /// <summary>One address does the work of many people here, and a test does not wait as long as production does.</summary>
    static IEnumerable<string> Settings =>
    [
        "--Logging:LogLevel:Default=Warning",
        "--Rcc:SignIn:AttemptsPerMinute=100000",
        "--Rcc:SignIn:PasswordRounds=10000",
        "--Rcc:SignIn:AttemptsPerMinuteAndAddress=100000",
        "--Rcc:SignIn:CustomerSessionsPerMinuteAndAddress=100000", "--Rcc:Access:NewContactsPerMinute=100000",
        "--Rcc:Access:RequestBurst=100000",
        "--Rcc:Access:RequestsPerSecond=100000",
        "--Rcc:Store:LockTimeout=00:00:02",
        "--Rcc:Store:StatementTimeout=00:00:03",
    ];

    async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    void Read(string? line)
    {
        if (line is null) return;
        if (SetUpCode().Match(line) is { Success: true } found) setUpCode.TrySetResult(found.Groups["code"].Value);
        output.Enqueue(line);
        while (output.Count > KeptLines) output.TryDequeue(out _);
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"/setup\?code=(?<code>\S+)", RegexOptions.None, 1000)]
    private static partial Regex SetUpCode();
}
