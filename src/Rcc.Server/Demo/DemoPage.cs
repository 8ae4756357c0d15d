using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.FileProviders;

namespace Rcc.Server.Demo;

/// <summary>The demo's page, and the logins it signs in with: in demo mode only, and for this machine only.</summary>
internal static class DemoPage
{
    public const string Path = "/demo/";

    /// <summary>Serves the built page; a build without Node.js has none.</summary>
    public static void UseDemoPage(this WebApplication app)
    {
        var built = System.IO.Path.Combine(AppContext.BaseDirectory, "web", "demo");
        if (Directory.Exists(built))
            app.UseFileServer(new FileServerOptions { RequestPath = Path.TrimEnd('/'), FileProvider = new PhysicalFileProvider(built) });
    }

    public static void MapDemoLogins(this WebApplication app) => app.MapGet($"{Path}logins.json", Show).AllowAnonymous().ExcludeFromDescription();

    static Results<JsonHttpResult<PageLogins>, NotFound> Show(HttpContext http, DemoDesk desk)
    {
        http.Response.Headers.CacheControl = "no-store";
        return desk.Logins is { Inbox: { } inbox } logins && http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            ? TypedResults.Json(new PageLogins(logins.Agent, inbox, logins.Customer))
            : TypedResults.NotFound();
    }

    sealed record PageLogins(DemoAgent Agent, DemoInbox Inbox, DemoCustomer Customer);
}

/// <summary>The demo's logins, once they are there.</summary>
internal sealed class DemoDesk
{
    public DemoLogins? Logins { get; set; }
}
