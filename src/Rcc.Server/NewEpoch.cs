using Rcc.Core.Sync;

namespace Rcc.Server;

/// <summary>After a backup was restored: begins a new epoch before any token is sealed or opened, so that every device starts from nothing (INV-7).</summary>
internal sealed partial class NewEpoch(ISyncStore store, ILogger<NewEpoch> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.BeginEpochAsync(cancellationToken);
        Begun(logger);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(9004, LogLevel.Warning, "A new epoch begins: every device starts from nothing")]
    static partial void Begun(ILogger logger);
}
