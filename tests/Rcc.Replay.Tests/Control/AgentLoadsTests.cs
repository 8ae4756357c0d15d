using Rcc.Replay.Accounts;
using Rcc.Replay.Check;

namespace Rcc.Replay.Tests.Control;

/// <summary>What is recounted from the store at the end.</summary>
public sealed class AgentLoadsTests
{
    static readonly ListedAgent Agent = new(Guid.CreateVersion7(), "online", Suspended: false, Capacity: 2);

    [Fact]
    public void More_than_the_capacity_is_exceeded_reserved_places_included()
    {
        OpenConversation[] two = [Has(), Reserved()];

        Assert.Empty(AgentLoads.Exceeded([Agent], two));
        Assert.Equal((Agent, 3), Assert.Single(AgentLoads.Exceeded([Agent], [.. two, Has()])));
    }

    [Fact]
    public void What_waits_while_an_available_agent_has_a_place_is_stuck()
    {
        var waiting = new OpenConversation(Guid.CreateVersion7(), null, null);

        Assert.Equal([waiting], AgentLoads.Stuck([Agent], [Has(), waiting]));
    }

    [Fact]
    public void What_waits_is_not_stuck_while_it_is_offered_or_nobody_can_take_it()
    {
        var waiting = new OpenConversation(Guid.CreateVersion7(), null, null);

        Assert.Empty(AgentLoads.Stuck([Agent], [new(Guid.CreateVersion7(), null, Guid.CreateVersion7())]));
        Assert.Empty(AgentLoads.Stuck([Agent], [Has(), Reserved(), waiting]));
        Assert.Empty(AgentLoads.Stuck([Agent with { Suspended = true }], [waiting]));
        Assert.Empty(AgentLoads.Stuck([Agent with { AvailabilityStatus = "busy" }], [waiting]));
    }

    [Fact]
    public void What_waits_for_others_than_the_agent_who_has_a_place_is_not_stuck()
    {
        var experts = new Experts(Guid.CreateVersion7(), new HashSet<Guid> { Guid.CreateVersion7() });
        var waiting = new OpenConversation(Guid.CreateVersion7(), null, null, experts.QueueId);

        Assert.Empty(AgentLoads.Stuck([Agent], [waiting], experts));
        Assert.Equal([waiting], AgentLoads.Stuck([Agent], [waiting], experts with { AgentIds = new HashSet<Guid> { Agent.Id } }));
    }

    static OpenConversation Has() => new(Guid.CreateVersion7(), Agent.Id, null);

    static OpenConversation Reserved() => new(Guid.CreateVersion7(), Guid.CreateVersion7(), Agent.Id);
}
