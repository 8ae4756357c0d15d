using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Rcc.Core.Tenants;

/// <summary>Writes an archive (<see cref="ArchiveManifest"/>) to a stream. A tar says how long an entry is before it begins, so lines are gathered; no more than one entry is ever in memory.</summary>
internal static class ArchiveWriter
{
    public const string ManifestName = "manifest.json";
    public const string EndName = "end.json";

    public static async Task WriteAsync(IArchiveSource source, Stream stream, int entryBytes, CancellationToken cancellationToken)
    {
        await using var zip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
        await using var tar = new TarWriter(zip, TarEntryFormat.Ustar, leaveOpen: true);
        var manifest = await WriteAsync(tar, ManifestName, source.Manifest, ArchiveJson.Default.ArchiveManifest, cancellationToken);
        List<ArchiveCheck> checks = [];
        foreach (var table in source.Manifest.Tables)
        {
            checks.Add(await WriteAsync(tar, source, table, entryBytes, cancellationToken));
        }

        await WriteAsync(tar, EndName, new ArchiveEnd(Convert.ToHexStringLower(manifest), checks), ArchiveJson.Default.ArchiveEnd, cancellationToken);
    }

    static async Task<ArchiveCheck> WriteAsync(TarWriter tar, IArchiveSource source, ArchiveTable table, int entryBytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var gathered = new MemoryStream();
        var (rows, entries) = (0L, 0);
        await foreach (var line in source.ReadAsync(table, cancellationToken))
        {
            rows++;
            gathered.Write(line.Span);
            gathered.WriteByte((byte)'\n');
            if (gathered.Length >= entryBytes)
            {
                await FlushAsync();
            }
        }

        if (gathered.Length > 0)
        {
            await FlushAsync();
        }

        return new ArchiveCheck(table.Name, rows, Convert.ToHexStringLower(hash.GetHashAndReset()));

        async Task FlushAsync()
        {
            hash.AppendData(gathered.GetBuffer(), 0, (int)gathered.Length);
            gathered.Position = 0;
            await WriteAsync(tar, string.Create(CultureInfo.InvariantCulture, $"{table.Name}/{++entries:D6}.jsonl"), gathered, cancellationToken);
            gathered.SetLength(0);
        }
    }

    static async Task<byte[]> WriteAsync<T>(TarWriter tar, string name, T value, JsonTypeInfo<T> shape, CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, shape);
        using var content = new MemoryStream(bytes);
        await WriteAsync(tar, name, content, cancellationToken);
        return SHA256.HashData(bytes);
    }

    static Task WriteAsync(TarWriter tar, string name, MemoryStream content, CancellationToken cancellationToken) => tar.WriteEntryAsync(
        // Only the owner reads secrets, and the same rows make the same bytes.
        new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, ModificationTime = DateTimeOffset.UnixEpoch },
        cancellationToken);
}
