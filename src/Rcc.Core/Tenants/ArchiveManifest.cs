using System.Text.Json.Serialization;

namespace Rcc.Core.Tenants;

/// <summary>
/// What an archive of a tenant begins with. An archive is a gzip-compressed tar (POSIX ustar) of <c>manifest.json</c>; for each table, in the manifest's order, any number of <c>table/000001.jsonl</c> with a JSON
/// object of the manifest's columns on each line; and <c>end.json</c> (<see cref="ArchiveEnd"/>), without which it was cut short. It holds all secrets of the tenant, as its own store does.
/// </summary>
public sealed record ArchiveManifest
{
    public const int CurrentFormat = 1;

    public int Format { get; init; } = CurrentFormat;

    public required Guid AccountId { get; init; }

    public required string Slug { get; init; }

    /// <summary>The instant of the snapshot (UTC).</summary>
    public required DateTimeOffset ExportedAt { get; init; }

    /// <summary>In the order in which they follow; <c>tenant</c> is the first.</summary>
    public required IReadOnlyList<ArchiveTable> Tables { get; init; }
}

/// <summary>A table of an archive.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="Columns">Those that are in the archive; never the one that says whose row it is.</param>
public sealed record ArchiveTable(string Name, IReadOnlyList<string> Columns);

/// <summary>What an archive ends with.</summary>
/// <param name="ManifestSha256">Of <c>manifest.json</c>, in hexadecimal digits.</param>
/// <param name="Tables">In the manifest's order.</param>
public sealed record ArchiveEnd(string ManifestSha256, IReadOnlyList<ArchiveCheck> Tables);

/// <summary>What a table of an archive must amount to.</summary>
/// <param name="Name">The table.</param>
/// <param name="Rows">Its lines.</param>
/// <param name="Sha256">Of all its lines, in hexadecimal digits.</param>
public sealed record ArchiveCheck(string Name, long Rows, string Sha256);

/// <summary>How manifest and end are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ArchiveManifest))]
[JsonSerializable(typeof(ArchiveEnd))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
