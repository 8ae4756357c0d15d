using System.Globalization;
using System.Net.Mime;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Server.Devices;

namespace Rcc.Server.Access;

/// <summary>Problem details (RFC 9457).</summary>
/// <param name="Type">Always <c>about:blank</c>: <paramref name="Code"/> tells problems apart.</param>
/// <param name="Title">What kind of problem it is, for people.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">For programs: the code that devices get on the hub, or <c>internal</c> for a defect of the server.</param>
/// <param name="Detail">What exactly was wrong.</param>
internal sealed record Problem(
    string Type, string Title, int Status, string Code, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null);

/// <summary>A refused outcome as the answer of an endpoint.</summary>
internal sealed class Refusal(Outcome outcome) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    static readonly int[] Statuses = [.. Enum.GetValues<ErrorCode>().Where(c => c != ErrorCode.Ok).Select(Refusals.StatusOf).Distinct().Order()];

    public Outcome Outcome => outcome;

    public int? StatusCode => Refusals.StatusOf(outcome.Code);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        foreach (var status in Statuses)
            builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(Problem), [MediaTypeNames.Application.ProblemJson]));
    }

    public Task ExecuteAsync(HttpContext httpContext) => Refusals.WriteAsync(httpContext, outcome);
}

/// <summary>Refused outcomes as HTTP.</summary>
internal static class Refusals
{
    const int RetryAfterSeconds = 1;

    public static string WireName(ErrorCode code) => JsonNamingPolicy.CamelCase.ConvertName(code.ToString());

    public static int StatusOf(ErrorCode code) => Of(code).Status;

    public static Refusal Refuse(ErrorCode code, string? detail = null) => new(Outcome.Refused(code, detail));

    /// <summary>Answers a request with a refusal, which becomes a feature of the request too. A bare status of the framework's is kept.</summary>
    public static Task WriteAsync(HttpContext context, Outcome refusal, int? status = null)
    {
        context.Features.Set(refusal);
        var (of, title) = Of(refusal.Code);
        var response = context.Response;
        if (refusal.Code is ErrorCode.Busy or ErrorCode.Unavailable or ErrorCode.RateLimited)
            response.Headers.RetryAfter = (refusal.RetryAfterSeconds ?? RetryAfterSeconds).ToString(CultureInfo.InvariantCulture);
        else if (refusal.Code == ErrorCode.Unauthenticated)
            response.Headers.WWWAuthenticate = "Bearer";
        return WriteAsync(context, new Problem("about:blank", title, status ?? of, WireName(refusal.Code), refusal.Detail));
    }

    /// <summary>Answers a request that met a defect of ours.</summary>
    public static Task WriteDefectAsync(HttpContext context) =>
        WriteAsync(context, new Problem("about:blank", "The server failed.", StatusCodes.Status500InternalServerError, "internal"));

    /// <summary>Gives a body to what the framework refused before any of our code.</summary>
    public static Task WriteBareAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status401Unauthorized => WriteAsync(context, Outcome.Refused(ErrorCode.Unauthenticated)),
        StatusCodes.Status403Forbidden => WriteAsync(context, Outcome.Refused(ErrorCode.Forbidden)),
        StatusCodes.Status404NotFound => WriteAsync(context, Outcome.Refused(ErrorCode.NotFound)),
        StatusCodes.Status405MethodNotAllowed => WriteAsync(context, Outcome.Refused(ErrorCode.Malformed, "The resource does not have this method."), StatusCodes.Status405MethodNotAllowed),
        StatusCodes.Status413PayloadTooLarge => WriteAsync(context, BodyTooLarge(context)),
        StatusCodes.Status415UnsupportedMediaType => WriteAsync(context, Outcome.Refused(ErrorCode.Malformed, "The body must be application/json."), StatusCodes.Status415UnsupportedMediaType),
        >= 500 => WriteDefectAsync(context),
        var status => WriteAsync(context, Outcome.Refused(ErrorCode.Malformed), status),
    };

    /// <summary>Kestrel refuses a body over the limit before anybody has read it.</summary>
    public static Outcome BodyTooLarge(HttpContext context) => Outcome.Refused(
        ErrorCode.TooLarge, $"The body may have {context.RequestServices.GetRequiredService<IOptions<HubLimits>>().Value.MaxReceiveBytes} bytes (maxReceiveBytes).");

    static Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        return context.Response.WriteAsJsonAsync(problem, options: null, MediaTypeNames.Application.ProblemJson, context.RequestAborted);
    }

    static (int Status, string Title) Of(ErrorCode code) => code switch
    {
        ErrorCode.Ok => (StatusCodes.Status200OK, "Done."),
        ErrorCode.Malformed => (StatusCodes.Status400BadRequest, "The request has the wrong form."),
        ErrorCode.TooLarge => (StatusCodes.Status413PayloadTooLarge, "Something is over its limit."),
        ErrorCode.Unauthenticated => (StatusCodes.Status401Unauthorized, "A valid credential is needed."),
        ErrorCode.Forbidden => (StatusCodes.Status403Forbidden, "You may not do this."),
        ErrorCode.NotFound => (StatusCodes.Status404NotFound, "There is no such thing."),
        ErrorCode.Suspended => (StatusCodes.Status403Forbidden, "The account or the person is suspended."),
        ErrorCode.Conflict => (StatusCodes.Status409Conflict, "The state has changed meanwhile."),
        ErrorCode.NumberReused => (StatusCodes.Status422UnprocessableEntity, "The same idempotency key came with another body."),
        ErrorCode.TooOld => (StatusCodes.Status409Conflict, "The request is too old to be repeated."),
        ErrorCode.Taken => (StatusCodes.Status409Conflict, "The name, address or id is used already."),
        ErrorCode.UnknownOperation => (StatusCodes.Status400BadRequest, "There is no such operation."),
        ErrorCode.OnHold => (StatusCodes.Status409Conflict, "The customer is on hold."),
        ErrorCode.DispositionRequired => (StatusCodes.Status422UnprocessableEntity, "A disposition is needed."),
        ErrorCode.Archived => (StatusCodes.Status409Conflict, "The inbox is archived."),
        ErrorCode.Closed => (StatusCodes.Status409Conflict, "The conversation is resolved."),
        ErrorCode.RateLimited => (StatusCodes.Status429TooManyRequests, "Too many requests; try again later."),
        ErrorCode.Busy => (StatusCodes.Status503ServiceUnavailable, "The server is busy; try again."),
        ErrorCode.Unavailable => (StatusCodes.Status503ServiceUnavailable, "The server cannot do this now; try again."),
        ErrorCode.SecondFactorRequired => (StatusCodes.Status401Unauthorized, "A code of the second factor is needed."),
        ErrorCode.SecondFactorEnrolmentRequired => (StatusCodes.Status401Unauthorized, "A second factor must be enrolled first."),
        ErrorCode.SecretLost => (StatusCodes.Status409Conflict, "A secret must be set again."),
        ErrorCode.NotEntitled => (StatusCodes.Status403Forbidden, "The account has not contracted this."),
        _ => throw new InvalidOperationException($"Error code {code} has no HTTP status."),
    };
}
