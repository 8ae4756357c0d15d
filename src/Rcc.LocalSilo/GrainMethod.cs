using System.Reflection;
using Orleans;
using Orleans.Concurrency;

namespace Rcc.LocalSilo;

/// <summary>What the engine must know of a method that is called: its name and how its calls meet others.</summary>
sealed class GrainMethod(string name)
{
    /// <summary>Starting and ending an activation: no call enters meanwhile, whatever it is marked as.</summary>
    public static readonly GrainMethod Activating = new(nameof(Grain.OnActivateAsync)) { Excludes = true };
    public static readonly GrainMethod Deactivating = new(nameof(Grain.OnDeactivateAsync)) { Excludes = true };

    public string Name => name;

    public bool AlwaysInterleave { get; init; }

    public bool ReadOnly { get; init; }

    public bool OneWay { get; init; }

    public TimeSpan? Timeout { get; init; }

    bool Excludes { get; init; }

    public static GrainMethod Of(MethodInfo method) => new($"{method.DeclaringType!.Name}.{method.Name}")
    {
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute)),
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute)),
        OneWay = method.IsDefined(typeof(OneWayAttribute)),
        Timeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout,
    };

    /// <summary>Whether a call of the other method must wait for the end of a running call of this one.</summary>
    public bool KeepsOut(GrainMethod other) =>
        Excludes || !(AlwaysInterleave || other.AlwaysInterleave || (ReadOnly && other.ReadOnly));

    public override string ToString() => name;
}
