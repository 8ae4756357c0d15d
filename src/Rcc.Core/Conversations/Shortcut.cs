using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Conversations;

/// <summary>
/// The rules of canned responses and macros. Pure. The account's are kept by who manages agents, a group's by who runs it and administrators, a person's by itself. What a macro does is asked of whoever carries it out.
/// </summary>
public static class Shortcut
{
    /// <summary>Whether the caller may use it. <paramref name="ownGroup"/> is the group the caller works in, <paramref name="group"/> the one it belongs to.</summary>
    public static bool IsUsableBy(ShortcutState state, Caller caller, Guid? ownGroup, GroupSnapshot? group)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(caller);
        return state.Scope switch
        {
            ShortcutScope.Account => caller.IsAgent || caller.Role == Role.Application,
            ShortcutScope.Group => caller.IsAgent && (ownGroup == state.OwnerId || IsKeptBy(state, caller, group)),
            _ => caller.IsAgent && state.OwnerId == caller.PersonId,
        };
    }

    /// <summary>Whether the caller keeps it. <paramref name="group"/> is the group whose it is; null when that was removed: then whoever clears away.</summary>
    public static bool IsKeptBy(ShortcutState state, Caller caller, GroupSnapshot? group)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(caller);
        return state.Scope switch
        {
            ShortcutScope.Account => caller.IsManager || caller.Role == Role.Application,
            ShortcutScope.Group => caller.Role is Role.Administrator or Role.Application || (group is null ? caller.IsManager : group.State.MasterAgentId == caller.PersonId),
            _ => caller.IsAgent && state.OwnerId == caller.PersonId,
        };
    }

    /// <summary>Makes it. <paramref name="count"/> is how many its owner has, <paramref name="group"/> the group it is to belong to.</summary>
    public static Decision<ShortcutSnapshot> Create(
        TenantId tenant, Guid id, ItemKind kind, ShortcutSnapshot? now, Caller caller, ShortcutState state, GroupSnapshot? group, int count, ConversationOptions options)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(options);
        if (now is not null)
        {
            return Answer.Refused(ErrorCode.Taken, "Another has this id.");
        }

        if (state.Scope == ShortcutScope.Group && group is null)
        {
            return Decision.NotFound("group");
        }

        if (!IsKeptBy(state, caller, group))
        {
            return NotKept;
        }

        return count >= options.MaxShortcuts
            ? Answer.Refused(ErrorCode.TooLarge, $"There are {count} already; MaxShortcuts is {options.MaxShortcuts}.")
            : Change(tenant, null, new(id, kind, 1, state), "create");
    }

    /// <summary>Replaces its name and content; whose it is stays. Who may not even use it learns nothing of it.</summary>
    public static Decision<ShortcutSnapshot> Edit(TenantId tenant, ShortcutSnapshot? now, Caller caller, ShortcutState state, Guid? ownGroup, GroupSnapshot? group)
    {
        ArgumentNullException.ThrowIfNull(state);
        return Refuse(now, caller, ownGroup, group) is { } refusal
            ? refusal
            : Change(tenant, now, now! with { Revision = now.Revision + 1, State = state with { Scope = now.State.Scope, OwnerId = now.State.OwnerId } }, "update");
    }

    /// <summary>A group's is another group's from now on, for who keeps both. <paramref name="group"/> is the one whose it is.</summary>
    public static Decision<ShortcutSnapshot> HandOver(TenantId tenant, ShortcutSnapshot? now, Caller caller, GroupSnapshot? group, GroupSnapshot? target)
    {
        if (target is null || now is not { State.Scope: ShortcutScope.Group })
        {
            return Decision.NotFound("group");
        }

        var next = now.State with { OwnerId = target.Id };
        return (Refuse(now, caller, null, group) ?? (IsKeptBy(next, caller, target) ? null : NotKept)) is { } refusal
            ? refusal
            : Change(tenant, now, now with { Revision = now.Revision + 1, State = next }, "update");
    }

    /// <summary>Removes it for ever.</summary>
    public static Decision<ShortcutSnapshot> Delete(TenantId tenant, ShortcutSnapshot? now, Caller caller, Guid? ownGroup, GroupSnapshot? group)
    {
        if (Refuse(now, caller, ownGroup, group) is { } refusal)
        {
            return refusal;
        }

        var home = HomeOf(tenant, now!.State);
        return Decision.Accept(now with { IsDeleted = true }, new()
        {
            Answer = Answer.Done with { Id = now.Id },
            Act = ActOf(now, null, "delete"),
            Fences = [new(now.Key, now.Revision)],
            Departures = [new(now.Key, LeftReason.Deleted, [home], Delete: true)],
        });
    }

    static Answer NotKept => Answer.Refused(ErrorCode.Forbidden, "It is kept by others.");

    static Answer? Refuse(ShortcutSnapshot? now, Caller caller, Guid? ownGroup, GroupSnapshot? group)
    {
        if (now is null or { IsDeleted: true } || !(IsUsableBy(now.State, caller, ownGroup, group) || IsKeptBy(now.State, caller, group)))
        {
            return Decision.NotFound(now?.Kind == ItemKind.Macro ? "macro" : "canned response");
        }

        return IsKeptBy(now.State, caller, group) ? null : NotKept;
    }

    /// <summary>A group's are told to all agents: who joins the group later would not be told what was there before.</summary>
    static Audience HomeOf(TenantId tenant, ShortcutState state) =>
        state is { Scope: ShortcutScope.Person, OwnerId: { } person } ? Audience.OfPerson(person) : Audience.OfAgents(tenant);

    static Decision<ShortcutSnapshot> Change(TenantId tenant, ShortcutSnapshot? before, ShortcutSnapshot next, string action) => Decision.Accept(next, new()
    {
        Answer = Answer.Done with { Id = next.Id, Revision = next.Revision },
        Act = ActOf(before, next, action),
        Items = [ItemChange.Of(next.Key, next.Revision, next.State, ContractJson.Default.ShortcutState, HomeOf(tenant, next.State))],
    });

    static string? Said(ShortcutSnapshot? of) => of is null ? null
        : JsonSerializer.Serialize(of.State with { Name = "", OwnerId = null }, ContractJson.Default.ShortcutState);

    /// <summary>What a person keeps for itself is nobody's administration. What is said with it is the text of messages.</summary>
    static Act? ActOf(ShortcutSnapshot? before, ShortcutSnapshot? after, string action)
    {
        var of = (after ?? before)!;
        return of.State.Scope == ShortcutScope.Person ? null : new(of.Kind == ItemKind.Macro ? "macro" : "canned_response", of.Id, action)
        {
            Changes = ActChanges.Of("name", before?.State.Name, after?.State.Name)
                .And("owner_id", before?.State.OwnerId, after?.State.OwnerId)
                .AndUnseen(of.Kind == ItemKind.Macro ? "actions" : "content", after is not null && !string.Equals(Said(before), Said(after), StringComparison.Ordinal))
                .ToImmutable(),
        };
    }
}

/// <summary>A canned response or macro as stored.</summary>
public sealed record ShortcutSnapshot(Guid Id, ItemKind Kind, int Revision, ShortcutState State)
{
    /// <summary>It was removed, and does not come back.</summary>
    public bool IsDeleted { get; init; }

    internal ItemKey Key => new(Kind, Id);
}
