using Rcc.Contracts.Routing;
using Rcc.Core.Routing;

namespace Rcc.Core.Tests.Routing;

public class RoutingPlanTests
{
    static readonly Guid Sales = Guid.CreateVersion7();
    static readonly Guid Backup = Guid.CreateVersion7();
    static readonly BusinessHours FromOneOn = new() { TimeZone = "UTC", Open = [new(Weekday.Friday, new(13, 0), default)] };

    [Fact]
    public void Outside_its_hours_a_queue_gives_nothing_and_each_customer_is_told_once()
    {
        var known = Waiting(1) with { ToldOffline = true };
        var plan = Plan([Waiting(0), known], [new(Sales, 1, new() { Name = "Sales", Hours = FromOneOn, OfflineMessage = "Back at one." })]);

        Assert.Empty(plan.Picked);
        Assert.Equal("Back at one.", Assert.Single(plan.Notices).Text);
        Assert.NotEqual(known.Id, plan.Notices[0].Conversation);
        Assert.Equal(Callers.Noon.AddHours(1), plan.LookAgainAt);
    }

    [Fact]
    public void Within_them_it_gives_and_tells_nobody()
    {
        var plan = RoutingPlan.Make(Callers.Tenant, new([Waiting(0)], [Agent()], [new(Sales, 1, new() { Name = "Sales", Hours = FromOneOn, OfflineMessage = "Back at one." })]), Callers.Noon.AddHours(1), TimeSpan.Zero);
        Assert.Single(plan.Picked);
        Assert.Empty(plan.Notices);
    }

    [Fact]
    public void What_waited_too_long_goes_on_once()
    {
        var queue = new QueueState { Name = "Sales", OverflowQueueId = Backup, MaxWaitSeconds = 600 };
        var late = Waiting(-10);
        var back = Waiting(-10) with { Overflowed = true };
        var soon = Waiting(-4);
        var plan = Plan([late, back, soon], [new(Sales, 1, queue), new(Backup, 1, new() { Name = "Backup" })], agents: []);

        Assert.Equal([new QueueMove(late.Id, Sales, Backup)], plan.Moves);
        Assert.Equal(Callers.Noon.AddMinutes(6), plan.LookAgainAt);
    }

    [Fact]
    public void What_comes_after_those_who_may_wait_goes_on()
    {
        var queue = new QueueState { Name = "Sales", OverflowQueueId = Callers.Tenant.Value, MaxLength = 2 };
        var waiting = Enumerable.Range(0, 4).Select(Waiting).ToList();
        var plan = Plan([waiting[3], waiting[1], waiting[0], waiting[2]], [new(Sales, 1, queue)], agents: []);

        Assert.Equal([waiting[2].Id, waiting[3].Id], plan.Moves.Select(move => move.Conversation));
        Assert.All(plan.Moves, move => Assert.Equal(Callers.Tenant.Value, move.To));
    }

    [Fact]
    public void Within_the_hours_who_waits_is_told_once_while_nobody_is_there_if_the_queue_wants_it()
    {
        var known = Waiting(1) with { ToldOffline = true };
        var queue = new QueueState { Name = "Sales", Skills = ["french"], OfflineMessage = "Nobody is there.", OfflineMessageWhenUnattended = true };
        IReadOnlyList<WaitingConversation> waiting = [Waiting(0), known];
        Assert.Equal([waiting[0].Id], Plan(waiting, [new(Sales, 1, queue)]).Notices.Select(notice => notice.Conversation));
        Assert.Empty(Plan(waiting, [new(Sales, 1, queue with { OfflineMessageWhenUnattended = false })]).Notices);

        // Who is there has no place left: the customer waits for somebody.
        Assert.Empty(Plan(waiting, [new(Sales, 1, queue)], [new(Guid.CreateVersion7(), 1, null, 1) { Skills = ["French"] }]).Notices);
    }

    [Fact]
    public void Who_has_lost_its_agent_comes_before_who_came_later()
    {
        var lost = Waiting(30) with { SessionSince = Callers.Noon };
        var plan = Plan([Waiting(10), lost, Waiting(20)], [new(Sales, 1, new() { Name = "Sales" })], [Agent(1)]);
        Assert.Equal(lost.Id, Assert.Single(plan.Picked).Conversation);
    }

    [Fact]
    public void What_somebody_can_take_goes_on_nowhere_however_much_came_at_once_and_however_long_it_waited()
    {
        var waiting = Enumerable.Range(-10, 8).Select(Waiting).ToList();
        IReadOnlyList<QueueSnapshot> queues = [new(Sales, 1, new() { Name = "Sales", OverflowQueueId = Backup, MaxLength = 5, MaxWaitSeconds = 1 }), new(Backup, 1, new() { Name = "Backup" })];
        var enough = Plan(waiting, queues, [.. Enumerable.Range(0, 8).Select(_ => Agent(1))]);
        Assert.Equal(8, enough.Picked.Count);
        Assert.Empty(enough.Moves);

        // The last ones come to nobody: they have waited too long.
        var few = Plan(waiting, queues, [Agent(6)]);
        Assert.Equal(waiting.Take(6).Select(one => one.Id), few.Picked.Select(one => one.Conversation));
        Assert.Equal(waiting.Skip(6).Select(one => one.Id), few.Moves.Select(one => one.Conversation));
    }

    [Fact]
    public void So_many_as_may_wait_are_those_who_are_left()
    {
        var waiting = Enumerable.Range(0, 8).Select(Waiting).ToList();
        IReadOnlyList<QueueSnapshot> queues = [new(Sales, 1, new() { Name = "Sales", OverflowQueueId = Backup, MaxLength = 5 }), new(Backup, 1, new() { Name = "Backup" })];
        var plan = Plan(waiting, queues, [Agent(2)]);
        Assert.Equal([waiting[7].Id], plan.Moves.Select(one => one.Conversation));
        Assert.Equal(2, plan.Picked.Count);
    }

    [Fact]
    public void Nothing_goes_on_to_a_queue_that_is_closed_or_gone()
    {
        var queue = new QueueState { Name = "Sales", OverflowQueueId = Backup, MaxLength = 1, MaxWaitSeconds = 1 };
        Assert.Empty(Plan([Waiting(0), Waiting(1)], [new(Sales, 1, queue), new(Backup, 1, new() { Name = "Backup", Hours = FromOneOn })], agents: []).Moves);
        Assert.Empty(Plan([Waiting(0), Waiting(1)], [new(Sales, 1, queue)], agents: []).Moves);
    }

    [Fact]
    [Trait("Catalogue", "RCC-15")]
    public void What_was_transferred_to_a_queue_that_closes_or_is_removed_is_given_back_and_the_customer_told_nothing()
    {
        var transferred = Waiting(0) with { TransferredFrom = Guid.CreateVersion7() };
        var own = Waiting(1);
        var closed = Plan([transferred, own], [new(Sales, 1, new() { Name = "Sales", Hours = FromOneOn, OfflineMessage = "Back at one." })]);
        Assert.Equal([transferred.Id], closed.GivenBack);
        Assert.Equal(own.Id, Assert.Single(closed.Notices).Conversation);
        Assert.Empty(closed.Picked);

        var gone = Plan([transferred, own], []);
        Assert.Equal([transferred.Id], gone.GivenBack);
        Assert.Equal([new QueueMove(own.Id, Sales, Callers.Tenant.Value)], gone.Moves);
        Assert.Empty(Plan([transferred], [new(Sales, 1, new() { Name = "Sales" })]).GivenBack);
    }

    [Fact]
    [Trait("Catalogue", "RCC-14")]
    public void What_was_transferred_goes_to_anybody_but_who_transferred_it()
    {
        var (source, other) = (Agent(), Agent());
        var transferred = Waiting(0) with { TransferredFrom = source.Id };
        IReadOnlyList<QueueSnapshot> queues = [new(Sales, 1, new() { Name = "Sales" })];
        Assert.Empty(Plan([transferred], queues, [source]).Picked);
        Assert.Equal(other.Id, Assert.Single(Plan([transferred], queues, [source, other]).Picked).Agent);
        Assert.Equal(other.Id, Assert.Single(Plan([transferred with { Passed = [other.Id] }], queues, [source, other]).Picked).Agent);
    }

    [Fact]
    public void What_waits_in_a_removed_queue_goes_on_where_everybody_is()
    {
        var lost = Waiting(0);
        Assert.Equal([new QueueMove(lost.Id, Sales, Callers.Tenant.Value)], Plan([lost], []).Moves);
        Assert.Single(Plan([lost with { QueueId = Callers.Tenant.Value }], []).Picked);
    }

    static RoutingPlan Plan(IReadOnlyList<WaitingConversation> waiting, IReadOnlyList<QueueSnapshot> queues, IReadOnlyList<AvailableAgent>? agents = null) =>
        RoutingPlan.Make(Callers.Tenant, new(waiting, agents ?? [Agent()], queues), Callers.Noon, TimeSpan.Zero);

    static AvailableAgent Agent(int capacity = 9) => new(Guid.CreateVersion7(), 0, null, capacity);

    static WaitingConversation Waiting(int minute) => new() { Id = Guid.CreateVersion7(), DisplayId = minute, QueueId = Sales, Since = Callers.Noon.AddMinutes(minute) };
}
