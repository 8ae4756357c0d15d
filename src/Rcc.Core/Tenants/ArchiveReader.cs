using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>Takes an archive (<see cref="ArchiveManifest"/>) in from a stream, an entry at a time. Everything is checked before anything is seen; what is wrong leaves nothing.</summary>
internal sealed class ArchiveReader(IArchiveStore store, TenantOptions options)
{
    const int MaxManifestBytes = 1 << 20;

    long bytesLeft = options.MaxArchiveBytes;

    /// <param name="stream">The archive.</param>
    /// <param name="slug">Another name for signing in; null: the one it had.</param>
    /// <param name="asCopy">By another id than it had.</param>
    /// <param name="operatorId">Who takes it in.</param>
    /// <param name="settle">Called with what it was and what it is when all of it was added and nobody sees it yet.</param>
    /// <param name="cancellationToken">Cancels; nothing is left then.</param>
    public async Task<Answer> ReadAsync(Stream stream, string? slug, bool asCopy, Guid operatorId, Func<IArchiveTarget, TenantId, TenantId, Task> settle, CancellationToken cancellationToken)
    {
        try
        {
            await using var zip = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
            await using var tar = new TarReader(zip, leaveOpen: true);
            if (await NextAsync(tar, MaxManifestBytes, cancellationToken) is not (ArchiveWriter.ManifestName, var bytes)
                || JsonSerializer.Deserialize(bytes.Span, ArchiveJson.Default.ArchiveManifest) is not { } manifest)
            {
                return Malformed($"it does not begin with {ArchiveWriter.ManifestName}");
            }

            if (manifest.Format != ArchiveManifest.CurrentFormat)
            {
                return Malformed(string.Create(CultureInfo.InvariantCulture, $"its format is {manifest.Format}, and this server knows {ArchiveManifest.CurrentFormat}"));
            }

            var was = new TenantId(manifest.AccountId);
            var tenant = asCopy ? new TenantId(Guid.CreateVersion7()) : was;
            await using var target = await store.BeginAsync(manifest, tenant, slug, cancellationToken);
            if ((target.Refusal ?? await AddAllAsync(tar, target, manifest, Convert.ToHexStringLower(SHA256.HashData(bytes.Span)), cancellationToken)) is { } refused)
            {
                return refused;
            }

            await settle(target, was, tenant);
            return await target.CommitAsync(operatorId, cancellationToken);
        }
        catch (Exception damage) when (damage is InvalidDataException or EndOfStreamException or FormatException or JsonException)
        {
            return Malformed("it is damaged or cut short");
        }
    }

    /// <summary>Null when all of it was added and is what it should be.</summary>
    async Task<Answer?> AddAllAsync(TarReader tar, IArchiveTarget target, ArchiveManifest manifest, string manifestHash, CancellationToken cancellationToken)
    {
        List<ArchiveCheck> checks = [];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (at, rows) = (0, 0L);
        while (await NextAsync(tar, options.MaxArchiveEntryBytes, cancellationToken) is var (name, bytes))
        {
            var isEnd = string.Equals(name, ArchiveWriter.EndName, StringComparison.Ordinal);

            // A table without rows has no entry, so one entry may be the end of several tables.
            while (at < manifest.Tables.Count && (isEnd || !name.StartsWith(manifest.Tables[at].Name + "/", StringComparison.Ordinal)))
            {
                checks.Add(new(manifest.Tables[at].Name, rows, Convert.ToHexStringLower(hash.GetHashAndReset())));
                (at, rows) = (at + 1, 0);
            }

            if (isEnd)
            {
                return JsonSerializer.Deserialize(bytes.Span, ArchiveJson.Default.ArchiveEnd) is { } end && string.Equals(end.ManifestSha256, manifestHash, StringComparison.Ordinal) && end.Tables.SequenceEqual(checks)
                    && await NextAsync(tar, 0, cancellationToken) is null
                    ? null
                    : Malformed($"it is not what its {ArchiveWriter.EndName} says");
            }

            if (at == manifest.Tables.Count)
            {
                return Malformed($"the entry {name} belongs to no table, or comes too late");
            }

            hash.AppendData(bytes.Span);
            rows += bytes.Span.Count((byte)'\n');
            if (await target.AddAsync(manifest.Tables[at], ToArray(bytes), cancellationToken) is { } refused)
            {
                return refused;
            }
        }

        return Malformed($"{ArchiveWriter.EndName} is missing: it was cut short");
    }

    /// <summary>Null at the end of the archive.</summary>
    async Task<(string Name, ReadOnlyMemory<byte> Content)?> NextAsync(TarReader tar, int maxBytes, CancellationToken cancellationToken)
    {
        if (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is not { } entry)
        {
            return null;
        }

        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.Length > maxBytes || (bytesLeft -= entry.Length) < 0)
        {
            throw new InvalidDataException("An entry is no file, or too large.");
        }

        var content = new byte[entry.Length];
        if (entry.DataStream is { } data)
        {
            await data.ReadExactlyAsync(content, cancellationToken);
        }

        return (entry.Name, content);
    }

    /// <summary>Lines of JSON as a JSON array: a line's end becomes what stands between two elements.</summary>
    static byte[] ToArray(ReadOnlyMemory<byte> lines)
    {
        var array = new byte[lines.Length + 1];
        lines.Span.Replace(array.AsSpan(1), (byte)'\n', (byte)',');
        array[0] = (byte)'[';
        array[^1] = (byte)']';
        return array;
    }

    static Answer Malformed(string what) => Answer.Refused(ErrorCode.Malformed, $"The archive cannot be taken in: {what}.");
}
