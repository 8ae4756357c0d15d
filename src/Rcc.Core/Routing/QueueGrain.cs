using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Routing;

/// <summary>The single writer of one queue. Rules are in <see cref="Queue"/>.</summary>
[GrainType("queue")]
internal sealed class QueueGrain(IQueueStore store, ISyncStore sync, IOptions<RoutingOptions> options, ILogger<QueueGrain> logger) : DecidingGrain<QueueSnapshot>, IQueueGrain
{
    public Task<Answer> CreateAsync(Caller caller, CommandKey? command, QueueSettings settings, CancellationToken cancellationToken)
    {
        var state = Read(settings);
        return CarryOutAsync(
            caller,
            command,
            async now => await FindGoneAsync(state, cancellationToken) ?? Queue.Create(Tenant, Id, now, caller, state, await store.CountAsync(Tenant, cancellationToken), options.Value),
            cancellationToken);
    }

    public Task<Answer> ChangeAsync(Caller caller, CommandKey? command, QueueSettings settings, CancellationToken cancellationToken)
    {
        var state = Read(settings);
        return CarryOutAsync(caller, command, async now => await FindGoneAsync(state, cancellationToken) ?? Queue.Change(Tenant, now, caller, state), cancellationToken);
    }

    public async Task<Answer> RemoveAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken)
    {
        var answer = await CarryOutAsync(
            caller, command, async now => Queue.Remove(Tenant, now, caller, await store.FindWayInAsync(Tenant, Id, cancellationToken)), cancellationToken);

        // There is no state after it: whoever asks next finds nothing in the store.
        if (answer.IsOk)
        {
            DeactivateOnIdle();
        }

        return answer;
    }

    protected override async Task<QueueSnapshot?> LoadAsync(CancellationToken cancellationToken) =>
        QueueSnapshot.Or(await store.LoadAsync(Tenant, Id, cancellationToken), Tenant, Id);

    /// <summary>What waits may find agents now who could not take it before.</summary>
    protected override void OnCommitted(QueueSnapshot? before, QueueSnapshot after)
    {
        logger.QueueChanged(Tenant, Id, after.Revision);
        GrainFactory.LookSoon(Tenant, logger);
    }

    /// <summary>The answer where a group it names is gone; whose the groups are, the door has asked.</summary>
    async Task<Answer?> FindGoneAsync(QueueState state, CancellationToken cancellationToken)
    {
        foreach (var group in state.GroupIds)
        {
            if (await sync.FindItemAsync(Tenant, new(ItemKind.Group, group), cancellationToken) is null)
            {
                return Decision.NotFound("group");
            }
        }

        return null;
    }

    static QueueState Read(QueueSettings settings) =>
        JsonSerializer.Deserialize(settings.State.AsSpan(), ContractJson.Default.QueueState) ?? throw new ArgumentException("A queue has settings.", nameof(settings));
}
