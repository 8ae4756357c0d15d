using Rcc.Replay.Accounts;

namespace Rcc.Replay.Play;

/// <summary>An agent at work, on the devices it is signed in on at the moment: none while it is suspended.</summary>
/// <param name="agent">The agent.</param>
/// <param name="start">Signs it in on a device of its own.</param>
sealed class Desk(Person agent, Func<string, CancellationToken, Task<ReplayDevice>> start)
{
    volatile IReadOnlyList<ReplayDevice> devices = [];
    int signIns;

    public Person Agent => agent;

    public IReadOnlyList<ReplayDevice> Devices => devices;

    /// <summary>One of them; null while it has none.</summary>
    public ReplayDevice? Device => devices is [var first, ..] ? first : null;

    /// <summary>Signs in on so many devices.</summary>
    public async Task SignInAsync(int count, CancellationToken cancellationToken)
    {
        var round = ++signIns;
        devices = await Task.WhenAll(Enumerable.Range(1, count).Select(i => start(round == 1 ? $"device {i}" : $"device {i} of sign-in {round}", cancellationToken)));
    }

    /// <summary>Whoever looks for the agent finds it gone from now on.</summary>
    /// <returns>The devices it had.</returns>
    public IReadOnlyList<ReplayDevice> Leave() => Interlocked.Exchange(ref devices, []);
}
