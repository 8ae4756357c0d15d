using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Tenants;

/// <summary>The form of an archive: what is written is read again, and nothing else is.</summary>
[Trait("Catalogue", "RCC-32")]
public class ArchiveTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task What_is_written_is_read_again_line_by_line(int seed)
    {
        var random = new Random(seed);
        var tables = Enumerable.Range(0, random.Next(1, 8)).Select(i => ($"table_{i}", Lines(random, random.Next(4) == 0 ? 0 : random.Next(1, 60)))).ToArray();

        var (answer, store) = await ReadAsync(await WriteAsync(new(tables), entryBytes: random.Next(1, 5_000)));

        Assert.True(answer.IsOk, answer.Detail);
        Assert.Equal(tables.Select(t => t.Item1), store.Committed!.Keys);
        Assert.All(tables, table => Assert.Equal(table.Item2, store.Committed[table.Item1]));
    }

    [Fact]
    public async Task A_copy_is_another_tenant_each_time()
    {
        var archive = await WriteAsync(Some(), entryBytes: 500);
        Assert.Equal(Callers.Tenant, (await ReadAsync(archive)).Store.Tenant);
        var copies = new[] { (await ReadAsync(archive, asCopy: true)).Store.Tenant, (await ReadAsync(archive, asCopy: true)).Store.Tenant };
        Assert.Equal(3, copies.Append(Callers.Tenant).Distinct().Count());
    }

    [Fact]
    public async Task Wherever_an_archive_is_cut_all_or_nothing_of_it_is_taken_in()
    {
        var archive = await WriteAsync(Some(), entryBytes: 500);
        var whole = (await ReadAsync(archive)).Store.Committed!;
        for (var length = 0; length < archive.Length; length++)
        {
            var (answer, store) = await ReadAsync(archive[..length]);

            // What fills the last block up may be missing.
            Assert.True(length > archive.Length - 50 || answer.Code == ErrorCode.Malformed, $"{length} of {archive.Length} bytes: {answer.Code}");
            Assert.Equal(answer.IsOk ? whole : null, store.Committed);
        }
    }

    [Fact]
    public async Task An_archive_in_which_anything_was_changed_added_or_left_out_is_not_taken_in()
    {
        var entries = await UnpackAsync(await WriteAsync(Some(), entryBytes: 500));
        Assert.True((await ReadAsync(await PackAsync(entries))).Answer.IsOk);
        for (var at = 0; at < entries.Count; at++)
        {
            var (name, text) = entries[at];
            await RefusedAsync([.. entries[..at], .. entries[(at + 1)..]], $"without {name}");
            await RefusedAsync([.. entries[..at], (name, text.Replace("7", "8", StringComparison.Ordinal)), .. entries[(at + 1)..]], $"changed {name}", isSame: !text.Contains('7', StringComparison.Ordinal));
            if (name.EndsWith(".jsonl", StringComparison.Ordinal))
            {
                await RefusedAsync([.. entries[..at], (name, text), .. entries[at..]], $"{name} twice");
            }
        }

        await RefusedAsync([.. entries[..^1], ("secret/000001.jsonl", "{}\n"), entries[^1]], "another table");
        await RefusedAsync([.. entries, ("usage/000002.jsonl", "{}\n")], "after the end");

        async Task RefusedAsync(List<(string Name, string Text)> changed, string what, bool isSame = false)
        {
            var (answer, store) = await ReadAsync(await PackAsync(changed));
            Assert.True(isSame || (answer.Code == ErrorCode.Malformed && store.Committed is null), $"{what}: {answer.Code}");
        }
    }

    [Fact]
    public async Task What_is_too_large_or_of_another_format_is_refused()
    {
        var archive = await WriteAsync(Some(), entryBytes: 3_000_000);
        Assert.Equal(ErrorCode.Malformed, (await ReadAsync(archive, new() { MaxArchiveBytes = 2_000 })).Answer.Code);
        var large = await WriteAsync(new(("tenant", [new string('1', 2_000_000)])), entryBytes: 1);
        Assert.Equal(ErrorCode.Malformed, (await ReadAsync(large, new() { MaxArchiveEntryBytes = 1_000_000 })).Answer.Code);
        Assert.True((await ReadAsync(large)).Answer.IsOk);

        var entries = await UnpackAsync(archive);
        entries[0] = (entries[0].Name, entries[0].Text.Replace("\"format\":1", "\"format\":2", StringComparison.Ordinal));
        Assert.Contains("its format is 2", (await ReadAsync(await PackAsync(entries))).Answer.Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.Malformed, (await ReadAsync(Encoding.UTF8.GetBytes("no archive at all, only text"))).Answer.Code);
    }

    [Fact]
    public async Task No_more_than_an_entry_is_gathered_before_it_is_written()
    {
        var random = new Random(1);
        using var stream = new MemoryStream();
        var (given, most) = (0L, 0L);
        var source = new MemoryArchiveSource(("tenant", Enumerable.Range(0, 200).Select(_ => $"\"{Convert.ToHexString(Bytes(random, 5_000))}\"").ToArray()))
        {
            // Hexadecimal digits of random bytes cannot be made smaller than a half.
            OnLine = () => most = Math.Max(most, (given += 10_000) - (2 * stream.Length)),
        };

        await ArchiveWriter.WriteAsync(source, stream, 50_000, CancellationToken.None);

        Assert.Equal(2_000_000, given);
        Assert.InRange(most, 0, 400_000);
    }

    static MemoryArchiveSource Some() => new(("tenant", ["7"]), ("agent", []), ("message", Lines(new(1), 40)), ("usage", ["17", "27"]));

    static string[] Lines(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{{\"a\":{i},\"text\":\"{Convert.ToBase64String(Bytes(random, random.Next(60)))}\"}}"))];

    static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    static async Task<byte[]> WriteAsync(MemoryArchiveSource source, int entryBytes)
    {
        using var stream = new MemoryStream();
        await ArchiveWriter.WriteAsync(source, stream, entryBytes, CancellationToken.None);
        return stream.ToArray();
    }

    static async Task<(Answer Answer, MemoryArchiveStore Store)> ReadAsync(byte[] archive, TenantOptions? options = null, bool asCopy = false)
    {
        var store = new MemoryArchiveStore();
        using var stream = new MemoryStream(archive);
        var settled = false;
        var answer = await new ArchiveReader(store, options ?? new()).ReadAsync(
            stream,
            null,
            asCopy,
            Guid.Empty,
            (target, from, to) =>
            {
                settled = true;
                Assert.Same(store, target);
                Assert.Equal((Callers.Tenant, store.Tenant), (from, to));
                Assert.Equal(asCopy, from != to);
                Assert.Null(store.Committed);
                return Task.CompletedTask;
            },
            CancellationToken.None);
        Assert.Equal(answer.IsOk, settled);
        return (answer, store);
    }

    static async Task<List<(string Name, string Text)>> UnpackAsync(byte[] archive)
    {
        await using var zip = new GZipStream(new MemoryStream(archive), CompressionMode.Decompress);
        await using var tar = new TarReader(zip);
        List<(string Name, string Text)> entries = [];
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            using var text = new StreamReader(entry.DataStream!);
            entries.Add((entry.Name, await text.ReadToEndAsync()));
        }

        return entries;
    }

    static async Task<byte[]> PackAsync(List<(string Name, string Text)> entries)
    {
        using var stream = new MemoryStream();
        await using (var zip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = new TarWriter(zip, TarEntryFormat.Ustar))
        {
            foreach (var (name, text) in entries)
            {
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        return stream.ToArray();
    }
}
