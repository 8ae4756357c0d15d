using System.Collections.Immutable;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>One group of sub-agents, keyed by <see cref="TenantId.KeyOf"/> (RCC-33, RCC-36).</summary>
[Alias("rcc.IGroupGrain")]
public interface IGroupGrain : IGrainWithStringKey
{
    /// <summary>A master agent makes a group and runs it; an administrator or an application makes one for a master agent.</summary>
    [Alias("Create")]
    Task<Answer> CreateAsync(Caller caller, CommandKey? command, NewGroup group, CancellationToken cancellationToken);

    /// <summary>Changes name, supervisors or who runs it.</summary>
    [Alias("Change")]
    Task<Answer> ChangeAsync(Caller caller, CommandKey? command, GroupChange change, CancellationToken cancellationToken);

    /// <summary>Removes a group in which nobody works any more.</summary>
    [Alias("Remove")]
    Task<Answer> RemoveAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);
}

/// <summary>A new group.</summary>
/// <param name="Name">1 … 100 characters, unique in the tenant.</param>
/// <param name="MasterAgentId">Who runs it; absent: who makes it.</param>
[GenerateSerializer, Immutable, Alias("rcc.agents.NewGroup")]
public sealed record NewGroup([property: Id(0)] string Name, [property: Id(1)] Guid? MasterAgentId = null);

/// <summary>What to change of a group; absent members stay.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.GroupChange")]
public sealed record GroupChange
{
    [Id(0)] public string? Name { get; init; }

    [Id(1)] public Guid? MasterAgentId { get; init; }

    /// <summary>All its supervisors from now on.</summary>
    [Id(2)] public ImmutableArray<Guid>? SupervisorIds { get; init; }
}
