using Microsoft.Extensions.Hosting;

namespace Rcc.Core.Sync;

/// <summary>Reads the sealing key and the epoch when the node starts, before it serves anybody.</summary>
internal sealed class SyncTokensSource(ISyncStore store) : IHostedService, IDisposable
{
    SyncTokens? tokens;

    public SyncTokens Tokens => tokens ?? throw new InvalidOperationException("The node has not started: the sealing key was not read.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var key = await store.GetSealingKeyAsync(cancellationToken);
        tokens = new SyncTokens(key.AsMemory(), await store.ReadEpochAsync(cancellationToken));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called twice: the container knows the source as itself and as a hosted service.</summary>
    public void Dispose()
    {
        tokens?.Dispose();
        tokens = null;
    }
}
