using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Rcc.Contracts;
using Rcc.Core.Sync;
using Rcc.Server.Access;

namespace Rcc.Server;

/// <summary>Turns what was thrown into problem details: bad input and an unreachable store are answers; anything else is a defect of ours, logged and told without its inside.</summary>
internal sealed partial class UnhandledErrors(ILogger<UnhandledErrors> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var refusal = exception switch
        {
            BadHttpRequestException bad => Describe(context, bad),
            BusyException => Outcome.Refused(ErrorCode.Busy),
            UnavailableException or TimeoutException => Outcome.Refused(ErrorCode.Unavailable),
            OperationCanceledException when context.RequestAborted.IsCancellationRequested => Outcome.Refused(ErrorCode.Unavailable),
            _ => null,
        };
        if (refusal is null)
        {
            Failed(logger, RequestLog.RouteOf(context), exception);
            await Refusals.WriteDefectAsync(context);
            return true;
        }

        await Refusals.WriteAsync(context, refusal);
        return true;
    }

    /// <summary>Names the member that is wrong. The framework's own texts name our types, so only the path and the missing names are taken from them.</summary>
    static Outcome Describe(HttpContext context, BadHttpRequestException bad)
    {
        if (bad.StatusCode == StatusCodes.Status413PayloadTooLarge) return Refusals.BodyTooLarge(context);
        if (bad.InnerException is JsonException json) return Outcome.Refused(ErrorCode.Malformed, DescribeJson(json));
        return Outcome.Refused(ErrorCode.Malformed, ParameterName().Match(bad.Message) is { Success: true } match
            ? $"The parameter {match.Groups["name"].Value} is missing or has the wrong form."
            : "A parameter or the body is missing or has the wrong form.");
    }

    static string DescribeJson(JsonException json)
    {
        const string missing = "including: ";
        var at = json.Message.IndexOf(missing, StringComparison.Ordinal);
        if (at >= 0)
        {
            var names = json.Message[(at + missing.Length)..];
            return $"The body lacks {names[..(names.LastIndexOf('\'') + 1)]}.";
        }

        return json.Path is null or "$" ? "The body is not the JSON object expected." : $"The body's {json.Path[2..]} has the wrong form.";
    }

    [GeneratedRegex(@"parameter ""\S+ (?<name>[\w-]+)""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ParameterName();

    [LoggerMessage(9003, LogLevel.Error, "{Route} failed")]
    static partial void Failed(ILogger logger, string route, Exception exception);
}
