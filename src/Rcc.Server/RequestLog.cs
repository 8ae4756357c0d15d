using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;

namespace Rcc.Server;

/// <summary>One line for each request: what, how it ended, how long. Never the query, which may hold a ticket or a set-up code.</summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var route = RouteOf(context);
            if (route.StartsWith("/health", StringComparison.Ordinal))
                Probed(logger, route, context.Response.StatusCode);
            else
                Answered(logger, context.Request.Method, route, context.Response.StatusCode, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    /// <summary>The route's pattern, also of a request whose endpoint the exception handler has cleared.</summary>
    public static string RouteOf(HttpContext context) =>
        ((context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint()) as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/') ?? "(no route)";

    [LoggerMessage(9001, LogLevel.Information, "{Method} {Route} {Status} in {Milliseconds:0.0} ms")]
    static partial void Answered(ILogger logger, string method, string route, int status, double milliseconds);

    [LoggerMessage(9002, LogLevel.Debug, "Probe {Route} {Status}")]
    static partial void Probed(ILogger logger, string route, int status);
}
