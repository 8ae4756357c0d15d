using Rcc.Contracts.Agents;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Agents;

[Trait("Catalogue", "RCC-36")]
public sealed class ReachTests
{
    static readonly Caller Master = Callers.Master();
    static readonly Caller Other = Callers.Master();
    static readonly Caller Supervisor = Callers.Agent();
    static readonly Guid QueueId = Guid.CreateVersion7();

    readonly GroupSnapshot own = new(Guid.CreateVersion7(), 7, new() { Name = "Own", MasterAgentId = Master.PersonId, SupervisorIds = [Supervisor.PersonId] });
    readonly GroupSnapshot foreign = new(Guid.CreateVersion7(), 8, new() { Name = "Foreign", MasterAgentId = Other.PersonId });

    [Fact]
    public void What_an_agent_of_a_group_has_is_whose_group_it_is_while_it_is_and_supervisors_only_supervise()
    {
        var agent = Agent(Role.Agent, own.Id);
        var reach = Reach.Over(Master, agent, own);
        Assert.True(reach is { Manages: true, Supervises: true });
        Assert.Equal([new(new(ItemKind.Agent, agent.Id), agent.Revision), new(new(ItemKind.Group, own.Id), 7)], reach.RestsOn);
        Assert.Equal(Reach.None, Reach.Over(Other, agent, own));
        Assert.Equal(Reach.None, Reach.Over(Callers.Agent(), agent, own));
        Assert.Equal(Reach.None, Reach.Over(Callers.Customer(), agent, own));

        var supervision = Reach.Over(Supervisor, agent, own);
        Assert.True(supervision is { Manages: false, Supervises: true });
        Assert.Equal(reach.RestsOn, supervision.RestsOn);
        Assert.Equal(Reach.None, Reach.Over(Supervisor, Agent(Role.Agent, foreign.Id), foreign));
        Assert.Equal(Reach.None, Reach.Over(Supervisor with { Controls = Controls.All & ~Controls.Supervise }, agent, own));
        Assert.True(Reach.Over(Master with { Controls = Controls.All & ~Controls.Supervise }, agent, own) is { Manages: true, Supervises: false });
    }

    [Fact]
    public void A_master_agent_who_supervises_anothers_group_does_not_manage_what_its_agents_have()
    {
        var shared = foreign with { State = foreign.State with { SupervisorIds = [Master.PersonId] } };
        Assert.True(Reach.Over(Master, Agent(Role.Agent, shared.Id), shared) is { Manages: false, Supervises: true });
    }

    [Fact]
    public void What_an_agent_in_no_group_has_is_whose_agent_it_is()
    {
        var made = Agent(Role.Agent, null) with { CreatedBy = Master.PersonId };
        var reach = Reach.Over(Master, made, null);
        Assert.True(reach is { Manages: true, Supervises: true });
        Assert.Equal([new(new(ItemKind.Agent, made.Id), made.Revision)], reach.RestsOn);
        Assert.Equal(Reach.None, Reach.Over(Other, made, null));
        Assert.Equal(Reach.None, Reach.Over(Supervisor, made, null));
    }

    [Theory]
    [InlineData(Role.MasterAgent)]
    [InlineData(Role.Administrator)]
    public void What_a_master_agent_or_an_administrator_has_is_no_other_master_agents(Role role)
    {
        var holder = Agent(role, null) with { CreatedBy = Master.PersonId };
        Assert.Equal(Reach.None, Reach.Over(Master, holder, null));
        Assert.Equal(Reach.None, Reach.Over(Supervisor, holder, null));
        Assert.True(Reach.Over(Callers.Administrator(), holder, null) is { Manages: true, Supervises: true });
    }

    [Fact]
    public void Administrators_have_every_conversation_and_applications_supervise_none()
    {
        foreach (var (caller, supervises) in new[] { (Callers.Administrator(), true), (Callers.Application(), false) })
        {
            Assert.Equal(new(true, supervises, []), Reach.Of(caller));
            Assert.Equal(new(true, supervises, []), Reach.Over(caller, Agent(Role.Agent, foreign.Id), foreign));
            Assert.Equal(new(true, supervises, []), Reach.In(caller, QueueId, Queue(foreign.Id), [foreign]));
        }
    }

    [Fact]
    public void What_no_agent_has_is_of_master_agents_whose_queue_it_is_or_whose_groups_serve_it()
    {
        var queue = new ItemFence(new(ItemKind.Queue, QueueId), 3);
        Assert.Equal([queue, new(new(ItemKind.Group, own.Id), 7)], Manage(Queue(foreign.Id, own.Id), foreign, own));
        Assert.Equal([queue], Manage(Queue(foreign.Id) with { State = Queue(foreign.Id).State with { MasterAgentId = Master.PersonId } }, foreign));
        Assert.Equal([queue], Manage(Queue() with { State = Queue().State with { AgentIds = [Master.PersonId] } }));
        Assert.Equal([queue], Manage(Queue()));
        Assert.Equal([new(new(ItemKind.Queue, QueueId), 0)], Manage(null));

        Assert.Equal(Reach.None, Reach.In(Master, QueueId, Queue(foreign.Id), [foreign]));
        Assert.Equal(Reach.None, Reach.In(Master, QueueId, Queue() with { State = Queue().State with { AgentIds = [Other.PersonId] } }, []));
        Assert.Equal(Reach.None, Reach.In(Supervisor, QueueId, Queue(), []));

        static IEnumerable<ItemFence> Manage(QueueSnapshot? queue, params GroupSnapshot[] serving)
        {
            var reach = Reach.In(Master, QueueId, queue, serving);
            Assert.True(reach is { Manages: true, Supervises: true });
            return reach.RestsOn;
        }
    }

    static QueueSnapshot Queue(params Guid[] groups) => new(QueueId, 3, new QueueState { Name = "Sales", GroupIds = groups });

    static AgentSnapshot Agent(Role role, Guid? group) =>
        new(Guid.CreateVersion7(), 5, new() { Name = "Ben", Role = role, Availability = Availability.Offline, GroupId = group }, "ben@example.com", "hash", null, 0, 0, []);
}
