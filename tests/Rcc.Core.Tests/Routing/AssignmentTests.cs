using Rcc.Core.Routing;

namespace Rcc.Core.Tests.Routing;

public class AssignmentTests
{
    static readonly Guid[] Conversations = [.. Enumerable.Range(0, 12).Select(_ => Guid.CreateVersion7())];

    [Fact]
    public void The_longest_waiting_goes_to_the_agent_with_the_fewest_open()
    {
        var busy = Agent(3);
        var free = Agent(1);
        var picked = Assignment.Pick(new([Conversations[0], Conversations[1], Conversations[2], Conversations[3]], [busy, free]));

        Assert.Equal(Conversations.Take(4), picked.Select(assignment => assignment.Conversation));
        Assert.Equal([free.Id, free.Id, busy.Id, free.Id], picked.Select(assignment => assignment.Agent));
    }

    [Fact]
    public void Among_equals_the_longest_idle_comes_first_and_who_never_had_one_before_all()
    {
        var recent = Agent(0, minutesAgo: 1);
        var idle = Agent(0, minutesAgo: 60);
        var fresh = Agent(0);
        var picked = Assignment.Pick(new([.. Conversations.Take(6)], [recent, idle, fresh]));

        Assert.Equal([fresh.Id, idle.Id, recent.Id, fresh.Id, idle.Id, recent.Id], picked.Select(assignment => assignment.Agent));
    }

    [Fact]
    public void Without_agents_everything_goes_on_waiting() => Assert.Empty(Assignment.Pick(new(Conversations, [])));

    [Fact]
    public void Without_work_nobody_gets_anything() => Assert.Empty(Assignment.Pick(new([], [Agent(0)])));

    [Fact]
    public void Nobody_gets_more_than_its_capacity_and_the_rest_goes_on_waiting()
    {
        var full = Agent(3, capacity: 3);
        var nearly = Agent(2, capacity: 3);
        var empty = Agent(0, capacity: 2);
        var picked = Assignment.Pick(new(Conversations, [full, nearly, empty]));

        Assert.Equal([empty.Id, empty.Id, nearly.Id], picked.Select(assignment => assignment.Agent));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Load_ends_up_level_and_the_choice_does_not_depend_on_the_order_of_the_agents(int seed)
    {
        var random = new Random(seed);
        var agents = Enumerable.Range(0, 5).Select(_ => Agent(random.Next(4), random.Next(100))).ToList();
        var picked = Assignment.Pick(new(Conversations, agents));
        var shuffled = agents.ToArray();
        random.Shuffle(shuffled);

        Assert.Equal(picked, Assignment.Pick(new(Conversations, shuffled)));
        var loads = agents.ConvertAll(agent => agent.OpenConversations + picked.Count(assignment => assignment.Agent == agent.Id));
        var spread = agents.Where(agent => picked.Any(assignment => assignment.Agent == agent.Id)).Select(agent => loads[agents.IndexOf(agent)]).ToList();
        Assert.True(spread.Max() - spread.Min() <= 1, string.Join(' ', loads));
    }

    static AvailableAgent Agent(int open, int? minutesAgo = null, int capacity = 100) =>
        new(Guid.CreateVersion7(), open, minutesAgo is { } minutes ? Callers.Noon.AddMinutes(-minutes) : null, capacity);
}
