using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Routing;

namespace Rcc.Core.Tests.Routing;

public class AssignmentTests
{
    static readonly TimeSpan Again = TimeSpan.FromSeconds(10);
    static readonly Guid Somewhere = Guid.CreateVersion7();
    static readonly WaitingConversation[] Conversations = [.. Enumerable.Range(0, 12).Select(i => Waiting(i))];

    [Fact]
    public void The_longest_waiting_goes_to_the_agent_with_the_fewest_open()
    {
        var busy = Agent(3);
        var free = Agent(1);
        var picked = Pick([.. Conversations.Take(4).Reverse()], [busy, free]);

        Assert.Equal(Conversations.Take(4).Select(waiting => waiting.Id), picked.Select(assignment => assignment.Conversation));
        Assert.Equal([free.Id, free.Id, busy.Id, free.Id], picked.Select(assignment => assignment.Agent));
        Assert.All(picked, assignment => Assert.Null(assignment.AnswerWithin));
    }

    [Fact]
    public void Among_equals_the_longest_idle_comes_first_and_who_never_had_one_before_all()
    {
        var recent = Agent(0, minutesAgo: 1);
        var idle = Agent(0, minutesAgo: 60);
        var fresh = Agent(0);
        var picked = Pick([.. Conversations.Take(6)], [recent, idle, fresh]);

        Assert.Equal([fresh.Id, idle.Id, recent.Id, fresh.Id, idle.Id, recent.Id], picked.Select(assignment => assignment.Agent));
    }

    [Fact]
    public void Where_the_policy_is_longest_idle_load_counts_for_nothing()
    {
        var idle = Agent(9, minutesAgo: 60);
        var recent = Agent(0, minutesAgo: 1);
        var picked = Pick([.. Conversations.Take(3)], [recent, idle], new QueueState { Name = "Q", Policy = QueuePolicy.LongestIdle });

        Assert.Equal([idle.Id, recent.Id, idle.Id], picked.Select(assignment => assignment.Agent));
    }

    [Fact]
    public void Without_agents_everything_goes_on_waiting() => Assert.Empty(Pick(Conversations, []));

    [Fact]
    public void Without_work_nobody_gets_anything() => Assert.Empty(Pick([], [Agent(0)]));

    [Fact]
    public void Nobody_gets_more_than_its_capacity_and_the_rest_goes_on_waiting()
    {
        var full = Agent(3, capacity: 3);
        var nearly = Agent(2, capacity: 3);
        var empty = Agent(0, capacity: 2);
        var picked = Pick(Conversations, [full, nearly, empty]);

        Assert.Equal([empty.Id, empty.Id, nearly.Id], picked.Select(assignment => assignment.Agent));
    }

    [Fact]
    public void The_more_urgent_comes_first_then_the_queue_of_higher_priority_then_who_waits_longest()
    {
        var late = Waiting(9) with { Priority = Priority.Urgent };
        var elsewhere = Waiting(8) with { QueueId = Guid.CreateVersion7() };
        var first = Waiting(1);
        var second = Waiting(2);
        var picked = Picking.Pick(
            new([second, first, elsewhere, late], [Agent(0)], [new(elsewhere.QueueId, 1, new() { Name = "VIP", Priority = 5 })]), Callers.Noon, Again).Picked;

        Assert.Equal([late.Id, elsewhere.Id, first.Id, second.Id], picked.Select(assignment => assignment.Conversation));
    }

    [Fact]
    public void Only_who_serves_the_queue_and_has_its_skills_is_given_what_waits_there()
    {
        var group = Guid.CreateVersion7();
        var outsider = Agent(0) with { Skills = ["Billing", "french"] };
        var unskilled = Agent(0) with { GroupId = group, Skills = ["billing"] };
        var able = Agent(5) with { GroupId = group, Skills = ["BILLING", "French", "chess"] };
        var named = Agent(6) with { Skills = ["billing", "french"] };
        var queue = new QueueState { Name = "Q", GroupIds = [group], AgentIds = [named.Id], Skills = ["billing", "French"] };

        Assert.Equal([able.Id, named.Id, able.Id], Pick([.. Conversations.Take(3)], [outsider, unskilled, able, named], queue).Select(assignment => assignment.Agent));
        Assert.Equal([outsider.Id], Pick([Conversations[0]], [outsider], queue with { GroupIds = [], AgentIds = [] }).Select(assignment => assignment.Agent));
    }

    [Fact]
    public void What_a_queue_offers_is_to_be_answered_in_its_time() =>
        Assert.Equal(TimeSpan.FromSeconds(20), Assert.Single(Pick([Conversations[0]], [Agent(0)], new QueueState { Name = "Q", OfferSeconds = 20 })).AnswerWithin);

    [Fact]
    public void Who_passed_is_asked_again_only_when_nobody_else_is_free_and_not_at_once()
    {
        var silent = Agent(0);
        var other = Agent(5);
        var passed = Waiting(0) with { Passed = [silent.Id], PassedAt = Callers.Noon };

        Assert.Equal(other.Id, Assert.Single(Pick([passed], [silent, other])).Agent);
        var full = other with { Capacity = 5 };
        var tooSoon = Picking.Pick(new([passed], [silent, full], []), Callers.Noon.AddSeconds(4), Again);
        Assert.Empty(tooSoon.Picked);
        Assert.Equal(Callers.Noon + Again, tooSoon.LookAgainAt);
        var later = Picking.Pick(new([passed], [silent, full], []), Callers.Noon + Again, Again);
        Assert.Equal(silent.Id, Assert.Single(later.Picked).Agent);
        Assert.Null(later.LookAgainAt);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Load_ends_up_level_and_the_choice_does_not_depend_on_the_order_of_the_agents(int seed)
    {
        var random = new Random(seed);
        var agents = Enumerable.Range(0, 5).Select(_ => Agent(random.Next(4), random.Next(100))).ToList();
        var picked = Pick(Conversations, agents);
        var shuffled = agents.ToArray();
        random.Shuffle(shuffled);

        Assert.Equal(picked, Pick(Conversations, shuffled));
        var loads = agents.ConvertAll(agent => agent.OpenConversations + picked.Count(assignment => assignment.Agent == agent.Id));
        var spread = agents.Where(agent => picked.Any(assignment => assignment.Agent == agent.Id)).Select(agent => loads[agents.IndexOf(agent)]).ToList();
        Assert.True(spread.Max() - spread.Min() <= 1, string.Join(' ', loads));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 200)];

    /// <summary>Whatever waits, whoever is there: nothing waits while somebody for it has a place, nobody gets what it may not have, and nothing overtakes in its own queue.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_waits_while_somebody_for_it_has_a_place(int seed)
    {
        var random = new Random(seed);
        string[] skills = ["a", "b", "c"];
        var groups = Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7()).ToArray();
        var agents = Enumerable.Range(0, random.Next(8)).Select(_ => Agent(random.Next(3), random.Next(3) == 0 ? null : random.Next(90), random.Next(1, 5)) with
        {
            GroupId = random.Next(4) == 0 ? null : groups[random.Next(3)],
            Skills = [.. skills.Where(_ => random.Next(2) == 0)],
        }).ToList();
        var queues = Enumerable.Range(0, random.Next(1, 5)).Select(i => new QueueSnapshot(Guid.CreateVersion7(), 1, new()
        {
            Name = $"Q{i}",
            Priority = random.Next(3),
            Policy = (QueuePolicy)random.Next(2),
            GroupIds = [.. groups.Where(_ => random.Next(3) == 0)],
            AgentIds = [.. agents.Where(_ => random.Next(6) == 0).Select(agent => agent.Id)],
            Skills = [.. skills.Where(_ => random.Next(3) == 0)],
            OfferSeconds = random.Next(2) == 0 ? null : 20,
        })).ToList();
        var waiting = Enumerable.Range(0, random.Next(25)).Select(i => Waiting(random.Next(9)) with
        {
            DisplayId = i,
            QueueId = queues[random.Next(queues.Count)].Id,
            Priority = (Priority)random.Next(5),
            Passed = [.. agents.Where(_ => random.Next(5) == 0).Select(agent => agent.Id)],
            PassedAt = Callers.Noon.AddSeconds(-random.Next(20)),
        }).ToList();

        var (picked, again) = Picking.Pick(new(waiting, agents, queues), Callers.Noon, Again);

        Assert.Equal(picked.Count, picked.DistinctBy(assignment => assignment.Conversation).Count());
        var free = agents.ToDictionary(agent => agent.Id, agent => agent.Capacity - agent.OpenConversations - picked.Count(assignment => assignment.Agent == agent.Id));
        Assert.All(agents, agent => Assert.True(free[agent.Id] >= 0 || agent.OpenConversations > agent.Capacity));
        foreach (var conversation in waiting)
        {
            var queue = queues.Single(one => one.Id == conversation.QueueId).State;
            var able = agents.Where(agent => Picking.Serves(agent, queue)).ToList();
            if (picked.Where(assignment => assignment.Conversation == conversation.Id).ToList() is [var assignment])
            {
                var chosen = Assert.Single(able, agent => agent.Id == assignment.Agent);
                Assert.True(!conversation.Passed.Contains(chosen.Id) || conversation.PassedAt + Again <= Callers.Noon);
                Assert.Equal(queue.OfferSeconds, (int?)assignment.AnswerWithin?.TotalSeconds);
                continue;
            }

            foreach (var agent in able.Where(agent => free[agent.Id] > 0))
            {
                Assert.Contains(agent.Id, conversation.Passed);
                Assert.True(conversation.PassedAt + Again > Callers.Noon && again <= conversation.PassedAt + Again, $"{conversation.Id} waits although {agent.Id} has a place");
            }

            // Of two in one queue that anybody may have, the one that comes first is not the one that stays.
            Assert.All(
                waiting.Where(other => other.QueueId == conversation.QueueId && picked.Any(one => one.Conversation == other.Id) && conversation.Passed.Count == 0),
                other => Assert.True((-(int)other.Priority, other.Since, other.DisplayId).CompareTo((-(int)conversation.Priority, conversation.Since, conversation.DisplayId)) < 0));
        }
    }

    [Theory]
    [InlineData(QueuePolicy.LeastBusy, 1)]
    [InlineData(QueuePolicy.LongestIdle, 2)]
    [InlineData(QueuePolicy.LongestIdle, 3)]
    public void Over_a_day_equal_agents_get_equally_many(QueuePolicy policy, int seed)
    {
        var random = new Random(seed);
        var agents = Enumerable.Range(0, 7).Select(_ => Agent(0, capacity: 3)).ToList();
        var given = agents.ToDictionary(agent => agent.Id, _ => 0);
        var open = new Queue<Guid>();
        for (var minute = 0; minute < 1_400; minute++)
        {
            var picked = Picking.Pick(new([Waiting(0)], agents, [new(Somewhere, 1, new() { Name = "Q", Policy = policy })]), Callers.Noon, Again).Picked;
            foreach (var assignment in picked)
            {
                given[assignment.Agent]++;
                open.Enqueue(assignment.Agent);
                Replace(assignment.Agent, agent => agent with { OpenConversations = agent.OpenConversations + 1, LastAssignedAt = Callers.Noon.AddMinutes(minute) });
            }

            // Conversations last about as long.
            while (open.Count > 10 + random.Next(3))
            {
                Replace(open.Dequeue(), agent => agent with { OpenConversations = agent.OpenConversations - 1 });
            }
        }

        Assert.Equal(1_400, given.Values.Sum());
        Assert.All(given.Values, count => Assert.InRange(count, 190, 210));

        void Replace(Guid id, Func<AvailableAgent, AvailableAgent> change)
        {
            var at = agents.FindIndex(agent => agent.Id == id);
            agents[at] = change(agents[at]);
        }
    }

    static IReadOnlyList<Assignment> Pick(IReadOnlyList<WaitingConversation> waiting, IReadOnlyList<AvailableAgent> agents, QueueState? queue = null) =>
        Picking.Pick(new(waiting, agents, queue is null ? [] : [new(Somewhere, 1, queue)]), Callers.Noon, Again).Picked;

    static WaitingConversation Waiting(int minute) => new() { Id = Guid.CreateVersion7(), DisplayId = minute, QueueId = Somewhere, Since = Callers.Noon.AddMinutes(minute - 60) };

    static AvailableAgent Agent(int open, int? minutesAgo = null, int capacity = 100) =>
        new(Guid.CreateVersion7(), open, minutesAgo is { } minutes ? Callers.Noon.AddMinutes(-minutes) : null, capacity);
}
