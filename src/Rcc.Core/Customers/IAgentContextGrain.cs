using Rcc.Contracts.Customers;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>The context information of one agent, keyed by <see cref="TenantId.KeyOf"/>. Rules in <see cref="AgentContext"/>.</summary>
[Alias("rcc.IAgentContextGrain")]
public interface IAgentContextGrain : IPresenceListener
{
    [Alias("Set")]
    Task<Answer> SetAsync(Caller caller, CommandKey? command, NewContext context, CancellationToken cancellationToken);

    /// <summary>Takes away what a source says of a name; without <paramref name="source"/>: what all do.</summary>
    [Alias("Clear")]
    Task<Answer> ClearAsync(Caller caller, CommandKey? command, string name, ContextSource? source, CancellationToken cancellationToken);

    /// <summary>Drops what has expired or lost its cause, and shows each viewer what it may see now.</summary>
    [Alias("Look")]
    Task LookAsync(CancellationToken cancellationToken);
}
