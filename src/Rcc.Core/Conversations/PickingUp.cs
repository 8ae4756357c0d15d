using Microsoft.Extensions.Options;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Routing;

namespace Rcc.Core.Conversations;

/// <summary>What waits and an agent may take by hand: it reads that before, to choose. Of what waits elsewhere it learns nothing.</summary>
public sealed class PickingUp(IAgentStore agents, IQueueStore queues, IOptions<RoutingOptions> options)
{
    /// <summary>The queues from which the agent may take.</summary>
    public async Task<IReadOnlyList<Guid>> ListQueuesAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (await FindTakerAsync(caller, cancellationToken) is not { } agent)
        {
            return [];
        }

        var stored = await queues.ListAsync(caller.Tenant, null, options.Value.MaxQueues + 1, cancellationToken);
        return [.. stored.Append(QueueSnapshot.Default(caller.Tenant)).DistinctBy(queue => queue.Id).Where(queue => MayTake(caller, agent, queue)).Select(queue => queue.Id)];
    }

    public async Task<bool> MayTakeAsync(Caller caller, ConversationSnapshot conversation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return Conversation.IsWaiting(conversation)
            && await FindTakerAsync(caller, cancellationToken) is { } agent
            && QueueSnapshot.Or(await queues.LoadAsync(caller.Tenant, conversation.Handling.QueueId, cancellationToken), caller.Tenant, conversation.Handling.QueueId) is { } queue
            && MayTake(caller, agent, queue);
    }

    static bool MayTake(Caller caller, AgentState agent, QueueSnapshot queue) => Conversation.MayTake(caller.PersonId, agent.GroupId, agent.Skills, queue.State);

    async Task<AgentState?> FindTakerAsync(Caller caller, CancellationToken cancellationToken) => caller.Role is Role.Agent or Role.MasterAgent && caller.May(Controls.Assign)
        ? (await agents.LoadAsync(caller.Tenant, caller.PersonId, cancellationToken))?.State
        : null;
}
