using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to canned responses and macros.</summary>
public sealed class ShortcutDoor(
    IGrainFactory grains, IShortcutStore store, ISyncStore items, IAgentStore agents, Admission admission, IOptions<AccessOptions> access, IOptions<ConversationOptions> limits)
{
    /// <summary>Makes one. <see cref="Outcome.Id"/> names it. A person's belongs to the caller.</summary>
    public Task<Outcome> CreateAsync(Caller caller, ItemKind kind, ShortcutState state, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(state);
        state = state.Scope == ShortcutScope.Person ? state with { OwnerId = caller.PersonId } : state;
        var key = CommandKeys.Make(new(null, kind, state), AccessJson.Default.ChangeOfShortcut, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAgentOr(caller, Scopes.ConversationsWrite) ?? Check(kind, state);
        return admission.CommandAsync(caller, refusal, () => Grain(caller, Guid.CreateVersion7()).CreateAsync(caller, key, kind, Write(state), cancellationToken));
    }

    /// <summary>Replaces its name and content; whose it is stays.</summary>
    public Task<Outcome> EditAsync(Caller caller, ItemKind kind, Guid id, ShortcutState state, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(state);
        var key = CommandKeys.Make(new(id, kind, state), AccessJson.Default.ChangeOfShortcut, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAgentOr(caller, Scopes.ConversationsWrite) ?? Check(kind, state with { Scope = ShortcutScope.Account, OwnerId = null });
        return admission.CommandAsync(caller, refusal, () => Grain(caller, id).EditAsync(caller, key, kind, Write(state), cancellationToken));
    }

    public Task<Outcome> DeleteAsync(Caller caller, ItemKind kind, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(
            caller, Permission.RequireAgentOr(caller, Scopes.ConversationsWrite), () => Grain(caller, id).DeleteAsync(caller, null, kind, cancellationToken));
    }

    /// <summary>One the caller may see.</summary>
    public Task<Found<ShortcutSnapshot>> FindAsync(Caller caller, ItemKind kind, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<ShortcutSnapshot>(caller, Permission.RequireAgentOr(caller, Scopes.ConversationsRead), async () =>
        {
            if (await items.FindItemAsync(caller.Tenant, new(kind, id), cancellationToken) is not { } item)
            {
                return Missing(kind);
            }

            var state = item.Read(ContractJson.Default.ShortcutState);
            var group = await agents.FindOwnerAsync(caller.Tenant, state, cancellationToken);
            return Shortcut.IsUsableBy(state, caller, await agents.FindGroupOfAsync(caller, cancellationToken), group) || Shortcut.IsKeptBy(state, caller, group)
                ? new ShortcutSnapshot(id, kind, item.Revision, state)
                : Missing(kind);
        });
    }

    /// <summary>What all agents are told of, and the caller's own.</summary>
    public Task<Found<Listing<ShortcutSnapshot>>> ListAsync(Caller caller, ItemKind kind, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(
            caller,
            Permission.RequireAgentOr(caller, Scopes.ConversationsRead),
            page,
            (after, limit) => store.ListAsync(caller.Tenant, kind, caller.IsAgent ? caller.PersonId : null, after, limit, cancellationToken));
    }

    static Outcome Missing(ItemKind kind) => Decision.NotFound(kind == ItemKind.Macro ? "macro" : "canned response").ToOutcome();

    static ImmutableArray<byte> Write(ShortcutState state) => ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(state, ContractJson.Default.ShortcutState));

    IShortcutGrain Grain(Caller caller, Guid id) => grains.GetGrain<IShortcutGrain>(caller.Tenant.KeyOf(id));

    Outcome? Check(ItemKind kind, ShortcutState state) => Shape.Name(state.Name, "name", access.Value.MaxNameLength)
        ?? Shape.Defined(state.Scope, "scope")
        ?? (state.Scope == ShortcutScope.Account == state.OwnerId is null ? null : Shape.Malformed("A group's names the group, the account's nobody."))
        ?? (kind == ItemKind.Macro ? CheckSteps(state.Steps) : CheckText(state.Text));

    Outcome? CheckText(string? text) =>
        Shape.Utf8(text, "text", nameof(ConversationOptions.MaxContentBytes), limits.Value.MaxContentBytes, mayBeEmpty: false, out _);

    Outcome? CheckSteps(IReadOnlyList<MacroStep>? steps) => steps is null or { Count: 0 }
        ? Shape.Malformed("A macro has at least one step.")
        : Shape.Counted(steps.Count, "steps", nameof(ConversationOptions.MaxMacroSteps), limits.Value.MaxMacroSteps) ?? Shape.Each(steps, CheckStep);

    Outcome? CheckStep(MacroStep? step)
    {
        if (step is null || !Macro.MayHave(step.Operation))
        {
            return Outcome.Refused(ErrorCode.UnknownOperation, "A step has an operation that no macro may have.");
        }

        return Shape.Defined(step.Lane, "lane")
            ?? (step.Text is null ? null : CheckText(step.Text))
            ?? (step.SnoozeMinutes is null or >= 1 ? null : Shape.Malformed("snoozeMinutes must be 1 or more."))
            ?? step.Operation switch
            {
                ControlOperations.Post => step.Text is null ? Shape.Malformed("A step that posts has a text.") : null,
                ControlOperations.Transfer => ControlDoor.CheckTarget(step.AgentId, step.GroupId, step.QueueId),
                ControlOperations.AddParticipant or ControlOperations.RemoveParticipant => Shape.Id(step.AgentId ?? Guid.Empty, "agentId"),
                ControlOperations.Tag => step.Labels is null || step.Labels.Any(label => label is null) ? Shape.Malformed("A step that tags names labels.") : null,
                ControlOperations.SetPriority => step.Priority is { } priority ? Shape.Defined(priority, "priority") : Shape.Malformed("priority is missing."),
                _ => null,
            };
    }
}

/// <summary>A request about a canned response or macro.</summary>
internal sealed record ChangeOfShortcut(Guid? Id, ItemKind Kind, ShortcutState State);
