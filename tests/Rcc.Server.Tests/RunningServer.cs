using System.Collections.Concurrent;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcc.Server.Tenants;
using Rcc.Server.Tests;

[assembly: AssemblyFixture(typeof(RunningServer))]

// They wait more than they work, also where there are two processors.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]

namespace Rcc.Server.Tests;

/// <summary>One server for all tests: the whole program on a loopback port, on an embedded PostgreSQL in a temporary folder. A test that harms it makes one of its own.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    const string OperatorName = "operator";
    const string OperatorPassword = "operator-password";

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rcc-server-");
    RccServer? server;
    HttpClient? http;

    /// <summary>Further settings, for a server of one test.</summary>
    internal IReadOnlyList<string> Settings { get; init; } = [];

    public LogLines Log { get; } = new();

    public Uri Address => Server.Address;

    /// <summary>The platform operator's credential.</summary>
    public string Operator { get; private set; } = "";

    /// <summary>Another operator, that no test needs.</summary>
    public Guid SpareOperator { get; private set; }

    public IReadOnlyList<RouteEndpoint> Routes => [.. Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    internal RccServer Server => server ?? throw new InvalidOperationException("The server has not started.");

    /// <summary>A server of one test, with settings of its own. Servers on one database may be one cluster, in which a grain lives anywhere: what grains do otherwise by a setting needs a database of its own.</summary>
    internal static async Task<RunningServer> WithAsync(params string[] settings)
    {
        var running = new RunningServer { Settings = settings };
        try
        {
            await running.InitializeAsync();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client with a credential, or without.</summary>
    internal Api Api(string? credential = null) => new(http!, credential);

    public async ValueTask InitializeAsync()
    {
        server = await StartAsync();
        http = new HttpClient { BaseAddress = server.Address };
        await BecomeOperatorAsync();
    }

    /// <summary>A session of the platform operator of its own.</summary>
    public async Task<string> SignInOperatorAsync() =>
        (await Api().PostAsync("/platform/api/v1/auth/sign_in", new { name = OperatorName, password = OperatorPassword })).Text("access_token");

    /// <summary>
    /// Another server on the same database, with settings of its own, for what the server does that is asked. It is in no cluster with this one: when it leaves it would take grains along that other tests ask for, and for a
    /// moment they were unavailable.
    /// </summary>
    internal Task<RccServer> StartAnotherAsync(params string[] settings) => StartAnotherAsync(restored: false, settings);

    /// <summary>Another server, started as after restoring a backup.</summary>
    internal Task<RccServer> StartRestoredAsync() => StartAnotherAsync(restored: true);

    Task<RccServer> StartAnotherAsync(bool restored, params string[] settings) => RccServer.StartAsync(
        new()
        {
            DataFolder = folder.FullName,
            Urls = "http://127.0.0.1:0",
            Restored = restored,
            Settings = [$"--ConnectionStrings:Rcc={Server.ConnectionString}", SiloPort(), $"--Rcc:Cluster:ClusterId={Guid.NewGuid()}", .. settings],
        },
        TestContext.Current.CancellationToken,
        builder => builder.Logging.ClearProviders());

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        if (server is not null) await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    Task<RccServer> StartAsync() => RccServer.StartAsync(
        new()
        {
            DataFolder = folder.FullName,
            Urls = "http://127.0.0.1:0",

            // One address does the work of many people here.
            Settings = ["--Rcc:SignIn:AttemptsPerMinute=100000", "--Rcc:SignIn:PasswordRounds=10000", "--Rcc:SignIn:CodeAttempts=100000", "--Rcc:SignIn:AllowPrivateProviders=true", "--Rcc:SignIn:AttemptsPerMinuteAndAddress=100000", "--Rcc:SignIn:CustomerSessionsPerMinuteAndAddress=100000", "--Rcc:Customers:MaxDevices=100", "--Rcc:Routing:PlacesInterval=00:00:00.2", "--Rcc:Routing:PlacesRepeat=00:00:02", "--Logging:LogLevel:Default=Trace", SiloPort(), .. Settings],
        },
        TestContext.Current.CancellationToken,
        builder =>
        {
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(Log);
            builder.Logging.SetMinimumLevel(LogLevel.Trace);
        });

    /// <summary>Servers of one cluster on one machine need a port each; the embedded engine has no use for it.</summary>
    static string SiloPort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"--Rcc:Cluster:SiloPort={((System.Net.IPEndPoint)listener.LocalEndpoint).Port}");
    }

    async Task BecomeOperatorAsync()
    {
        var code = Server.Services.GetRequiredService<SetUp>().Open();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["code"] = code, ["name"] = OperatorName, ["password"] = OperatorPassword });
        using var made = await http!.PostAsync(new Uri(SetUpPage.Path, UriKind.Relative), form, TestContext.Current.CancellationToken);
        made.EnsureSuccessStatusCode();
        Operator = await SignInOperatorAsync();
        SpareOperator = (await Api(Operator).PostAsync("/platform/api/v1/operators", new { name = "spare", password = OperatorPassword })).Id();
    }
}

/// <summary>Everything that was logged, at every level.</summary>
public sealed class LogLines : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<string> lines = new();
    readonly ConcurrentQueue<(string Text, TaskCompletionSource Seen)> awaited = new();

    public IEnumerable<string> All => lines;

    /// <summary>Waits until a line holds the text.</summary>
    public async Task WaitForAsync(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        awaited.Enqueue((text, seen));
        foreach (var line in lines) Tell(line);
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        lines.Enqueue($"scope {state}");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        var members = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(p => $"{p.Key}={p.Value}")) : "";
        var line = $"{logLevel} {formatter(state, exception)} {members} {exception}";
        lines.Enqueue(line);
        Tell(line);
    }

    public void Dispose() => lines.Clear();

    void Tell(string line)
    {
        foreach (var (text, seen) in awaited)
        {
            if (line.Contains(text, StringComparison.Ordinal)) seen.TrySetResult();
        }
    }
}
