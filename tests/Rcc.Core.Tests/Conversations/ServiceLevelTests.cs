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
    static readonly BusinessClock Clock = new(Hours);
    static readonly DateTimeOffset MondayAtNine = Callers.Noon.AddDays(3).AddHours(-3);

    [Fact]
    public void Targets_count_the_open_time_of_the_queue()
    {
        var targets = ServiceLevels.Begin(Queue, Callers.Noon, 80)!;
        Assert.Equal((Callers.Noon.AddMinutes(10), Callers.Noon.AddMinutes(8)), (targets.FirstResponse!.DueAt, targets.FirstResponse.WarnAt));
        Assert.Equal((MondayAtNine.AddHours(1), MondayAtNine.AddMinutes(36)), (targets.Resolution!.DueAt, targets.Resolution.WarnAt));
        Assert.Null(ServiceLevels.Begin(Queue with { FirstResponseSeconds = null, ResolutionSeconds = null }, Callers.Noon, 80));
        Assert.Null(ServiceLevels.Begin(null, Callers.Noon, 80));
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
    public void Resolved_in_time_it_is_met_and_reopened_it_begins_anew()
    {
        var agent = Callers.Agent();
        var resolved = Conversation.Resolve(Callers.Tenant, Given(agent), agent).Next!;
        Assert.Equal(TargetStatus.Met, resolved.Handling.Targets!.Resolution!.Status);
        Assert.Null(resolved.Handling.Targets.FirstResponse);
        Assert.Null(resolved.DueAt);
        var again = new Session(Callers.Noon.AddMinutes(30), Guid.CreateVersion7(), null, ServiceLevels.Begin(Queue, Callers.Noon.AddMinutes(30), 80));
        Assert.Equal(Callers.Noon.AddMinutes(40), Conversation.Reopen(Callers.Tenant, resolved, agent, again).Next!.Handling.Targets!.FirstResponse!.DueAt);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 100)];

    /// <summary>Against a stop-watch: the open time that passed while it was not on hold.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void However_often_it_is_held_it_is_missed_when_so_much_open_time_has_passed(int seed)
    {
        var random = new Random(seed);
        var agent = Callers.Agent();
        var now = Given(agent);
        var at = Callers.Noon;
        var used = TimeSpan.Zero;
        for (var step = 0; step < 60; step++)
        {
            var next = at.AddMinutes(random.Next(200));
            if (now.Handling.Hold is null)
            {
                used += Clock.Between(at, next);
            }

            at = next;
            now = Settle(now);
            var resolution = now.Handling.Targets!.Resolution!;
            Assert.Equal(used >= TimeSpan.FromHours(2), resolution.Status == TargetStatus.Breached);
            Assert.True(resolution.Status != TargetStatus.Running || used < TimeSpan.FromMinutes(96));
            if (random.Next(2) == 0)
            {
                now = Settle((now.Handling.Hold is null ? Conversation.Hold(Callers.Tenant, now, agent, at) : Conversation.Resume(Callers.Tenant, now, agent)).Next!);
            }
        }

        // As the node would: whatever is due happens.
        ConversationSnapshot Settle(ConversationSnapshot state)
        {
            for (var turns = 0; state.DueAt <= at; turns++)
            {
                Assert.True(turns < 5, "ticking comes to an end");
                state = Conversation.Tick(Callers.Tenant, state, at, default, Clock).Next!;
            }

            return state;
        }
    }

    static Decision<ConversationSnapshot> Tick(ConversationSnapshot now, int minutes) => Conversation.Tick(Callers.Tenant, now, Callers.Noon.AddMinutes(minutes), default, Clock);

    static ConversationSnapshot Opened() => Conversation.Open(
        Callers.Tenant,
        Guid.CreateVersion7(),
        new(Callers.Inbox, Callers.Customer().PersonId, "Ada"),
        1,
        0,
        new(Callers.Noon, Guid.CreateVersion7(), null, ServiceLevels.Begin(Queue, Callers.Noon, 80)),
        new()).Next!;

    static ConversationSnapshot Given(Caller agent) => Conversation.Route(
        Callers.Tenant, Opened(), new(agent.PersonId, 1, false, Contracts.Agents.Availability.Online, 3), null, Callers.Noon).Next!;
}
