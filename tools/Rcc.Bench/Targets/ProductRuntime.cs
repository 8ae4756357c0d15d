using System.Text.Json;

namespace Rcc.Bench.Targets;

/// <summary>The collector settings the product is built with, as the variables that give them to another process.</summary>
static class ProductRuntime
{
    /// <summary>The product's program.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "Rcc.Server.dll");

    public static IReadOnlyDictionary<string, string?> Settings { get; } = Read(Path.ChangeExtension(Assembly, ".runtimeconfig.json"));

    static Dictionary<string, string?> Read(string runtimeConfig)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(runtimeConfig));
        var properties = json.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        (string Property, string Variable)[] known =
        [
            ("System.GC.Server", "DOTNET_gcServer"), ("System.GC.Concurrent", "DOTNET_gcConcurrent"), ("System.GC.DynamicAdaptationMode", "DOTNET_GCDynamicAdaptationMode"),
            ("System.GC.ConserveMemory", "DOTNET_GCConserveMemory"), ("System.Runtime.TieredPGO", "DOTNET_TieredPGO"), ("System.Runtime.TieredCompilation", "DOTNET_TieredCompilation"),
        ];
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (property, variable) in known)
        {
            if (properties.TryGetProperty(property, out var value))
            {
                settings[variable] = value.ValueKind switch { JsonValueKind.True => "1", JsonValueKind.False => "0", _ => value.GetRawText() };
            }
        }

        return settings;
    }
}
