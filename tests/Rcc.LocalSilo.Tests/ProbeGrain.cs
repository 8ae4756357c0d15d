using System.Runtime.InteropServices;
using Orleans;
using Orleans.Concurrency;

namespace Rcc.LocalSilo.Tests;

/// <summary>A grain that does what the test gives it to do. Internal, as the product's grain interfaces may be.</summary>
interface IProbe : IGrainWithStringKey
{
    Task RunAsync(Func<ProbeGrain, Task> body);

    [AlwaysInterleave]
    Task InterleaveAsync(Func<ProbeGrain, Task> body);

    [ReadOnly]
    Task ReadAsync(Func<ProbeGrain, Task> body);

    [ResponseTimeout("00:00:02")]
    Task HurryAsync(Func<ProbeGrain, Task> body);

    [OneWay]
    Task TellAsync(Func<ProbeGrain, Task> body);

    Task CancellableAsync(Func<CancellationToken, Task> body, CancellationToken cancellationToken);

    ValueTask<T4> ValuesAsync(int number, T4 large, string? text, Guid id);

    ValueTask EmptyAsync();

    Task<string> KeyAsync();

    Task AcceptAsync(IProbe other);
}

/// <summary>A struct of several words.</summary>
[StructLayout(LayoutKind.Auto)]
readonly record struct T4(long A, long B, long C, long D);

[GrainType("probe")]
sealed class ProbeGrain(Journal journal, Belongings belongings) : Grain, IProbe
{
    static int made;

    public int Number { get; } = Interlocked.Increment(ref made);

    public Journal Journal { get; } = journal;

    public Belongings Belongings { get; } = belongings;

    public IGrainFactory Grains => GrainFactory;

    public Func<DeactivationReason, CancellationToken, Task> Ending { get; set; } = (_, _) => Task.CompletedTask;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Journal.Write($"{this.GetPrimaryKeyString()} activated");
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Write($"{this.GetPrimaryKeyString()} ending: {reason.ReasonCode}");
        await Ending(reason, cancellationToken);
        Journal.Write($"{this.GetPrimaryKeyString()} ended");
    }

    public void End() => DeactivateOnIdle();

    public void Delay(TimeSpan time) => DelayDeactivation(time);

    public Task RunAsync(Func<ProbeGrain, Task> body) => body(this);

    public Task InterleaveAsync(Func<ProbeGrain, Task> body) => body(this);

    public Task ReadAsync(Func<ProbeGrain, Task> body) => body(this);

    public Task HurryAsync(Func<ProbeGrain, Task> body) => body(this);

    public Task TellAsync(Func<ProbeGrain, Task> body) => body(this);

    public Task CancellableAsync(Func<CancellationToken, Task> body, CancellationToken cancellationToken) => body(cancellationToken);

    public ValueTask<T4> ValuesAsync(int number, T4 large, string? text, Guid id) =>
        new(large with { A = number, B = text?.Length ?? -1, C = id == Guid.Empty ? 0 : 1 });

    public ValueTask EmptyAsync() => ValueTask.CompletedTask;

    public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public Task AcceptAsync(IProbe other) => Task.CompletedTask;
}
