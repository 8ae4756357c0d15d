namespace Rcc.Bench.Targets;

/// <summary>Those who are measured in turn, stopped together.</summary>
sealed class Contestants : IAsyncDisposable
{
    readonly List<Contestant> _all = [];

    public IEnumerable<Contestant> All => _all;

    /// <summary>What went wrong outside the counted rounds.</summary>
    public List<string> Failures { get; } = [];

    public void Add(Contestant contestant) => _all.Add(contestant);

    public async ValueTask DisposeAsync()
    {
        foreach (var contestant in _all)
        {
            await contestant.DisposeAsync();
        }
    }
}
