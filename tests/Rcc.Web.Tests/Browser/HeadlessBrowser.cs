using System.Globalization;
using Microsoft.Playwright;

namespace Rcc.Web.Tests.Browser;

/// <summary>A headless Chromium with a fresh profile, driven by Playwright. No browser on the machine is a failure, never a skip.</summary>
public sealed class HeadlessBrowser : IAsyncDisposable
{
    readonly IPlaywright driver;

    HeadlessBrowser(IPlaywright playwright, IBrowser browser)
    {
        driver = playwright;
        Browser = browser;
    }

    public IBrowser Browser { get; }

    /// <summary>Starts the machine's browser, or the one from npm.</summary>
    public static async Task<HeadlessBrowser> StartAsync(CancellationToken cancellationToken = default) =>
        await StartAsync(await ChromiumProgram.FindAsync(cancellationToken), cancellationToken);

    internal static async Task<HeadlessBrowser> StartAsync(ChromiumProgram program, CancellationToken cancellationToken)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(
            variable => Convert.ToString(variable.Key, CultureInfo.InvariantCulture)!,
            variable => Convert.ToString(variable.Value, CultureInfo.InvariantCulture)!,
            StringComparer.Ordinal);
        environment["FONTCONFIG_FILE"] = await TestFonts.RestoreAsync(cancellationToken);
        if (program.Libraries is not null)
        {
            environment["LD_LIBRARY_PATH"] = program.Libraries;
        }

        var playwright = await Playwright.CreateAsync();
        try
        {
            var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = program.Path,
                Headless = true,
                // Chromium's sandbox does not work as root; the pages are our own.
                ChromiumSandbox = false,
                Env = environment,
                Args =
                [
                    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync",
                ],
            });
            return new HeadlessBrowser(playwright, browser);
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        driver.Dispose();
    }
}
