using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Rcc.Core.Access;
using Rcc.Core.Tenants;
using Rcc.Server.Access;
using HttpJson = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Rcc.Server.Tenants;

/// <summary>Audit logs: every administrative act of an account, and what platform operators did.</summary>
internal static class AuditLogEndpoints
{
    public static void MapAuditLogs(this IEndpointRouteBuilder account)
    {
        var logs = account.MapGroup("/audit_logs").WithTags("audit_logs");
        logs.MapGet("", ListAsync).WithName("listAuditLogs").WithSummary("Lists administrative acts, newest first.");
        logs.MapGet("/export", ExportAsync).WithName("exportAuditLogs").WithSummary("All acts that match, oldest first, one JSON object on each line.")
            .Produces<AuditLog>(StatusCodes.Status200OK, NdJson.MediaType);
    }

    public static void MapPlatformAuditLogs(this IEndpointRouteBuilder platform)
    {
        var logs = platform.MapGroup("/audit_logs").WithTags("platform");
        logs.MapGet("", ListOfOperatorsAsync).WithName("listPlatformAuditLogs").WithSummary("Lists what platform operators did, newest first; with account_id that of one account.");
        logs.MapGet("/export", ExportOfOperatorsAsync).WithName("exportPlatformAuditLogs").WithSummary("All that platform operators did and that matches, oldest first, one JSON object on each line.")
            .Produces<AuditLog>(StatusCodes.Status200OK, NdJson.MediaType);
    }

    static async Task<Results<Ok<Page<AuditLog>>, Refusal>> ListAsync(
        SignedIn caller, AuditDoor door, [AsParameters] AuditLogParameters filter, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        Cursor.TryRead(page.Cursor, out var before)
            ? (await door.ListAsync(caller, filter.ToQuery() with { After = before }, page.Limit, cancellationToken)).ToPage(AuditLog.Of, a => Cursor.Of(a.Position))
            : new Refusal(Cursor.Refusal);

    static async Task<Results<NdJson, Refusal>> ExportAsync(
        SignedIn caller, AuditDoor door, [AsParameters] AuditLogParameters filter, CancellationToken cancellationToken)
    {
        var found = await door.ExportAsync(caller, filter.ToQuery(), cancellationToken);
        return found.IsOk ? NdJson.Of(found.Value, AuditLog.Of) : new Refusal(found.Outcome);
    }

    static async Task<Results<Ok<Page<AuditLog>>, Refusal>> ListOfOperatorsAsync(
        SignedInOperator caller,
        AuditDoor door,
        [FromQuery(Name = "account_id")] Guid? accountId,
        [AsParameters] AuditLogParameters filter,
        [AsParameters] PageParameters page,
        CancellationToken cancellationToken) =>
        Cursor.TryRead(page.Cursor, page.Limit, out var pageOf)
            ? (await door.ListOfOperatorsAsync(caller, accountId, filter.ToQuery(), pageOf, cancellationToken)).ToPage(AuditLog.Of, a => Cursor.Of(a.Id))
            : new Refusal(Cursor.Refusal);

    static async Task<Results<NdJson, Refusal>> ExportOfOperatorsAsync(
        SignedInOperator caller, AuditDoor door, [FromQuery(Name = "account_id")] Guid? accountId, [AsParameters] AuditLogParameters filter, CancellationToken cancellationToken)
    {
        var found = await door.ExportOfOperatorsAsync(caller, accountId, filter.ToQuery(), cancellationToken);
        return found.IsOk ? NdJson.Of(found.Value, AuditLog.Of) : new Refusal(found.Outcome);
    }
}

/// <summary>Which acts.</summary>
/// <param name="ActorId">Who did them.</param>
/// <param name="ObjectType">To what kind of thing.</param>
/// <param name="ObjectId">To which thing.</param>
/// <param name="Action">What was done.</param>
/// <param name="Since">At or after this time.</param>
/// <param name="Until">Before this time.</param>
internal readonly record struct AuditLogParameters(
    [property: FromQuery(Name = "actor_id")] Guid? ActorId,
    [property: FromQuery(Name = "object_type")] string? ObjectType,
    [property: FromQuery(Name = "object_id")] Guid? ObjectId,
    [property: FromQuery(Name = "action")] string? Action,
    [property: FromQuery(Name = "since")] DateTimeOffset? Since,
    [property: FromQuery(Name = "until")] DateTimeOffset? Until)
{
    public ActQuery ToQuery() => new() { ActorId = ActorId, ObjectType = ObjectType, ObjectId = ObjectId, Action = Action, Since = Since, Until = Until };
}

/// <summary>An administrative act.</summary>
/// <param name="Id">Names it.</param>
/// <param name="AccountId">In which account; null for what platform operators do among themselves.</param>
/// <param name="At">When it was carried out (UTC).</param>
/// <param name="Actor">Who did it; null: the server itself.</param>
/// <param name="ObjectType">The kind of thing it was done to: <c>agent</c>, <c>team</c>, <c>inbox</c>, <c>access_token</c>, <c>account</c> and others.</param>
/// <param name="ObjectId">The thing.</param>
/// <param name="Action">What was done: <c>create</c>, <c>update</c>, <c>suspend</c> and others.</param>
/// <param name="Detail">What else there is to say of it, for people.</param>
/// <param name="Changes">What became other than it was, by member; null: nothing, or no values.</param>
internal sealed record AuditLog(
    Guid Id, Guid? AccountId, DateTimeOffset At, AuditActor? Actor, string ObjectType, Guid ObjectId, string Action, string? Detail, IReadOnlyDictionary<string, AuditChange>? Changes)
{
    public static AuditLog Of(RecordedAct act) => new(
        act.Id,
        act.Tenant.Value == Guid.Empty ? null : act.Tenant.Value,
        act.At,
        act.Actor is { } actor ? new(actor.Id, actor.Role?.ToPersonType() ?? PersonType.Operator, actor.Name, actor.DeviceId) : null,
        act.ObjectType,
        act.ObjectId,
        act.Action,
        act.Detail,
        act.Changes is { } changes ? JsonSerializer.Deserialize<Dictionary<string, AuditChange>>(changes, JsonSerializerOptions.Web) : null);
}

/// <summary>What a member was and is. Of a secret, and of what may be the text of a message, neither is kept.</summary>
/// <param name="From">What it was; absent: there was none.</param>
/// <param name="To">What it is; absent: there is none.</param>
/// <param name="Cut">The values were too long to be kept.</param>
internal sealed record AuditChange(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? From = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? To = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Cut = false);

/// <summary>Who did it.</summary>
/// <param name="Id">The agent, the access token, or the platform operator.</param>
/// <param name="Type">Which of them.</param>
/// <param name="Name">Its name as it is now.</param>
/// <param name="DeviceId">On which device.</param>
internal sealed record AuditActor(Guid Id, PersonType Type, string? Name, Guid? DeviceId);

/// <summary>A stream of JSON objects, one on each line (NDJSON). What fails on the way breaks the connection: a stream that ended well is whole.</summary>
internal sealed class NdJson(Func<Stream, JsonSerializerOptions, CancellationToken, Task> write) : IResult
{
    public const string MediaType = "application/x-ndjson";

    public static NdJson Of<T, TLine>(IAsyncEnumerable<T> items, Func<T, TLine> line) => new(async (stream, json, cancellationToken) =>
    {
        await foreach (var item in items.WithCancellation(cancellationToken))
        {
            await JsonSerializer.SerializeAsync(stream, line(item), json, cancellationToken);
            await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    });

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = MediaType;
        httpContext.Response.Headers.ContentDisposition = new ContentDisposition { DispositionType = DispositionTypeNames.Attachment, FileName = "audit_logs.ndjson" }.ToString();
        var json = httpContext.RequestServices.GetRequiredService<IOptions<HttpJson>>().Value.SerializerOptions;
        return write(httpContext.Response.Body, json, httpContext.RequestAborted);
    }
}
