using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Rcc.Core;
using Rcc.Core.Access;
using Rcc.Postgres;
using Rcc.Server.Demo;
using Rcc.Server.Engine;
using Rcc.Server.Tenants;

namespace Rcc.Server;

/// <summary>The program, put together: configuration, store, engine, rooms, front door.</summary>
internal sealed class RccServer : IAsyncDisposable
{
    /// <summary>What of the framework logs whole URLs, which may hold a ticket or a set-up code.</summary>
    static readonly string[] UrlLogs = ["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.HttpLogging", "Microsoft.AspNetCore.Http.Connections"];

    readonly OpenedStore openedStore;
    readonly WebApplication web;

    RccServer(OpenedStore store, WebApplication app)
    {
        openedStore = store;
        web = app;
    }

    public IServiceProvider Services => web.Services;

    /// <summary>Where it listens, with the port that was taken.</summary>
    public Uri Address => new(web.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());

    /// <summary>With a password: not to be logged.</summary>
    public string ConnectionString => openedStore.ConnectionString;

    /// <summary>Where it keeps files of its own.</summary>
    public string DataFolder => openedStore.DataFolder;

    /// <summary>Starts the store, brings the schema up to date, starts the engine, and listens.</summary>
    public static async Task<RccServer> StartAsync(CommandLine line, CancellationToken cancellationToken, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = CreateBuilder(line);
        configure?.Invoke(builder);
        using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        var store = await OpenedStore.OpenAsync(builder.Configuration, line.DataFolder, loggers, cancellationToken);
        WebApplication? app = null;
        try
        {
            builder.AddGrainEngine(store.ConnectionString);
            AddRooms(builder, line, store);
            builder.AddFrontDoor();
            app = builder.Build();
            if (line.Demo) app.UseDemoPage();
            app.MapFrontDoor();
            if (line.Demo) app.MapDemoLogins();
            var server = new RccServer(store, app);
            await app.StartAsync(cancellationToken);
            await (line.Demo ? server.PlayDemoAsync(cancellationToken) : server.OfferSetUpAsync(line.RecoverOperator, cancellationToken));
            return server;
        }
        catch
        {
            if (app is not null) await app.DisposeAsync();
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Serves until the program is told to stop.</summary>
    public Task RunAsync() => web.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await web.StopAsync();
        await web.DisposeAsync();
        await openedStore.DisposeAsync();
    }

    static void AddRooms(WebApplicationBuilder builder, CommandLine line, OpenedStore store)
    {
        builder.Services.AddRccPostgres(options =>
        {
            builder.Configuration.GetSection("Rcc:Store").Bind(options);
            options.ConnectionString = store.ConnectionString;
        });
        builder.Services.AddOptions<SecretOptions>().PostConfigure(secrets => secrets.Key ??= SecretKeyFile.ReadOrMake(store.DataFolder));
        if (line.Restored) builder.Services.AddHostedService<NewEpoch>();
        builder.Services.AddRccRooms(builder.Configuration);
        builder.Services.AddRccSync();
        builder.Services.AddHostedService<Telemetry>();
        builder.Services.AddSingleton<DemoDesk>();
    }

    static WebApplicationBuilder CreateBuilder(CommandLine line)
    {
        // The demo's terminal is for its greeting.
        string[] settings = line.Demo ? ["--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Warning", .. line.Settings] : [.. line.Settings];
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = AppContext.BaseDirectory, ApplicationName = typeof(RccServer).Assembly.GetName().Name });
        if (line.Urls is not null || builder.Configuration[WebHostDefaults.ServerUrlsKey] is null) builder.WebHost.UseUrls(line.Urls ?? CommandLine.DefaultUrls);

        // Last, so that no configuration turns them on.
        builder.Services.PostConfigure<LoggerFilterOptions>(filters =>
        {
            foreach (var category in UrlLogs) filters.Rules.Add(new(null, category, LogLevel.Warning, null));
        });
        return builder;
    }

    async Task PlayDemoAsync(CancellationToken cancellationToken)
    {
        var logins = await DemoStart.RunAsync(this, cancellationToken);
        Services.GetRequiredService<DemoDesk>().Logins = logins;
        Console.WriteLine(DemoGreeting.Write(Address, logins));
    }

    async Task OfferSetUpAsync(bool recovers, CancellationToken cancellationToken)
    {
        var hasOperator = await Services.GetRequiredService<PlatformDoor>().HasOperatorAsync(cancellationToken);
        if (hasOperator && !recovers) return;
        var code = Services.GetRequiredService<SetUp>().Open(recovers: hasOperator);

        // To the terminal, not to the log: who has the link becomes the operator.
        var why = hasOperator ? "Open this link, valid once and until the server stops, to become a platform operator, a new one or one there is:" : "There is no platform operator yet. Open this link, valid until the server stops, to become it:";
        Console.WriteLine($"{why}{Environment.NewLine}  {new Uri(Address, $"{SetUpPage.Path}?code={code}")}");
    }
}
