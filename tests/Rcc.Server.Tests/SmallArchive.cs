using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Rcc.Server.Tests;

/// <summary>An archive of an account with nobody in it, made by hand: what others make is taken in as well.</summary>
internal static class SmallArchive
{
    public static ApiBytes Make()
    {
        var id = Guid.CreateVersion7();
        var account = $"{{\"slug\":\"a-{id:N}\",\"name\":\"Small\",\"created_at\":\"2026-01-01T00:00:00+00:00\",\"floor\":0,\"terms\":{{}},\"branding\":{{}},\"policies\":{{}}}}\n";
        var state = Convert.ToHexStringLower("""{"name":"Small"}"""u8);
        var item = $"{{\"kind\":9,\"id\":\"{id}\",\"sub\":\"{Guid.Empty}\",\"revision\":1,\"modseq\":1,\"state\":\"\\\\x{state}\",\"home_kind\":4,\"home\":\"{id}\"}}\n";
        var manifest = string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"format":1,"account_id":"{{id}}","slug":"small","exported_at":"2026-01-01T00:00:00+00:00","tables":[{"name":"tenant","columns":["slug","name","created_at","floor","terms","branding","policies"]},{"name":"item","columns":["kind","id","sub","revision","modseq","state","home_kind","home"]}]}
            """);
        var end = $$"""{"manifest_sha256":"{{Sha256(manifest)}}","tables":[{"name":"tenant","rows":1,"sha256":"{{Sha256(account)}}"},{"name":"item","rows":1,"sha256":"{{Sha256(item)}}"}]}""";
        using var stream = new MemoryStream();
        using (var zip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zip, TarEntryFormat.Ustar))
        {
            foreach (var (name, text) in new[] { ("manifest.json", manifest), ("tenant/000001.jsonl", account), ("item/000001.jsonl", item), ("end.json", end) })
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        return new(stream.ToArray(), "application/gzip");
    }

    static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
