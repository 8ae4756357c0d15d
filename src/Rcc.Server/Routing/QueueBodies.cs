using Rcc.Contracts.Routing;
using Rcc.Core.Routing;

namespace Rcc.Server.Routing;

/// <summary>A queue.</summary>
/// <param name="Id">The queue.</param>
/// <param name="MasterAgentId">The master agent who made it and runs it; null: it belongs to the account.</param>
/// <param name="Settings">How it is set.</param>
internal sealed record Queue(Guid Id, Guid? MasterAgentId, QueueBody Settings)
{
    public static Queue Of(QueueSnapshot queue) => new(queue.Id, queue.State.MasterAgentId, QueueBody.Of(queue.State));
}

/// <summary>How a queue is set.</summary>
/// <param name="Name">1 … 100 characters, unique in the account.</param>
/// <param name="Priority">0 … 100: of what waits equally urgently in two queues, the one of the higher number comes first.</param>
/// <param name="Policy">Who of those who could take it gets a conversation; absent: who serves the fewest.</param>
/// <param name="SelfAssign">Which agents may take by hand what waits here; absent: those who serve it.</param>
/// <param name="TeamIds">Up to 200 teams whose agents serve it. With no team and no agent named, all agents of the account do.</param>
/// <param name="AgentIds">Up to 200 agents who serve it besides.</param>
/// <param name="Skills">Up to 200: only an agent with all of these is given what waits here.</param>
/// <param name="OfferSeconds">A conversation is offered, and an agent has so long to accept it, 1 … 600; null: it is given without asking.</param>
/// <param name="BusinessHours">When it is served; null: always. Outside, nothing is given or offered, and what comes in waits.</param>
/// <param name="OfflineMessage">What a customer whose conversation waits outside the hours is told, once; null: nothing.</param>
/// <param name="OverflowQueueId">The queue that what waits here too long, or in vain, goes on to.</param>
/// <param name="MaxWaitSeconds">What has waited so long, 1 … 604,800, goes on to the overflow queue.</param>
/// <param name="MaxLength">So many may wait here, 1 … 199: what comes after them goes on to the overflow queue.</param>
/// <param name="TransferSeconds">What is transferred here and nobody takes goes back to the agent who had it after so long, 1 … 604,800; null: after as long as the server gives.</param>
/// <param name="FirstResponseSeconds">Open seconds within which an agent is to write to the customer for the first time, 1 … 2,592,000; null: no target.</param>
/// <param name="ResolutionSeconds">Open seconds within which the conversation is to be resolved, 1 … 2,592,000; null: no target.</param>
/// <param name="ReassignAfterSeconds">An agent who has not answered what the customer wrote for so long loses the conversation: it waits again, in its place, and others are asked first; null: it keeps it.</param>
/// <param name="AutoResolveAfterHours">What an agent has answered, and then nobody has written in for so long, is resolved; null: never.</param>
/// <param name="AutoResolveMessage">What the customer is told then; null: nothing.</param>
/// <param name="OfflineMessageWhenUnattended">The offline message is also told within the hours, while no agent who serves the queue is available.</param>
internal sealed record QueueBody(
    string Name,
    int Priority = 0,
    AssignmentPolicy Policy = AssignmentPolicy.LeastBusy,
    SelfAssigners SelfAssign = SelfAssigners.Members,
    IReadOnlyList<Guid>? TeamIds = null,
    IReadOnlyList<Guid>? AgentIds = null,
    IReadOnlyList<string>? Skills = null,
    int? OfferSeconds = null,
    WorkingHours? BusinessHours = null,
    string? OfflineMessage = null,
    Guid? OverflowQueueId = null,
    int? MaxWaitSeconds = null,
    int? MaxLength = null,
    int? TransferSeconds = null,
    int? FirstResponseSeconds = null,
    int? ResolutionSeconds = null,
    int? ReassignAfterSeconds = null,
    int? AutoResolveAfterHours = null,
    string? AutoResolveMessage = null,
    bool OfflineMessageWhenUnattended = false)
{
    public static QueueBody Of(QueueState queue) => new(
        queue.Name,
        queue.Priority,
        queue.Policy.ToAssignmentPolicy(),
        queue.SelfAssign.ToSelfAssigners(),
        queue.GroupIds,
        queue.AgentIds,
        queue.Skills,
        queue.OfferSeconds,
        queue.Hours is { } hours ? WorkingHours.Of(hours) : null,
        queue.OfflineMessage,
        queue.OverflowQueueId,
        queue.MaxWaitSeconds,
        queue.MaxLength,
        queue.TransferSeconds,
        queue.FirstResponseSeconds,
        queue.ResolutionSeconds,
        queue.ReassignAfterSeconds,
        queue.AutoResolveAfterHours,
        queue.AutoResolveMessage,
        queue.OfflineMessageWhenUnattended);

    public QueueState ToState() => new()
    {
        Name = Name,
        Priority = Priority,
        Policy = Policy.ToQueuePolicy(),
        SelfAssign = SelfAssign.ToSelfAssignment(),
        GroupIds = TeamIds ?? [],
        AgentIds = AgentIds ?? [],
        Skills = Skills ?? [],
        OfferSeconds = OfferSeconds,
        Hours = BusinessHours?.ToHours(),
        OfflineMessage = OfflineMessage,
        OverflowQueueId = OverflowQueueId,
        MaxWaitSeconds = MaxWaitSeconds,
        MaxLength = MaxLength,
        TransferSeconds = TransferSeconds,
        FirstResponseSeconds = FirstResponseSeconds,
        ResolutionSeconds = ResolutionSeconds,
        ReassignAfterSeconds = ReassignAfterSeconds,
        AutoResolveAfterHours = AutoResolveAfterHours,
        AutoResolveMessage = AutoResolveMessage,
        OfflineMessageWhenUnattended = OfflineMessageWhenUnattended,
    };
}

/// <summary>When a queue is served, by the clocks of a place.</summary>
/// <param name="TimeZone">The IANA name of the place's time zone: <c>Europe/Paris</c>.</param>
/// <param name="Open">When it is open, week by week.</param>
/// <param name="Holidays">Days on which nothing opens.</param>
internal sealed record WorkingHours(string TimeZone, IReadOnlyList<OpenPeriod> Open, IReadOnlyList<ClosedDays>? Holidays = null)
{
    public static WorkingHours Of(BusinessHours hours) => new(
        hours.TimeZone, [.. hours.Open.Select(open => new OpenPeriod((DayOfWeek)open.Day, open.From, open.To))], [.. hours.Holidays.Select(holiday => new ClosedDays(holiday.From, holiday.To, holiday.Name))]);

    public BusinessHours ToHours() => new()
    {
        TimeZone = TimeZone,
        Open = [.. Open.Select(open => new OpenHours((Weekday)open.Day, open.From, open.To))],
        Holidays = [.. (Holidays ?? []).Select(holiday => new Holiday(holiday.From, holiday.To, holiday.Name))],
    };
}

/// <summary>Open hours of a day of the week.</summary>
/// <param name="Day">The day on which they begin.</param>
/// <param name="From">When they begin, <c>09:00:00</c>.</param>
/// <param name="To">When they end; at or before the beginning it is on the next day, so that <c>00:00:00</c> is midnight.</param>
internal sealed record OpenPeriod(DayOfWeek Day, TimeOnly From, TimeOnly To);

/// <summary>Days on which nothing opens.</summary>
/// <param name="From">The first, <c>2026-12-24</c>.</param>
/// <param name="To">The last; null: the first alone.</param>
/// <param name="Name">For people.</param>
internal sealed record ClosedDays(DateOnly From, DateOnly? To = null, string? Name = null);

/// <summary>Where a waiting conversation stands.</summary>
/// <param name="Position">1: the next.</param>
/// <param name="EstimatedSeconds">The position, times the time from one to the next at which the last 20 conversations of the queue came to an agent within the last hour; null while fewer than 3 did, or while the queue is closed.</param>
/// <param name="OpensAt">When the queue opens (UTC); null while it is open.</param>
internal sealed record Place(int Position, int? EstimatedSeconds, DateTimeOffset? OpensAt);
