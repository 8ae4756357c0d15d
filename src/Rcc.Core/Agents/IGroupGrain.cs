using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>One group of sub-agents, keyed by <see cref="TenantId.KeyOf"/> (RCC-33, RCC-36).</summary>
[Alias("rcc.IGroupGrain")]
public interface IGroupGrain : IGrainWithStringKey
{
    /// <summary>A master agent makes a group and becomes its master.</summary>
    [Alias("Create")]
    Task<Answer> CreateAsync(Caller caller, CommandKey? command, string name, CancellationToken cancellationToken);

    [Alias("Rename")]
    Task<Answer> RenameAsync(Caller caller, CommandKey? command, string name, CancellationToken cancellationToken);
}
