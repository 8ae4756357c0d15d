using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;
using Rcc.Core.Tenants;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>Archives of accounts, for the platform operator.</summary>
internal static class ArchiveEndpoints
{
    public static void MapArchives(this IEndpointRouteBuilder platform)
    {
        var accounts = platform.MapGroup("/accounts").WithTags("platform");
        accounts.MapPost("/{account_id:guid}/export", ExportAsync).WithName("exportAccount")
            .WithSummary("The whole account of one instant, its secrets included, as a gzip-compressed tar of JSON lines with a manifest and checksums.")
            .Produces<Stream>(StatusCodes.Status200OK, ArchiveFile.MediaType);
        accounts.MapPost("/import", ImportAsync).WithName("importAccount")
            .WithSummary("Makes an account of an archive, with the ids it has, or with copy=true by an id of its own; refused as taken when something of it is another account's. Its devices begin from nothing.")
            .Accepts<Stream>(ArchiveFile.MediaType)
            .WithMetadata(new DisableRequestSizeLimitAttribute());
    }

    static async Task<Results<ArchiveFile, Refusal>> ExportAsync(
        SignedInOperator caller, ArchiveDoor door, [FromRoute(Name = "account_id")] Guid accountId, CancellationToken cancellationToken)
    {
        var found = await door.ExportAsync(caller, new(accountId), cancellationToken);
        return found.IsOk ? new ArchiveFile(found.Value) : new Refusal(found.Outcome);
    }

    /// <param name="caller">Who.</param>
    /// <param name="door">The door.</param>
    /// <param name="http">The request: its body is the archive.</param>
    /// <param name="slug">Another name for signing in; absent: the one it had.</param>
    /// <param name="asCopy">By an id of its own: beside the original, or anywhere. Nobody of the original is signed in to it.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    static async Task<Results<Created<ImportedAccount>, Refusal>> ImportAsync(
        SignedInOperator caller, ArchiveDoor door, HttpContext http, [FromQuery(Name = "slug")] string? slug, [FromQuery(Name = "copy")] bool? asCopy, CancellationToken cancellationToken)
    {
        var found = await door.ImportAsync(caller, http.Request.Body, slug, asCopy ?? false, cancellationToken);
        return found.IsOk ? TypedResults.Created((string?)null, ImportedAccount.Of(found.Value)) : new Refusal(found.Outcome);
    }
}

/// <summary>An account that was made of an archive.</summary>
/// <param name="Id">The account.</param>
/// <param name="LostSecrets">What must be set again. Until then whoever needs one that cannot be opened is refused with <c>secretLost</c>.</param>
internal sealed record ImportedAccount(Guid Id, IReadOnlyList<LostAccountSecret> LostSecrets)
{
    public static ImportedAccount Of(TenantImport import) =>
        new(import.Tenant.Value, [.. import.Lost.Select(secret => new LostAccountSecret(secret.ObjectType, secret.ObjectId, secret.Secret))]);
}

/// <summary>A secret that must be set again.</summary>
/// <param name="ObjectType">What it belongs to: <c>agent</c>, <c>identity_provider</c>, <c>context_lookup</c>, <c>profile_lookup</c>, <c>access_token</c>, <c>inbox</c>.</param>
/// <param name="ObjectId">Which one; the account's id where there is one only.</param>
/// <param name="Secret">Which secret of it: <c>second_factor</c> and <c>client_secret</c> cannot be opened; of a copy the <c>token</c> (rotate it), the <c>identifier</c> of an inbox and its identity secret, an <c>invitation</c>
/// (invite again) and the <c>secret</c> of the look-up are new, and to be read and handed out.</param>
internal sealed record LostAccountSecret(string ObjectType, Guid ObjectId, string Secret);

/// <summary>An archive as it is written. What fails on the way breaks the connection, and the archive lacks its end.</summary>
internal sealed class ArchiveFile(TenantExport export) : IResult
{
    public const string MediaType = "application/gzip";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var whole = export;
        var name = string.Create(CultureInfo.InvariantCulture, $"{whole.Manifest.Slug}-{whole.Manifest.ExportedAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.tar.gz");
        httpContext.Response.ContentType = MediaType;
        httpContext.Response.Headers.ContentDisposition = new ContentDisposition { DispositionType = DispositionTypeNames.Attachment, FileName = name }.ToString();
        await whole.WriteAsync(httpContext.Response.Body, httpContext.RequestAborted);
    }
}
