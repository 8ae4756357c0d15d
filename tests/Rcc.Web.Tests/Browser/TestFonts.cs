using Microsoft.Extensions.Logging.Abstractions;
using Rcc.Postgres.Embedded;

namespace Rcc.Web.Tests.Browser;

/// <summary>
/// System fonts for every language the tests show. They are TrueType: fontconfig in Chromium does not take up the compressed
/// web fonts (woff, woff2) that most font packages on npm bring.
/// </summary>
static class TestFonts
{
    /// <summary>Returns a fontconfig file for <c>FONTCONFIG_FILE</c> that adds these fonts to the machine's own.</summary>
    public static async Task<string> RestoreAsync(CancellationToken cancellationToken)
    {
        var manifest = NpmManifest.FromResources(typeof(TestFonts).Assembly, "test-fonts");
        var folder = await new NpmRestore(NullLogger.Instance).RestoreAsync(manifest, KeepRegularAsync, cancellationToken);
        return Path.Combine(folder, "fonts.conf");
    }

    static async Task KeepRegularAsync(string folder, CancellationToken cancellationToken)
    {
        var fonts = Directory.CreateDirectory(Path.Combine(folder, "fonts")).FullName;
        var packages = Path.Combine(folder, "node_modules");
        foreach (var file in Directory.EnumerateFiles(packages, "*_400Regular.ttf", SearchOption.AllDirectories))
        {
            File.Move(file, Path.Combine(fonts, Path.GetFileName(file)));
        }

        Directory.Delete(packages, recursive: true);

        // Relative to this file, since the folder gets its final name only afterwards.
        await File.WriteAllTextAsync(
            Path.Combine(folder, "fonts.conf"),
            """
            <?xml version="1.0"?>
            <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
            <fontconfig>
              <dir prefix="relative">fonts</dir>
              <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
              <cachedir prefix="xdg">fontconfig</cachedir>
            </fontconfig>
            """,
            cancellationToken);
    }
}
