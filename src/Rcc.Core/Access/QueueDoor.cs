using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to queues.</summary>
public sealed class QueueDoor(
    IGrainFactory grains, IQueueStore queues, IAgentStore agents, Admission admission, TimeProvider clock, IOptions<AccessOptions> access, IOptions<AgentOptions> agentLimits, IOptions<RoutingOptions> limits,
    IOptions<ConversationOptions> conversationLimits)
{
    /// <summary>A master agent or an application makes a queue. <see cref="Outcome.Id"/> names it.</summary>
    public Task<Outcome> CreateAsync(Caller caller, QueueState queue, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(queue);
        var key = CommandKeys.Make(queue, ContractJson.Default.QueueState, 0, attempt, out var refusal);
        return SetAsync(caller, refusal, queue, settings => Grain(caller, Guid.CreateVersion7()).CreateAsync(caller, key, settings, cancellationToken), cancellationToken);
    }

    /// <summary>Replaces all settings of a queue.</summary>
    public Task<Outcome> ChangeAsync(Caller caller, Guid id, QueueState queue, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(queue);
        var key = CommandKeys.Make(new(id, queue), AccessJson.Default.ChangeOfQueue, 0, attempt, out var refusal);
        return SetAsync(caller, refusal, queue, settings => Grain(caller, id).ChangeAsync(caller, key, settings, cancellationToken), cancellationToken);
    }

    /// <summary>Removes a queue that nothing leads into.</summary>
    public Task<Outcome> RemoveAsync(Caller caller, Guid id, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("removeQueue", id), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.Queues);
        return admission.CommandAsync(caller, refusal, () => Grain(caller, id).RemoveAsync(caller, key, cancellationToken));
    }

    public Task<Found<QueueSnapshot>> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<QueueSnapshot>(caller, Permission.RequireAgentOr(caller, Scopes.Queues), async () =>
            QueueSnapshot.Or(await queues.LoadAsync(caller.Tenant, id, cancellationToken), caller.Tenant, id) is { } found ? found : Decision.NotFound("queue").ToOutcome());
    }

    /// <summary>The account's queues, by id. The one every account has is among them from the first, and first: no id that the server makes now is lower.</summary>
    public Task<Found<Listing<QueueSnapshot>>> ListAsync(Caller caller, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ListAsync(caller, Permission.RequireAgentOr(caller, Scopes.Queues), page, async (after, limit) =>
        {
            var stored = await queues.ListAsync(caller.Tenant, after, limit, cancellationToken);
            return after >= caller.Tenant.Value || stored.Any(queue => queue.Id == caller.Tenant.Value)
                ? stored
                : [.. stored.Append(QueueSnapshot.Default(caller.Tenant)).OrderBy(queue => queue.Id).Take(limit)];
        });
    }

    /// <summary>Where a waiting conversation stands: for its customer, for any agent, and for an application that reads conversations.</summary>
    public async Task<QueuePosition> FindPositionAsync(Caller caller, Guid conversation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var refusal = Permission.RequireReader(caller) ?? Shape.Id(conversation, "conversationId");
        var found = await admission.ReadAsync<PlaceInQueue>(caller, refusal, async () =>
        {
            var at = clock.GetUtcNow();
            if (await queues.FindPlaceAsync(caller.Tenant, conversation, at - WaitEstimate.Window, WaitEstimate.Sample, cancellationToken) is not { } place
                || (caller.Role == Role.Customer && place.ContactId != caller.PersonId))
            {
                return Decision.NotFound("conversation").ToOutcome();
            }

            return place.Position is null ? Outcome.Refused(ErrorCode.Conflict, "The conversation does not wait.") : place;
        });
        if (!found.IsOk)
        {
            return new() { Outcome = found.Outcome };
        }

        var position = found.Value.Position!.Value;
        var (estimatedSeconds, opensAt) = WaitEstimate.Of(position, found.Value.Queue, found.Value.Served, clock.GetUtcNow());
        return new() { Outcome = Outcome.Done, Position = position, EstimatedSeconds = estimatedSeconds, OpensAt = opensAt };
    }

    IQueueGrain Grain(Caller caller, Guid id) => grains.GetGrain<IQueueGrain>(caller.Tenant.KeyOf(id));

    Task<Outcome> SetAsync(Caller caller, Outcome? refusal, QueueState queue, Func<QueueSettings, Task<Answer>> act, CancellationToken cancellationToken)
    {
        refusal ??= Permission.RequireMasterOr(caller, Scopes.Queues) ?? Check(queue);
        return admission.CommandAsync(caller, Services.Queues, refusal, async () =>
            await RefuseNamedAsync(caller, queue, cancellationToken) ?? await act(new(ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(queue, ContractJson.Default.QueueState)))));
    }

    Outcome? Check(QueueState queue) =>
        Shape.Name(queue.Name, "name", access.Value.MaxNameLength)
        ?? Shape.Within(queue.Priority, "priority", 0, 100)
        ?? Shape.Defined(queue.Policy, "policy")
        ?? Shape.Defined(queue.SelfAssign, "selfAssign")
        ?? Named(queue.GroupIds, "groupIds")
        ?? Named(queue.AgentIds, "agentIds")
        ?? Named(queue.Skills, "skills")
        ?? Shape.Each(queue.Skills, skill => Shape.Name(skill, "skills", agentLimits.Value.MaxSkillLength))
        ?? (queue.OfferSeconds is { } seconds ? Shape.Within(seconds, "offerSeconds", 1, limits.Value.MaxOfferSeconds) : null)
        ?? (queue.OfflineMessage is { } text ? Shape.Utf8(text, "offlineMessage", nameof(ConversationOptions.MaxContentBytes), conversationLimits.Value.MaxContentBytes, mayBeEmpty: false, out _) : null)
        ?? (queue.AutoResolveMessage is { } farewell ? Shape.Utf8(farewell, "autoResolveMessage", nameof(ConversationOptions.MaxContentBytes), conversationLimits.Value.MaxContentBytes, mayBeEmpty: false, out _) : null)
        ?? (queue.ReassignAfterSeconds is { } answer ? Shape.Within(answer, "reassignAfterSeconds", 1, limits.Value.MaxWaitSeconds) : null)
        ?? (queue.AutoResolveAfterHours is { } hoursOfSilence ? Shape.Within(hoursOfSilence, "autoResolveAfterHours", 1, limits.Value.MaxAutoResolveHours) : null)
        ?? (queue is { AutoResolveMessage: not null, AutoResolveAfterHours: null } ? Shape.Malformed("autoResolveMessage needs autoResolveAfterHours.") : null)
        ?? (queue is { OfflineMessageWhenUnattended: true, OfflineMessage: null } ? Shape.Malformed("offlineMessageWhenUnattended needs offlineMessage.") : null)
        ?? (queue.MaxWaitSeconds is { } wait ? Shape.Within(wait, "maxWaitSeconds", 1, limits.Value.MaxWaitSeconds) : null)
        ?? (queue.TransferSeconds is { } transfer ? Shape.Within(transfer, "transferSeconds", 1, limits.Value.MaxWaitSeconds) : null)
        ?? (queue.FirstResponseSeconds is { } first ? Shape.Within(first, "firstResponseSeconds", 1, limits.Value.MaxTargetSeconds) : null)
        ?? (queue.ResolutionSeconds is { } resolution ? Shape.Within(resolution, "resolutionSeconds", 1, limits.Value.MaxTargetSeconds) : null)
        ?? (queue.MaxLength is { } length ? Shape.Within(length, "maxLength", 1, limits.Value.MaxConversationsPerLook - 1) : null)
        ?? (queue is { OverflowQueueId: null, MaxWaitSeconds: null, MaxLength: null } or { OverflowQueueId: not null } ? null : Shape.Malformed("maxWaitSeconds and maxLength need overflowQueueId: where to."))
        ?? (queue.Hours is { } hours ? Check(hours) : null);

    Outcome? Check(BusinessHours hours) =>
        (TimeZoneInfo.TryFindSystemTimeZoneById(hours.TimeZone ?? "", out var zone) && zone.HasIanaId ? null : Shape.Malformed("hours.timeZone is no time zone by its IANA name, such as Europe/Paris."))
        ?? Shape.Counted(hours.Open.Count, "hours.open", nameof(RoutingOptions.MaxOpenHours), limits.Value.MaxOpenHours)
        ?? Shape.Counted(hours.Holidays.Count, "hours.holidays", nameof(RoutingOptions.MaxHolidays), limits.Value.MaxHolidays)
        ?? Shape.Each(hours.Open, open => open is null ? Shape.Malformed("hours.open has an empty entry.") : Shape.Defined(open.Day, "hours.open.day"))
        ?? Shape.Each(hours.Holidays, holiday => holiday is null || holiday.To < holiday.From
            ? Shape.Malformed("hours.holidays: each ends on its first day or later.")
            : Shape.OptionalName(holiday.Name, "hours.holidays.name", access.Value.MaxNameLength));

    Outcome? Named<T>(IReadOnlyList<T> named, string member) =>
        Shape.Counted(named.Count, member, nameof(RoutingOptions.MaxNamedByQueue), limits.Value.MaxNamedByQueue) ?? Shape.Once(named, member);

    /// <summary>Groups and agents must exist, and a master agent names only its own (RCC-36).</summary>
    async Task<Answer?> RefuseNamedAsync(Caller caller, QueueState queue, CancellationToken cancellationToken)
    {
        if (queue.OverflowQueueId is { } next && QueueSnapshot.Or(await queues.LoadAsync(caller.Tenant, next, cancellationToken), caller.Tenant, next) is null)
        {
            return Decision.NotFound("queue");
        }

        foreach (var id in queue.GroupIds)
        {
            var group = await agents.LoadGroupAsync(caller.Tenant, id, cancellationToken);
            if (group is null)
            {
                return Decision.NotFound("group");
            }

            if (caller.Role == Role.MasterAgent && group.State.MasterAgentId != caller.PersonId)
            {
                return Answer.Refused(ErrorCode.Forbidden, "The group is run by another master agent.");
            }
        }

        foreach (var id in queue.AgentIds)
        {
            var agent = await agents.LoadAsync(caller.Tenant, id, cancellationToken);
            if (agent is null)
            {
                return Decision.NotFound("agent");
            }

            var group = agent.State.GroupId is { } named ? await agents.LoadGroupAsync(caller.Tenant, named, cancellationToken) : null;
            if (agent.Id != caller.PersonId && !Agent.IsManagedBy(agent, group, caller))
            {
                return Answer.Refused(ErrorCode.Forbidden, "The agent is not managed by the caller.");
            }
        }

        return null;
    }
}
