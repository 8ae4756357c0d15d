using Microsoft.Extensions.Hosting;

namespace Rcc.Core;

/// <summary>
/// What a node does again and again while it runs. The first round comes one <paramref name="interval"/> after the start, and rounds never overlap: one that takes longer is followed by the next at once.
/// A round that fails is told (<see cref="OnFailed"/>) and keeps no later one from coming.
/// </summary>
public abstract class Rounds(TimeSpan interval, TimeProvider clock) : BackgroundService
{
    protected TimeProvider Clock => clock;

    protected abstract Task GoRoundAsync(CancellationToken stoppingToken);

    protected abstract void OnFailed(Exception failure);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await GoRoundAsync(stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                OnFailed(failure);
            }
        }
    }
}
