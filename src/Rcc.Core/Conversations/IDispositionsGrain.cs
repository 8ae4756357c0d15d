using System.Collections.Immutable;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>The dispositions of an inbox or queue, keyed by <see cref="TenantId.KeyOf"/> of that one.</summary>
[Alias("rcc.IDispositionsGrain")]
public interface IDispositionsGrain : IGrainWithStringKey
{
    /// <summary>Replaces the list. <paramref name="objectType"/> is what the action record calls the thing.</summary>
    [Alias("Set")]
    Task<Answer> SetAsync(Caller caller, CommandKey? command, string objectType, ImmutableArray<string> names, bool required, CancellationToken cancellationToken);
}
