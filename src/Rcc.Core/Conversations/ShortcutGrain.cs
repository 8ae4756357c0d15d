using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>The single writer of one. Rules are in <see cref="Shortcut"/>.</summary>
[GrainType("shortcut")]
internal sealed class ShortcutGrain(ISyncStore items, IShortcutStore store, IAgentStore agents, IOptions<ConversationOptions> options)
    : DecidingGrain<ShortcutSnapshot>, IShortcutGrain
{
    public Task<Answer> CreateAsync(Caller caller, CommandKey? command, ItemKind kind, ImmutableArray<byte> state, CancellationToken cancellationToken)
    {
        var wanted = Read(state);
        return CarryOutAsync(
            caller,
            command,
            async now => Shortcut.Create(
                Tenant,
                Id,
                kind,
                now,
                caller,
                wanted,
                await agents.FindOwnerAsync(Tenant, wanted, cancellationToken),
                await store.CountAsync(Tenant, kind, wanted.Scope == ShortcutScope.Person ? wanted.OwnerId : null, cancellationToken),
                options.Value),
            cancellationToken);
    }

    public Task<Answer> EditAsync(Caller caller, CommandKey? command, ItemKind kind, ImmutableArray<byte> state, CancellationToken cancellationToken) => CarryOutAsync(
        caller,
        command,
        async now => Shortcut.Edit(
            Tenant, Of(now, kind), caller, Read(state), await agents.FindGroupOfAsync(caller, cancellationToken), await agents.FindOwnerAsync(Tenant, now?.State, cancellationToken)),
        cancellationToken);

    public Task<Answer> HandOverAsync(Caller caller, ItemKind kind, Guid group, CancellationToken cancellationToken) => CarryOutAsync(
        caller,
        null,
        async now => Shortcut.HandOver(
            Tenant, Of(now, kind), caller, await agents.FindOwnerAsync(Tenant, now?.State, cancellationToken), await agents.LoadGroupAsync(Tenant, group, cancellationToken)),
        cancellationToken);

    public Task<Answer> DeleteAsync(Caller caller, CommandKey? command, ItemKind kind, CancellationToken cancellationToken) => CarryOutAsync(
        caller,
        command,
        async now => Shortcut.Delete(
            Tenant, Of(now, kind), caller, await agents.FindGroupOfAsync(caller, cancellationToken), await agents.FindOwnerAsync(Tenant, now?.State, cancellationToken)),
        cancellationToken);

    protected override async Task<ShortcutSnapshot?> LoadAsync(CancellationToken cancellationToken) =>
        await LoadAsync(ItemKind.CannedResponse, cancellationToken) ?? await LoadAsync(ItemKind.Macro, cancellationToken);

    static ShortcutState Read(ImmutableArray<byte> state) => JsonSerializer.Deserialize(state.AsSpan(), ContractJson.Default.ShortcutState)!;

    static ShortcutSnapshot? Of(ShortcutSnapshot? now, ItemKind kind) => now?.Kind == kind ? now : null;

    async Task<ShortcutSnapshot?> LoadAsync(ItemKind kind, CancellationToken cancellationToken) =>
        await items.FindItemAsync(Tenant, new(kind, Id), cancellationToken) is { } item ? new(Id, kind, item.Revision, Read(item.State)) : null;
}

/// <summary>What the rules of shortcuts ask of agents.</summary>
internal static class ShortcutReaders
{
    /// <summary>The group a shortcut belongs to; null for one that is no group's.</summary>
    public static async Task<GroupSnapshot?> FindOwnerAsync(this IAgentStore agents, TenantId tenant, ShortcutState? shortcut, CancellationToken cancellationToken) =>
        shortcut is { Scope: ShortcutScope.Group, OwnerId: { } owner } ? await agents.LoadGroupAsync(tenant, owner, cancellationToken) : null;
}
