using System.Reflection;
using System.Runtime.InteropServices;

namespace Rcc.Bench.Measuring;

/// <summary>What was measured on.</summary>
/// <param name="MemoryMb">MB (10⁶ bytes) of the machine, or of its container's limit.</param>
/// <param name="DataFileSystem">Of the PostgreSQL cluster: figures of a <c>tmpfs</c> would mean nothing.</param>
sealed record Machine(string Os, string CpuModel, int Cores, long MemoryMb, string DataFileSystem)
{
    public static Machine Describe(string dataFolder) => new(
        RuntimeInformation.OSDescription,
        File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()
            : RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1_000_000,
        new DriveInfo(dataFolder).DriveFormat);
}

/// <summary>What was measured.</summary>
/// <param name="Commit">The product's, as its build recorded it.</param>
/// <param name="Configuration"><c>Release</c>, or figures that mean little.</param>
sealed record Versions(string DotNet, string PostgreSql, string Npgsql, string Commit, string Configuration, string Engine)
{
    public static Versions Describe(string postgreSql)
    {
        var product = typeof(Contracts.Outcome).Assembly;
        var informational = product.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        return new Versions(
            RuntimeInformation.FrameworkDescription,
            postgreSql,
            typeof(global::Npgsql.NpgsqlConnection).Assembly.GetName().Version!.ToString(3),
            informational.Split('+') is [_, var commit] ? commit : "unknown",
            product.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "unknown",
#if ORLEANS
            "orleans");
#else
            "local");
#endif
    }
}
