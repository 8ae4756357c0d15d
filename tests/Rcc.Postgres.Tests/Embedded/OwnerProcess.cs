using System.Diagnostics;
using System.Globalization;

namespace Rcc.Postgres.Tests.Embedded;

/// <summary>Another process that owns an embedded server: this program, started as its own child.</summary>
sealed class OwnerProcess : IDisposable
{
    readonly Process owner;

    OwnerProcess(Process process) => owner = process;

    public required int PostmasterId { get; init; }

    public required string ConnectionString { get; init; }

    public int Id => owner.Id;

    public static async Task<OwnerProcess> StartAsync(string folder)
    {
        var process = Process.Start(Describe(folder))!;
        var postmaster = await process.StandardOutput.ReadLineAsync();
        var connectionString = await process.StandardOutput.ReadLineAsync();
        Assert.True(connectionString is not null, $"The owner did not start: {(postmaster is null ? await process.StandardError.ReadToEndAsync() : postmaster)}");
        return new OwnerProcess(process)
        {
            PostmasterId = int.Parse(postmaster!, CultureInfo.InvariantCulture),
            ConnectionString = connectionString!,
        };
    }

    public static ProcessStartInfo Describe(string folder) =>
        new(Environment.ProcessPath!, Arguments(folder))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

    public async Task KillAsync()
    {
        owner.Kill();
        await owner.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!owner.HasExited)
        {
            owner.Kill();
        }

        owner.Dispose();
    }

    /// <summary>The test program runs as itself or under <c>dotnet</c>.</summary>
    static string[] Arguments(string folder) =>
        string.Equals(Path.GetFileNameWithoutExtension(Environment.ProcessPath), "dotnet", StringComparison.Ordinal)
            ? [typeof(OwnerProcess).Assembly.Location, "own", folder]
            : ["own", folder];
}
