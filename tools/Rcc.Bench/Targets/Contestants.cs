namespace Rcc.Bench.Targets;

/// <summary>Those who are measured in turn, stopped together.</summary>
sealed class Contestants : IAsyncDisposable
{
    readonly List<Contestant> all = [];

    public IEnumerable<Contestant> All => all;

    /// <summary>What went wrong outside the counted rounds.</summary>
    public List<string> Failures { get; } = [];

    public void Add(Contestant contestant) => all.Add(contestant);

    public async ValueTask DisposeAsync()
    {
        foreach (var contestant in all)
        {
            await contestant.DisposeAsync();
        }
    }
}
