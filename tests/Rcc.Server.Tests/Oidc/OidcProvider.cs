using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Rcc.Postgres.Embedded;

namespace Rcc.Server.Tests.Oidc;

/// <summary>The certified npm <c>oidc-provider</c>, in a process of its own, for the tests of one class.</summary>
public sealed class OidcProvider(RunningServer server) : IAsyncLifetime
{
    public const string ClientSecret = "a client secret for nobody else 41aa";

    Process? process;

    public string Issuer { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var manifest = NpmManifest.FromResources(typeof(OidcProvider).Assembly, "test-oidc-provider");
        var folder = await new NpmRestore(NullLogger.Instance).RestoreAsync(manifest, prepare: null, TestContext.Current.CancellationToken);
        await using var script = typeof(OidcProvider).Assembly.GetManifestResourceStream("test-oidc-provider/provider.mjs")!;

        // A script on standard input takes its packages from the working directory.
        var start = new ProcessStartInfo("node", ["--input-type=module", "-"])
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.Environment["CLIENT_SECRET"] = ClientSecret;
        start.Environment["REDIRECT_URI"] = new Uri(server.Address, "/api/v1/auth/oidc/callback").AbsoluteUri;
        process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.CopyToAsync(process.StandardInput.BaseStream, TestContext.Current.CancellationToken);
        process.StandardInput.Close();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("http://", StringComparison.Ordinal))
            {
                Issuer = line;
                return;
            }
        }

        throw new InvalidOperationException($"The provider did not start: {await errors}");
    }

    public async ValueTask DisposeAsync()
    {
        if (process is null) return;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
