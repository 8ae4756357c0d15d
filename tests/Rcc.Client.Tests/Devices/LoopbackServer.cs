using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rcc.Client.Devices;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Devices;

/// <summary>A real web server on loopback: the framework's SignalR at the hub's address, and a bare WebSocket at <c>/bare</c> on which a test writes what it wants.</summary>
sealed class LoopbackServer : IAsyncDisposable
{
    readonly WebApplication app;

    LoopbackServer(WebApplication app) => this.app = app;

    public const string Token = "a-device-token";

    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    public Uri Hub => new(Address, "hubs/v1/device");

    public Uri Bare => new(Address, "bare");

    public HubLog Log => app.Services.GetRequiredService<HubLog>();

    /// <summary>What happens on <c>/bare</c> once a WebSocket is open.</summary>
    public Func<WebSocket, Task> OnBare { get; set; } = _ => Task.CompletedTask;

    public IHubContext<LoopbackHub> Devices => app.Services.GetRequiredService<IHubContext<LoopbackHub>>();

    public static async Task<LoopbackServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<HubLog>();
        builder.Services.AddSignalR().AddJsonProtocol(json => json.PayloadSerializerOptions = new(ContractJson.Default.Options)
        {
            TypeInfoResolver = HubRecords.Json.TypeInfoResolver,
        });
        var built = builder.Build();
        var server = new LoopbackServer(built);
        built.UseWebSockets();
        built.Use(async (context, next) =>
        {
            server.Log.Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
            if (string.Equals(context.Request.Headers.Authorization, $"Bearer {Token}", StringComparison.Ordinal))
                await next(context);
            else
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        });
        built.MapHub<LoopbackHub>("/hubs/v1/device");
        built.Map("/bare", async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await server.OnBare(socket);
        });
        await built.StartAsync();
        server.Address = new Uri(built.Urls.Single() + "/");
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(soon.Token);
        await app.DisposeAsync();
    }
}

/// <summary>What the hub was asked.</summary>
sealed class HubLog
{
    public ConcurrentQueue<string> Authorizations { get; } = [];

    public ConcurrentQueue<SyncRequest> Syncs { get; } = [];

    public ConcurrentQueue<PostMessage> Posts { get; } = [];

    public ConcurrentQueue<string> Connections { get; } = [];
}

sealed class LoopbackHub(HubLog log) : Hub
{
    public static readonly Guid Person = Guid.Parse("018f0000-0000-7000-8000-00000000000a");

    public override Task OnConnectedAsync()
    {
        log.Connections.Enqueue(Context.ConnectionId);
        return base.OnConnectedAsync();
    }

    public async Task<SyncAnswer> Synchronize(SyncRequest request)
    {
        log.Syncs.Enqueue(request);
        if (request.Token is null)
            await Clients.Caller.SendAsync("push", new PushBatch { To = "t1", Resync = new Resync(ResyncReason.New, false) });
        return new SyncAnswer { Outcome = Outcome.Done, PersonId = Person, Role = Role.Customer };
    }

    public Task<Outcome> PostMessage(PostMessage command)
    {
        log.Posts.Enqueue(command);
        return Task.FromResult(new Outcome { Code = ErrorCode.Ok, MessageId = command.MessageId, Seq = log.Posts.Count });
    }

    public Task<Outcome> ResolveConversation(ResolveConversation command) => throw new HubException($"cannot resolve {command.ConversationId}");

    public void ReopenConversation(ReopenConversation command)
    {
        ArgumentNullException.ThrowIfNull(command);
        Context.Abort();
    }
}

/// <summary>The other end of a bare WebSocket.</summary>
static class BareWebSocket
{
    public static async Task ShakeHandsAsync(this WebSocket socket, string? andThen = null)
    {
        var request = await socket.NextAsync();
        Assert.Equal("{\"protocol\":\"json\",\"version\":1}\u001e", request);
        await socket.SendAsync("{}\u001e" + andThen);
    }

    public static Task SendAsync(this WebSocket socket, string text, bool whole = true) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, whole, CancellationToken.None);

    public static async Task<string?> NextAsync(this WebSocket socket)
    {
        var bytes = new byte[64 * 1024];
        var filled = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(bytes.AsMemory(filled), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
                return null;
            filled += received.Count;
            if (received.EndOfMessage)
                return Encoding.UTF8.GetString(bytes, 0, filled);
        }
    }

    /// <summary>Until the device closes.</summary>
    public static async Task UntilClosedAsync(this WebSocket socket)
    {
        try
        {
            while (await socket.NextAsync() is not null)
            {
            }
        }
        catch (WebSocketException)
        {
            // Aborted is closed too.
        }
    }
}
