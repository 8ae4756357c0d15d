using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rcc.Server.Tests;

/// <summary>A tenant's own server that knows its customers: real HTTP on loopback, as good or as bad as a test makes it.</summary>
internal sealed class CustomerDatabase : IAsyncDisposable
{
    readonly WebApplication web;
    int underWay;

    CustomerDatabase(WebApplication web) => this.web = web;

    public required Uri Address { get; init; }

    /// <summary>How it answers.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context => context.Response.WriteAsync("""{"context":[]}""");

    /// <summary>What it was asked.</summary>
    public ConcurrentQueue<(string Path, string Body, IReadOnlyDictionary<string, string> Headers)> Asked { get; } = [];

    /// <summary>The most questions there ever were at once.</summary>
    public int MostAtOnce { get; private set; }

    public static async Task<CustomerDatabase> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var built = builder.Build();
        CustomerDatabase? made = null;
        built.Run(context => made!.TakeAsync(context));
        await built.StartAsync(TestContext.Current.CancellationToken);
        return made = new(built) { Address = new Uri(new Uri(built.Urls.Single()), "/lookup") };
    }

    /// <summary>Answers with a body.</summary>
    public void Say(string body, int status = 200) => Answer = context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };

    public ValueTask DisposeAsync() => web.DisposeAsync();

    async Task TakeAsync(HttpContext context)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref underWay));
        try
        {
            using var reader = new StreamReader(context.Request.Body);
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            Asked.Enqueue((context.Request.Path, await reader.ReadToEndAsync(context.RequestAborted), headers));
            await Answer(context);
        }
        finally
        {
            Interlocked.Decrement(ref underWay);
        }
    }
}
