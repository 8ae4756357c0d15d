using System.Collections.Concurrent;
using System.Reflection;
using Orleans;

namespace Rcc.LocalSilo;

/// <summary>Which grain class stands behind which interface.</summary>
sealed class GrainCatalog
{
    readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainClass> chosen = new();

    public GrainCatalog(Silo silo, IEnumerable<Assembly> assemblies)
    {
        Classes = [.. assemblies.Distinct().SelectMany(assembly => assembly.GetTypes()).Where(IsGrainClass).Select(type => new GrainClass(silo, type))];
        var twice = Classes.GroupBy(grainClass => grainClass.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw new InvalidOperationException(
                $"The grain type name '{twice.Key}' belongs to several classes: {string.Join(", ", twice.Select(grainClass => grainClass.Type.FullName))}.");
        }
    }

    public IReadOnlyList<GrainClass> Classes { get; }

    public GrainClass Choose(Type grainInterface, string? prefix) =>
        chosen.TryGetValue((grainInterface, prefix), out var found) ? found : Search(grainInterface, prefix);

    static bool IsGrainClass(Type type) => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false } && type.IsAssignableTo(typeof(Grain));

    GrainClass Search(Type grainInterface, string? prefix)
    {
        var candidates = Classes
            .Where(grainClass => grainInterface.IsAssignableFrom(grainClass.Type))
            .Where(grainClass => prefix is null || grainClass.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal))
            .ToArray();
        return candidates switch
        {
            [var only] => chosen.GetOrAdd((grainInterface, prefix), only),
            [] => throw new ArgumentException(
                $"No grain class implements {grainInterface.FullName}{(prefix is null ? "" : $" and begins with '{prefix}'")}. Is its assembly among the silo's?", nameof(grainInterface)),
            _ => throw new ArgumentException(
                $"Several grain classes implement {grainInterface.FullName}: {string.Join(", ", candidates.Select(grainClass => grainClass.Type.FullName))}. Name one by the class name prefix.", nameof(grainInterface)),
        };
    }
}
