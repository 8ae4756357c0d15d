using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to removing groups. Nothing is left without who does it: a group goes when nobody works in it and no queue names it, or when another takes its place.</summary>
public sealed class GroupRemoveDoor(IGrainFactory grains, IAgentStore agents, IQueueStore queues, IShortcutStore shortcuts, Admission admission)
{
    const int AtOnce = 200;

    /// <summary>
    /// Removes a group. With <paramref name="target"/> its agents work in that one from now on and keep what they have open, queues name that one, and its canned responses and macros are that one's; each step is committed
    /// by itself, so that a removal that was cut short is finished by asking again. Without, it is refused while somebody works in it or a queue names it, and its canned responses and macros go with it.
    /// </summary>
    public Task<Outcome> RemoveAsync(Caller caller, Guid group, Guid? target, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("removeGroup", group, target?.ToString()), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.AgentsWrite)
            ?? Shape.Id(group, "group")
            ?? (target == group ? Shape.Malformed("A group does not take its own place.") : null);
        return admission.CommandAsync(caller, refusal, async () =>
        {
            // One that is gone may have been removed by an earlier attempt: its grain knows.
            if (await agents.LoadGroupAsync(caller.Tenant, group, cancellationToken) is { } now
                && (Group.Refuse(now, caller)
                    ?? (target is { } place
                        ? await HandOverAsync(caller, group, place, cancellationToken) ?? await GiveShortcutsAsync(caller, group, place, cancellationToken)
                        : Group.Remove(caller.Tenant, now, caller, await agents.ListMembersAsync(caller.Tenant, group, Group.MaxCounted, cancellationToken), await queues.FindNamingAsync(caller.Tenant, group, cancellationToken)).Refusal)) is { } refused)
            {
                return refused;
            }

            // What goes with the group goes when it is gone, and not when it stays after all. One who was cut short here asks again.
            var removed = await grains.GetGrain<IGroupGrain>(caller.Tenant.KeyOf(group)).RemoveAsync(caller, key, cancellationToken);
            return removed is { IsOk: false, Code: not ErrorCode.NotFound } || target is not null ? removed : await GiveShortcutsAsync(caller, group, null, cancellationToken) ?? removed;
        });
    }

    async Task<Answer?> HandOverAsync(Caller caller, Guid group, Guid target, CancellationToken cancellationToken)
    {
        if (Group.Refuse(await agents.LoadGroupAsync(caller.Tenant, target, cancellationToken), caller) is { } refusal)
        {
            return refusal;
        }

        foreach (var queue in await ListNamingAsync(caller, group, cancellationToken))
        {
            var state = queue.State with { GroupIds = [.. queue.State.GroupIds.Select(id => id == group ? target : id).Distinct()] };
            var settings = new QueueSettings(ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(state, ContractJson.Default.QueueState)));
            if (await grains.GetGrain<IQueueGrain>(caller.Tenant.KeyOf(queue.Id)).ChangeAsync(caller, null, settings, cancellationToken) is { IsOk: false } kept)
            {
                return kept;
            }
        }

        // Who is removed meanwhile is no member any more, so this ends.
        while (await agents.ListMembersAsync(caller.Tenant, group, AtOnce, cancellationToken) is { Count: > 0 } members)
        {
            foreach (var agent in members)
            {
                var answer = await grains.GetGrain<IAgentGrain>(caller.Tenant.KeyOf(agent)).ChangeAsync(caller, null, new() { GroupId = target }, cancellationToken);
                if (answer is { IsOk: false, Code: not ErrorCode.NotFound } || (answer.Code == ErrorCode.NotFound && await agents.LoadGroupAsync(caller.Tenant, target, cancellationToken) is null))
                {
                    return answer;
                }
            }
        }

        return null;
    }

    async Task<Answer?> GiveShortcutsAsync(Caller caller, Guid group, Guid? target, CancellationToken cancellationToken)
    {
        foreach (var kind in new[] { ItemKind.CannedResponse, ItemKind.Macro })
        {
            Guid? after = null;
            while (await shortcuts.ListAsync(caller.Tenant, kind, null, after, AtOnce, cancellationToken) is { Count: > 0 } page)
            {
                after = page[^1].Id;
                foreach (var shortcut in page.Where(shortcut => shortcut.State is { Scope: ShortcutScope.Group } state && state.OwnerId == group))
                {
                    var grain = grains.GetGrain<IShortcutGrain>(caller.Tenant.KeyOf(shortcut.Id));
                    var answer = target is { } place ? await grain.HandOverAsync(caller, kind, place, cancellationToken) : await grain.DeleteAsync(caller, null, kind, cancellationToken);
                    if (answer is { IsOk: false, Code: not ErrorCode.NotFound })
                    {
                        return answer;
                    }
                }
            }
        }

        return null;
    }

    async Task<IReadOnlyList<QueueSnapshot>> ListNamingAsync(Caller caller, Guid group, CancellationToken cancellationToken)
    {
        List<QueueSnapshot> naming = [];
        Guid? after = null;
        while (await queues.ListAsync(caller.Tenant, after, AtOnce, cancellationToken) is { Count: > 0 } page)
        {
            after = page[^1].Id;
            naming.AddRange(page.Where(queue => queue.State.GroupIds.Contains(group)));
        }

        return naming;
    }
}
