using System.Collections.Immutable;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>One canned response or macro, keyed by <see cref="TenantId.KeyOf"/>. Which of the two it is, its kind says. States travel as the JSON that is kept.</summary>
[Alias("rcc.IShortcutGrain")]
public interface IShortcutGrain : IGrainWithStringKey
{
    [Alias("Create")]
    Task<Answer> CreateAsync(Caller caller, CommandKey? command, ItemKind kind, ImmutableArray<byte> state, CancellationToken cancellationToken);

    /// <summary>Replaces its name and content.</summary>
    [Alias("Edit")]
    Task<Answer> EditAsync(Caller caller, CommandKey? command, ItemKind kind, ImmutableArray<byte> state, CancellationToken cancellationToken);

    /// <summary>A group's is another group's from now on.</summary>
    [Alias("HandOver")]
    Task<Answer> HandOverAsync(Caller caller, ItemKind kind, Guid group, CancellationToken cancellationToken);

    [Alias("Delete")]
    Task<Answer> DeleteAsync(Caller caller, CommandKey? command, ItemKind kind, CancellationToken cancellationToken);
}
