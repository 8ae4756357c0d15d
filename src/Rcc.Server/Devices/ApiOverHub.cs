using System.Collections.Frozen;
using System.Net.Mime;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Devices;
using Rcc.Core;
using Rcc.Server.Access;

namespace Rcc.Server.Devices;

/// <summary>
/// Lets a connection of the hub ask the REST API: its request goes the way of those that come by HTTP, so that no route, check, limit or refusal is there twice. Who asks is the connection, and the account its own.
/// </summary>
internal sealed class ApiOverHub(IServiceScopeFactory scopes, IOptions<HubLimits> limits)
{
    const string IdempotencyKeyHeader = "Idempotency-Key";

    static readonly FrozenSet<string> Methods = new[] { "GET", "POST", "PUT", "PATCH", "DELETE" }.ToFrozenSet(StringComparer.Ordinal);

    RequestDelegate? pipeline;

    /// <summary>The way of a request by HTTP from here on is the way of those by the hub.</summary>
    public RequestDelegate Reach(RequestDelegate next) => pipeline = next;

    /// <summary>Carries a request out. What changes something is carried out although the device is gone, as its commands are.</summary>
    /// <exception cref="InvalidOperationException">The request met a defect of ours, which is logged.</exception>
    public async Task<ApiAnswer> RequestAsync(HttpContext connection, Caller caller, ApiRequest request, CancellationToken gone)
    {
        if (CheckForm(request) is { } refusal) return new() { Outcome = refusal };
        using var given = CancellationTokenSource.CreateLinkedTokenSource(HttpMethods.IsGet(request.Method) ? gone : CancellationToken.None);
        await using var body = new BoundedBody(limits.Value.MaxApiAnswerBytes, given);
        await using var scope = scopes.CreateAsyncScope();
        var responseBody = new StreamResponseBodyFeature(body);
        var http = new DefaultHttpContext(FeaturesOf(connection, caller, request, responseBody, given.Token)) { RequestServices = scope.ServiceProvider };
        await pipeline!(http);
        if (body.IsFull) return Refused(ErrorCode.TooLarge, $"The answer has more than {limits.Value.MaxApiAnswerBytes} bytes (maxApiAnswerBytes); ask for less, or by HTTP.");
        await responseBody.CompleteAsync();
        return AnswerOf(http, body);
    }

    static Outcome? CheckForm(ApiRequest request)
    {
        if (request.Method is null || !Methods.Contains(request.Method)) return Outcome.Refused(ErrorCode.Malformed, "method must be GET, POST, PUT, PATCH or DELETE.");
        return request.Path is null || (request.Path.Length > 0 && request.Path[0] is not ('/' or '?'))
            ? Outcome.Refused(ErrorCode.Malformed, "path must be empty or begin with / or ?: it is what follows the account.")
            : null;
    }

    static FeatureCollection FeaturesOf(HttpContext connection, Caller caller, ApiRequest request, StreamResponseBodyFeature responseBody, CancellationToken aborted)
    {
        var query = request.Path.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? at : request.Path.Length;
        var body = request.Body is { } json ? JsonSerializer.SerializeToUtf8Bytes(json) : [];
        IHeaderDictionary headers = new HeaderDictionary { ContentLength = body.Length };
        if (body.Length > 0) headers.ContentType = MediaTypeNames.Application.Json;
        if (request.IdempotencyKey is { } key) headers[IdempotencyKeyHeader] = key;

        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = request.Method,
            Scheme = connection.Request.Scheme,
            Protocol = connection.Request.Protocol,
            Path = PathString.FromUriComponent($"{AccountOfPath.Of(caller.Tenant)}{request.Path[..query]}"),
            QueryString = request.Path[query..],
            Headers = headers,
            Body = new MemoryStream(body, writable: false),
        });
        features.Set<IHttpRequestBodyDetectionFeature>(new BodyIs(body.Length > 0));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = aborted });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(responseBody);
        features.Set(connection.Features.Get<IHttpConnectionFeature>());
        features.Set(connection.Features.Get<Secret>());
        features.Set(caller);
        return features;
    }

    static ApiAnswer AnswerOf(HttpContext http, MemoryStream body)
    {
        if (http.Features.Get<Outcome>() is { } refusal) return new() { Outcome = refusal };
        if (http.Response.StatusCode >= StatusCodes.Status300MultipleChoices)
            throw new InvalidOperationException($"{RequestLog.RouteOf(http)} answered {http.Response.StatusCode} without a refusal.");
        if (body.Length == 0) return new() { Outcome = Outcome.Done };
        if (http.Response.ContentType?.StartsWith(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase) != true) return Refused(ErrorCode.UnknownOperation, "The answer is no JSON; ask by HTTP.");
        using var json = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
        return new() { Outcome = Outcome.Done, Body = json.RootElement.Clone() };
    }

    static ApiAnswer Refused(ErrorCode code, string detail) => new() { Outcome = Outcome.Refused(code, detail) };

    sealed class BodyIs(bool there) : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => there;
    }

    /// <summary>Keeps an answer up to a limit. What goes beyond it ends the request: an export would go on for as long as there is something to read.</summary>
    sealed class BoundedBody(int limit, CancellationTokenSource request) : MemoryStream
    {
        public bool IsFull { get; private set; }

        // All of a derived stream's writes of more than a byte come this way.
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Position + count > limit)
            {
                IsFull = true;
                request.Cancel();
            }

            if (!IsFull) base.Write(buffer, offset, count);
        }
    }
}
