using System.Collections.Immutable;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>The single writer of one list. Rules are in <see cref="Dispositions"/>.</summary>
[GrainType("dispositions")]
internal sealed class DispositionsGrain(ISyncStore store) : DecidingGrain<DispositionsSnapshot>, IDispositionsGrain
{
    public Task<Answer> SetAsync(Caller caller, CommandKey? command, string objectType, ImmutableArray<string> names, bool required, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Dispositions.Set(Tenant, Id, now, objectType, new() { Names = names, Required = required }), cancellationToken);

    protected override async Task<DispositionsSnapshot?> LoadAsync(CancellationToken cancellationToken) =>
        await store.FindItemAsync(Tenant, Dispositions.Key(Id), cancellationToken) is { } item ? new(item.Revision, Dispositions.Read(item)) : null;
}
