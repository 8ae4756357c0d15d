using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Customers;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to context information, of customers and of agents (RCC-40 … 45). What a lookup finds is set by the lookup alone.</summary>
public sealed class ContextDoor(
    IGrainFactory grains, IAgentStore agents, IAgentContextStore contexts, ContactEditDoor contacts, Admission admission, TimeProvider clock, IOptions<CustomerOptions> options)
{
    /// <summary>Ten years.</summary>
    const int MaxLifetimeSeconds = 10 * 366 * 24 * 3_600;

    public Task<Outcome> SetAsync(Caller caller, SetContext command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.SetContext, command.Number, attempt, out var refusal);
        refusal ??= CheckOwner(command.ContactId, command.AgentId) ?? Check(command);
        var context = new NewContext
        {
            Name = command.Name,
            Json = JsonOf(command.Value),
            Source = command.Source,
            IsVolatile = command.Volatile,
            Lifetime = command.LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            ConversationId = command.ConversationId,
        };
        return command.AgentId is { } agent
            ? ChangeAsync(caller, agent, refusal, grain => grain.SetAsync(caller, key, context, cancellationToken))
            : contacts.ChangeAsync(caller, command.ContactId.GetValueOrDefault(), refusal, grain => grain.SetContextAsync(caller, key, context, cancellationToken), cancellationToken);
    }

    public Task<Outcome> ClearAsync(Caller caller, ClearContext command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.ClearContext, command.Number, attempt, out var refusal);
        refusal ??= CheckOwner(command.ContactId, command.AgentId)
            ?? CheckName(command.Name)
            ?? (command.Source is { } source ? Shape.Defined(source, "source") : null);
        return command.AgentId is { } agent
            ? ChangeAsync(caller, agent, refusal, grain => grain.ClearAsync(caller, key, command.Name, command.Source, cancellationToken))
            : contacts.ChangeAsync(
                caller, command.ContactId.GetValueOrDefault(), refusal, grain => grain.ClearContextAsync(caller, key, command.Name, command.Source, cancellationToken), cancellationToken);
    }

    /// <summary>What is known of an agent, as far as the caller may see it.</summary>
    public Task<Found<ContextSheet>> FindAsync(Caller caller, Guid agent, CancellationToken cancellationToken) =>
        ShowAsync(caller, agent, (known, viewer) => new ContextSheet(AgentContext.Show(known, viewer).Context, AgentContext.ShowVolatile(known, viewer).Context), cancellationToken);

    /// <summary>The agent's presence; of its devices as much as the caller may see (RCC-48).</summary>
    public Task<Found<PresenceDocument>> FindPresenceAsync(Caller caller, Guid agent, CancellationToken cancellationToken) =>
        ShowAsync(caller, agent, (known, viewer) => PresenceDocument.Of(caller.Tenant.Value, agent, known.Agent.State, AgentPresence.Show(known, viewer).Devices), cancellationToken);

    Task<Found<T>> ShowAsync<T>(Caller caller, Guid agent, Func<AgentDossier, Viewer, T> show, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<T>(caller, Permission.RequireAgentOr(caller, Scopes.AgentsRead), async () =>
        {
            if (await contexts.FindAsync(agents, caller.Tenant, agent, cancellationToken) is not { Agent.State.Removed: false } found)
            {
                return Decision.NotFound("agent").ToOutcome();
            }

            var viewer = new Viewer(caller.Role, await agents.FindGroupOfAsync(caller, cancellationToken), found.Viewers.ContainsKey(caller.PersonId));
            return show(AgentContext.AsOf(found, clock.GetUtcNow()), viewer);
        });
    }

    Task<Outcome> ChangeAsync(Caller caller, Guid agent, Outcome? refusal, Func<IAgentContextGrain, Task<Answer>> act)
    {
        refusal ??= Permission.RequireAgentOr(caller, Scopes.AgentsWrite);
        return admission.CommandAsync(caller, refusal, () => act(grains.GetGrain<IAgentContextGrain>(caller.Tenant.KeyOf(agent))));
    }

    static Outcome? CheckOwner(Guid? contact, Guid? agent) => contact is null == agent is null
        ? Shape.Malformed("Either contactId or agentId says what the context is about.")
        : Shape.Id(contact ?? agent.GetValueOrDefault(), contact is null ? "agentId" : "contactId");

    Outcome? Check(SetContext command)
    {
        var limits = options.Value;
        var longest = command.Volatile ? limits.MaxVolatileLifetime : TimeSpan.MaxValue;
        return CheckName(command.Name)
            ?? Shape.Defined(command.Source, "source")
            ?? (command.Source == ContextSource.Database ? Shape.Malformed("source database is what lookups find; set manual or inferred.") : null)
            ?? (command.Value.ValueKind == JsonValueKind.Undefined ? Shape.Malformed("value is missing.") : null)
            ?? (Encoding.UTF8.GetByteCount(JsonOf(command.Value)) is var bytes && bytes > limits.MaxContextValueBytes
                ? Shape.TooLarge($"value has {bytes} bytes; MaxContextValueBytes is {limits.MaxContextValueBytes}.")
                : null)
            ?? ((LocationForm.Refuse(command.Name, command.Value) ?? Subscription.Refuse(command)) is { } wrong ? Shape.Malformed(wrong) : null)
            ?? (command.LifetimeSeconds is <= 0 or > MaxLifetimeSeconds || command.LifetimeSeconds > longest.TotalSeconds
                ? Shape.Malformed($"lifetimeSeconds must be 1 … {(int)Math.Min(longest.TotalSeconds, MaxLifetimeSeconds)}{(command.Volatile ? " (MaxVolatileLifetime)" : "")}.")
                : null)
            ?? (command.ConversationId is null || command.Source == ContextSource.Inferred ? null : Shape.Malformed("conversationId is for what is inferred."));
    }

    static Outcome? CheckName(string? name) => ContextInformation.IsName(name)
        ? null
        : Shape.Malformed($"name is namespace:name, at most {ContextInformation.MaxNameLength} visible ASCII characters.");

    static string JsonOf(JsonElement value) => value.ValueKind == JsonValueKind.Undefined ? "" : value.GetRawText();
}

/// <summary>Context information, as somebody may see it.</summary>
public sealed record ContextSheet(IReadOnlyList<ContextValue> Durable, IReadOnlyList<ContextValue> Volatile);
