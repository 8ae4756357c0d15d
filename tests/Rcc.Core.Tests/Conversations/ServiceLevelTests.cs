using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Conversations;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

public class ServiceLevelTests
{
    /// <summary>Friday; open until one o'clock, and on Monday from nine.</summary>
    static readonly BusinessHours Hours = new() { TimeZone = "UTC", Open = [new(Weekday.Friday, new(9, 0), new(13, 0)), new(Weekday.Monday, new(9, 0), new(17, 0))] };

    static readonly QueueState Queue = new() { Name = "Q", FirstResponseSeconds = 600, ResolutionSeconds = 7200, Hours = Hours };
    static readonly Guid Id = Guid.CreateVersion7();
    static readonly BusinessClock Clock = new(Hours);
    static readonly DateTimeOffset MondayAtNine = Callers.Noon.AddDays(3).AddHours(-3);

    [Fact]
    public void Targets_count_the_open_time_of_the_queue()
    {
        var targets = ServiceLevels.Begin(Id, Queue, Callers.Noon, 80)!;
        Assert.Equal((Callers.Noon.AddMinutes(10), Callers.Noon.AddMinutes(8)), (targets.FirstResponse!.DueAt, targets.FirstResponse.WarnAt));
        Assert.Equal((MondayAtNine.AddHours(1), MondayAtNine.AddMinutes(36)), (targets.Resolution!.DueAt, targets.Resolution.WarnAt));
        Assert.Null(ServiceLevels.Begin(Id, Queue with { FirstResponseSeconds = null, ResolutionSeconds = null }, Callers.Noon, 80));
        Assert.Null(ServiceLevels.Begin(Id, null, Callers.Noon, 80));
    }

    [Fact]
    public void They_are_warned_of_missed_and_told_to_everybody_who_sees_it_wait()
    {
        var opened = Opened();
        Assert.Equal(Callers.Noon.AddMinutes(8), opened.DueAt);
        Assert.Empty(Tick(opened, 7).Change!.Items);

        var warned = Tick(opened, 8);
        Assert.Equal(TargetStatus.Warned, warned.Next!.Handling.Targets!.FirstResponse!.Status);
        Assert.Contains(warned.Change!.Items, item => item.Key.Kind == ItemKind.Waiting);
        Assert.Equal(Callers.Noon.AddMinutes(10), warned.Next.DueAt);
        var missed = Tick(warned.Next, 10).Next!;
        Assert.Equal((TargetStatus.Breached, TargetStatus.Running), (missed.Handling.Targets!.FirstResponse!.Status, missed.Handling.Targets.Resolution!.Status));
        Assert.Equal(MondayAtNine.AddMinutes(36), missed.DueAt);
    }

    [Fact]
    public void An_agents_message_to_the_customer_is_the_first_response_and_a_note_is_not()
    {
        var agent = Callers.Agent();
        var given = Given(agent);
        Assert.Equal(TargetStatus.Running, ServiceLevels.Answered(given, agent, Lane.Notes).Handling.Targets!.FirstResponse!.Status);
        Assert.Equal(TargetStatus.Running, ServiceLevels.Answered(given, Callers.Customer(), Lane.Public).Handling.Targets!.FirstResponse!.Status);
        var answered = Conversation.Post(Callers.Tenant, given, agent, new(Guid.CreateVersion7(), Lane.Public, "text/plain", [65]), default, new());
        Assert.Equal(TargetStatus.Met, answered.Next!.Handling.Targets!.FirstResponse!.Status);
        Assert.Contains(answered.Change!.Items, item => item.Key.Kind == ItemKind.Handling);
    }

    [Fact]
    public void On_hold_the_clocks_stand()
    {
        var agent = Callers.Agent();
        var held = Conversation.Hold(Callers.Tenant, Given(agent), agent, Callers.Noon.AddMinutes(4)).Next!;
        Assert.True(held.DueAt <= Callers.Noon);
        var stands = Tick(held, 4).Next!;
        Assert.Equal((360, null), (stands.Handling.Targets!.FirstResponse!.LeftSeconds, stands.Handling.Targets.FirstResponse.DueAt));
        Assert.Null(stands.DueAt);

        // It is resumed after the weekend: the time on hold, open or not, does not count.
        var resumed = Conversation.Resume(Callers.Tenant, stands, agent).Next!;
        var runs = Conversation.Tick(Callers.Tenant, resumed, MondayAtNine.AddHours(2), default, Clock).Next!;
        Assert.Equal(MondayAtNine.AddHours(2).AddMinutes(6), runs.Handling.Targets!.FirstResponse!.DueAt);
        Assert.Equal(MondayAtNine.AddHours(2).AddMinutes(4), runs.Handling.Targets.FirstResponse.WarnAt);
    }

    [Fact]
    public void Put_off_the_clock_of_the_resolution_stands_until_it_comes_back()
    {
        var agent = Callers.Agent();
        var until = MondayAtNine.AddHours(1);
        var snoozed = Conversation.Snooze(Callers.Tenant, Answered(agent), agent, until, Callers.Noon.AddMinutes(4), new()).Next!;
        var stands = Tick(snoozed, 4).Next!;
        Assert.Equal((116 * 60, TargetStatus.Running, null), (stands.Handling.Targets!.Resolution!.LeftSeconds, stands.Handling.Targets.Resolution.Status, stands.Handling.Targets.Resolution.DueAt));

        // Only its own time is due: long after the target would have been.
        Assert.Equal(until, stands.DueAt);
        Assert.Empty(Tick(stands, 30).Change!.Items);
        var back = Settled(stands, until);
        Assert.Null(back.Handling.Snooze);
        Assert.Equal((until.AddMinutes(116), until.AddMinutes(92)), (back.Handling.Targets!.Resolution!.DueAt, back.Handling.Targets.Resolution.WarnAt));
        Assert.Equal(TargetStatus.Breached, Settled(back, until.AddMinutes(116)).Handling.Targets!.Resolution!.Status);
    }

    [Fact]
    public void A_customer_who_was_never_answered_is_not_put_off()
    {
        var agent = Callers.Agent();
        var snoozed = Settled(Conversation.Snooze(Callers.Tenant, Given(agent), agent, null, Callers.Noon.AddMinutes(4), new()).Next!, Callers.Noon.AddMinutes(4));
        Assert.Equal(Callers.Noon.AddMinutes(8), snoozed.DueAt);
        var missed = Settled(snoozed, Callers.Noon.AddMinutes(10));
        Assert.Equal((TargetStatus.Breached, TargetStatus.Running), (missed.Handling.Targets!.FirstResponse!.Status, missed.Handling.Targets.Resolution!.Status));
        Assert.NotNull(missed.Handling.Snooze);
    }

    [Fact]
    public void The_customers_message_lets_the_clock_run_again_and_the_agents_meets_the_target_while_it_stands()
    {
        var agent = Callers.Agent();
        var snoozed = Settled(Conversation.Snooze(Callers.Tenant, Answered(agent), agent, null, Callers.Noon.AddMinutes(4), new()).Next!, Callers.Noon.AddMinutes(4));
        Assert.Null(snoozed.DueAt);
        var customer = Callers.Customer(snoozed.State.ContactId);
        var woken = Conversation.Post(Callers.Tenant, snoozed, customer, new(Guid.CreateVersion7(), Lane.Public, "text/plain", [65]), default, new()).Next!;
        Assert.Equal(MondayAtNine.AddMinutes(76), Settled(woken, Callers.Noon.AddMinutes(20)).Handling.Targets!.Resolution!.DueAt);

        var held = Settled(Conversation.Hold(Callers.Tenant, Given(agent), agent, Callers.Noon.AddMinutes(4)).Next!, Callers.Noon.AddMinutes(4));
        var answered = ServiceLevels.Answered(held, agent, Lane.Public);
        Assert.Equal((TargetStatus.Met, null), (answered.Handling.Targets!.FirstResponse!.Status, answered.Handling.Targets.FirstResponse.LeftSeconds));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void However_late_the_tick_comes_the_clocks_stand_from_the_moment_it_was_stopped(bool isHold)
    {
        var agent = Callers.Agent();
        var at = Callers.Noon.AddMinutes(4);
        var stopped = (isHold ? Conversation.Hold(Callers.Tenant, Given(agent), agent, at) : Conversation.Snooze(Callers.Tenant, Given(agent), agent, null, at, new())).Next!;
        var late = Tick(stopped, 59).Next!;
        Assert.Equal((116 * 60, TargetStatus.Running), (late.Handling.Targets!.Resolution!.LeftSeconds, late.Handling.Targets.Resolution.Status));
    }

    [Fact]
    public void Held_and_put_off_the_clocks_run_when_both_have_ended()
    {
        var agent = Callers.Agent();
        var both = Conversation.Snooze(Callers.Tenant, Conversation.Hold(Callers.Tenant, Given(agent), agent, Callers.Noon.AddMinutes(2)).Next!, agent, null, Callers.Noon.AddMinutes(4), new()).Next!;
        both = Settled(both, Callers.Noon.AddMinutes(5));
        Assert.Equal((118 * 60, 480), (both.Handling.Targets!.Resolution!.LeftSeconds, both.Handling.Targets.FirstResponse!.LeftSeconds));
        var resumed = Settled(Conversation.Resume(Callers.Tenant, both, agent).Next!, Callers.Noon.AddMinutes(8));
        Assert.Equal((118 * 60, null), (resumed.Handling.Targets!.Resolution!.LeftSeconds, resumed.Handling.Targets.FirstResponse!.LeftSeconds));
        var runs = Settled(Conversation.Unsnooze(Callers.Tenant, resumed, agent).Next!, Callers.Noon.AddMinutes(10));
        Assert.Equal((MondayAtNine.AddMinutes(68), Callers.Noon.AddMinutes(16)), (runs.Handling.Targets!.Resolution!.DueAt, runs.Handling.Targets.FirstResponse!.DueAt));
    }

    [Fact]
    public void In_another_queue_it_keeps_the_targets_it_has_and_only_without_any_gets_those_of_the_queue()
    {
        var agent = Callers.Agent();
        var others = ServiceLevels.Begin(Guid.CreateVersion7(), Queue with { ResolutionSeconds = 60 }, Callers.Noon.AddMinutes(1), 80);
        var opened = Opened();
        Assert.Equal(opened.Handling.Targets, Conversation.Move(Callers.Tenant, opened, opened.Handling.QueueId, Guid.CreateVersion7(), others).Next!.Handling.Targets);
        var without = opened with { Handling = opened.Handling with { Targets = null } };
        Assert.Equal(others, Conversation.Move(Callers.Tenant, without, opened.Handling.QueueId, Guid.CreateVersion7(), others).Next!.Handling.Targets);

        var to = new TransferTo(TransferKind.Blind, null, null, Guid.CreateVersion7());
        var targets = new Targets(Callers.Noon.AddMinutes(1), default, []) { Service = others };
        var given = Given(agent);
        Assert.Equal(given.Handling.Targets, Conversation.Transfer(Callers.Tenant, given, agent, to, targets, new()).Next!.Handling.Targets);
        Assert.Equal(others, Conversation.Transfer(Callers.Tenant, given with { Handling = given.Handling with { Targets = null } }, agent, to, targets, new()).Next!.Handling.Targets);
    }

    /// <summary>With the hours of another time what is left is no more than was given, and nobody is late who was in time by the hours of either.</summary>
    [Fact]
    public void Hours_that_are_edited_while_a_clock_runs_make_nobody_late()
    {
        var agent = Callers.Agent();
        foreach (var (before, after) in new[] { (new BusinessClock(null), Clock), (Clock, new BusinessClock(null)) })
        {
            var given = Given(agent);
            var begun = ServiceLevels.Begin(Id, Queue with { ResolutionSeconds = 7200, Hours = ReferenceEquals(before, Clock) ? Hours : null }, Callers.Noon, 80);
            var stopped = Conversation.Hold(Callers.Tenant, given with { Handling = given.Handling with { Targets = begun } }, agent, Callers.Noon.AddMinutes(90)).Next!;
            var left = ServiceLevels.Tick(stopped, Callers.Noon.AddMinutes(90), after).Handling.Targets!.Resolution!.LeftSeconds!.Value;
            Assert.InRange(left, 30 * 60, 7200);
        }
    }

    [Fact]
    public void Resolved_in_time_it_is_met_and_reopened_it_begins_anew()
    {
        var agent = Callers.Agent();
        var resolved = Conversation.Resolve(Callers.Tenant, Given(agent), agent).Next!;
        Assert.Equal(TargetStatus.Met, resolved.Handling.Targets!.Resolution!.Status);
        Assert.Null(resolved.Handling.Targets.FirstResponse);
        Assert.Null(resolved.DueAt);
        var again = new Session(Callers.Noon.AddMinutes(30), Guid.CreateVersion7(), null, ServiceLevels.Begin(Id, Queue, Callers.Noon.AddMinutes(30), 80));
        Assert.Equal(Callers.Noon.AddMinutes(40), Conversation.Reopen(Callers.Tenant, resolved, agent, again).Next!.Handling.Targets!.FirstResponse!.DueAt);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 100)];

    /// <summary>Against a stop-watch: the open time that passed while it was neither on hold nor put off.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void However_often_it_is_held_and_put_off_it_is_missed_when_so_much_open_time_has_passed(int seed)
    {
        var random = new Random(seed);
        var agent = Callers.Agent();
        var now = Given(agent);
        var at = Callers.Noon;
        var used = TimeSpan.Zero;
        for (var step = 0; step < 60; step++)
        {
            var next = at.AddMinutes(random.Next(200));
            if (now.Handling is { Hold: null, Snooze: null })
            {
                used += Clock.Between(at, next);
            }

            at = next;
            now = Settle(now);
            var resolution = now.Handling.Targets!.Resolution!;
            Assert.Equal(used >= TimeSpan.FromHours(2), resolution.Status == TargetStatus.Breached);
            Assert.True(resolution.Status != TargetStatus.Running || used < TimeSpan.FromMinutes(96));
            now = Settle((random.Next(4) switch
            {
                0 => now.Handling.Hold is null ? Conversation.Hold(Callers.Tenant, now, agent, at) : Conversation.Resume(Callers.Tenant, now, agent),
                1 => now.Handling.Snooze is null ? Conversation.Snooze(Callers.Tenant, now, agent, null, at, new()) : Conversation.Unsnooze(Callers.Tenant, now, agent),
                _ => Conversation.SetPriority(Callers.Tenant, now, agent, Priority.Low),
            }).Next!);
        }

        ConversationSnapshot Settle(ConversationSnapshot state) => Settled(state, at);
    }

    /// <summary>As the node would: whatever is due happens.</summary>
    static ConversationSnapshot Settled(ConversationSnapshot state, DateTimeOffset at)
    {
        for (var turns = 0; state.DueAt <= at; turns++)
        {
            Assert.True(turns < 5, "ticking comes to an end");
            state = Conversation.Tick(Callers.Tenant, state, at, default, Clock).Next!;
        }

        return state;
    }

    static Decision<ConversationSnapshot> Tick(ConversationSnapshot now, int minutes) => Conversation.Tick(Callers.Tenant, now, Callers.Noon.AddMinutes(minutes), default, Clock);

    /// <summary>Given to the agent, who has answered at once.</summary>
    static ConversationSnapshot Answered(Caller agent) => ServiceLevels.Answered(Given(agent), agent, Lane.Public);

    static ConversationSnapshot Opened() => Conversation.Open(
        Callers.Tenant,
        Guid.CreateVersion7(),
        new(Callers.Inbox, Callers.Customer().PersonId, "Ada"),
        1,
        0,
        new(Callers.Noon, Guid.CreateVersion7(), null, ServiceLevels.Begin(Id, Queue, Callers.Noon, 80)),
        new()).Next!;

    static ConversationSnapshot Given(Caller agent) => Conversation.Route(
        Callers.Tenant, Opened(), new(agent.PersonId, 1, false, Contracts.Agents.Availability.Online, 3), null, Callers.Noon).Next!;
}
