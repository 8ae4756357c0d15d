using Rcc.Contracts.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

// Whether an agent takes conversations: by hand, or as its devices are in use.
public static partial class Agent
{
    /// <summary>Whether the agent is at the desk and can answer what it is offered, whether or not it takes more.</summary>
    public static bool IsThere(bool isSuspended, Availability availability) => !isSuspended && availability is not (Availability.Offline or Availability.Away);

    /// <summary>Sets the availability by hand, or leaves it to the devices: the one that asks is in use. <paramref name="labels"/> are the tenant's own words.</summary>
    public static Decision<AgentSnapshot> SetAvailability(
        TenantId tenant, AgentSnapshot? now, Caller caller, AvailabilityChoice choice, IReadOnlyList<AvailabilityLabel> labels, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(choice);
        ArgumentNullException.ThrowIfNull(labels);
        if (IsGone(now) || now.Id != caller.PersonId)
        {
            return NotFound;
        }

        var label = choice.Label is null ? null : labels.FirstOrDefault(one => string.Equals(one.Name, choice.Label, StringComparison.OrdinalIgnoreCase));
        if (choice.Label is not null && label is null)
        {
            return Decision.NotFound("availability label");
        }

        return SetAvailability(tenant, now, now.State with
        {
            Availability = label?.Availability ?? choice.Availability ?? Availability.Online,
            AvailabilityInferred = choice.IsLeftToDevices,
            AvailabilityLabel = label?.Name,
            AvailabilityNote = choice.Note,
            AvailabilityUntil = choice.Until,
        }, at);
    }

    /// <summary>The availability that follows from the devices, where it is left to them or what was set by hand has expired; refused where nothing changes. <paramref name="inferred"/> is what the signed-in devices say.</summary>
    public static Decision<AgentSnapshot> Infer(TenantId tenant, AgentSnapshot? now, Availability inferred, DateTimeOffset at)
    {
        if (IsGone(now) || now.State.Suspended || !(now.State.AvailabilityInferred || now.State.AvailabilityUntil <= at))
        {
            return Answer.Refused(ErrorCode.Conflict, "The availability is not left to the devices.");
        }

        var decision = SetAvailability(tenant, now, now.State with
        {
            Availability = now.Devices.Count == 0 ? Availability.Offline : inferred,
            AvailabilityInferred = true,
            AvailabilityLabel = null,
            AvailabilityNote = null,
            AvailabilityUntil = null,
        }, at);
        return decision.Next == now ? Answer.Refused(ErrorCode.Conflict, "The availability is what the devices say.") : decision;
    }

    /// <summary>
    /// An agent who is online and has left <paramref name="limit"/> offers unanswered is not there, whatever its devices say: it is away until it says itself that it is back, and counts from none again.
    /// </summary>
    public static Decision<AgentSnapshot> GoAway(TenantId tenant, AgentSnapshot? now, MissedOffers missed, int limit, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(missed);
        if (IsGone(now))
        {
            return NotFound;
        }

        if (limit == 0 || missed.Count < limit)
        {
            return Answer.Refused(ErrorCode.Conflict, "The agent has not left too many offers unanswered.");
        }

        var state = now.State.Availability == Availability.Online ? Unavailable(now.State) with { Availability = Availability.Away } : now.State;
        var decision = SetAvailability(tenant, now, state, at);
        return Decision.Accept(decision.Next!, decision.Change! with { Items = decision.Change.Items.Add(missed.Forgotten()!) });
    }

    static AgentState Unavailable(AgentState state) => state with
    {
        Availability = Availability.Offline, AvailabilityInferred = false, AvailabilityLabel = null, AvailabilityNote = null, AvailabilityUntil = null,
    };

    static Decision<AgentSnapshot> SetAvailability(TenantId tenant, AgentSnapshot now, AgentState state, DateTimeOffset at)
    {
        if (state == now.State)
        {
            return Decision.Accept(now, Unchanged(now));
        }

        var isOther = state.Availability != now.State.Availability || !string.Equals(state.AvailabilityLabel, now.State.AvailabilityLabel, StringComparison.Ordinal);
        var next = now with { Revision = now.Revision + 1, State = isOther ? state with { AvailabilitySince = at } : state };
        return Decision.Accept(next, Change(tenant, now, next));
    }
}
