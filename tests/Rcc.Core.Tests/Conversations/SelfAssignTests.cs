using Rcc.Contracts.Routing;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

/// <summary>Who takes by hand what waits: whom the queue lets.</summary>
public class SelfAssignTests
{
    static readonly Guid French = Guid.CreateVersion7();
    static readonly QueueState Queue = new() { Name = "French", GroupIds = [French], Skills = ["french"] };

    readonly TalkScene scene = new();

    public SelfAssignTests() => scene.Take(Conversation.Assign(Callers.Tenant, scene.Now, scene.Agent, null, null, Callers.Noon));

    [Fact]
    public void Who_serves_the_queue_takes_and_who_is_not_named_or_lacks_a_skill_does_not()
    {
        Assert.Equal(ErrorCode.Forbidden, Take(Queue, Member with { GroupId = Guid.CreateVersion7() }).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Take(Queue, Member with { Skills = ["german"] }).Refusal!.Code);
        var taken = Take(Queue, Member);
        Assert.Equal(scene.Colleague.PersonId, taken.Next!.State.AssigneeId);
        Assert.Equal([new CapacityClaim(scene.Colleague.PersonId, 3)], taken.Change!.Claims);
        Assert.NotNull(Take(Queue with { AgentIds = [scene.Colleague.PersonId] }, Member with { GroupId = null }).Next);
    }

    [Fact]
    public void A_queue_lets_anyone_or_nobody_take()
    {
        Assert.NotNull(Take(Queue with { SelfAssign = SelfAssignment.Anyone }, TalkScene.Known(scene.Colleague)).Next);
        Assert.Equal(ErrorCode.Forbidden, Take(Queue with { SelfAssign = SelfAssignment.Nobody }, Member).Refusal!.Code);
        Assert.NotNull(Take(new() { Name = "All" }, TalkScene.Known(scene.Colleague)).Next);
        Assert.NotNull(Take(null, TalkScene.Known(scene.Colleague)).Next);
    }

    [Fact]
    public void Who_manages_agents_gives_it_to_any_of_them()
    {
        var nobody = Queue with { SelfAssign = SelfAssignment.Nobody };
        foreach (var manager in new[] { scene.Master, Callers.Application() })
        {
            Assert.NotNull(Conversation.Assign(Callers.Tenant, scene.Now, manager, scene.Third.PersonId, TalkScene.Known(scene.Third), Callers.Noon, nobody).Next);
        }
    }

    [Fact, Trait("Catalogue", "RCC-36")]
    public void A_master_agent_gives_to_itself_and_agents_it_manages_as_long_as_it_does()
    {
        var foreign = TalkScene.Known(scene.Third) with { ManagedOn = default };
        Assert.Equal(ErrorCode.Forbidden, Give(scene.Master, foreign).Refusal!.Code);
        Assert.NotNull(Give(Callers.Administrator(), foreign).Next);
        Assert.NotNull(Conversation.Assign(
            Callers.Tenant, scene.Now, scene.Master, scene.Master.PersonId, TalkScene.Known(scene.Master.Caller) with { ManagedOn = default }, Callers.Noon).Next);

        var group = new ItemFence(new(ItemKind.Group, French), 8);
        Assert.Contains(group, Give(scene.Master, foreign with { ManagedOn = [group] }).Change!.Fences);

        Decision<ConversationSnapshot> Give(Standing by, ConversationAgent to) => Conversation.Assign(Callers.Tenant, scene.Now, by, to.Id, to, Callers.Noon);
    }

    [Fact]
    public void What_is_offered_to_an_agent_it_takes_either_way()
    {
        scene.Take(Conversation.Offer(Callers.Tenant, scene.Now, TalkScene.Known(scene.Colleague), null, 0, Callers.Noon, TalkScene.Until));
        Assert.NotNull(Take(Queue with { SelfAssign = SelfAssignment.Nobody }, Member).Next);
        Assert.Equal(
            ErrorCode.Forbidden,
            Conversation.Assign(Callers.Tenant, scene.Now, scene.Third, scene.Third.PersonId, TalkScene.Known(scene.Third), Callers.Noon, Queue).Refusal!.Code);
    }

    ConversationAgent Member => TalkScene.Known(scene.Colleague) with { GroupId = French, Skills = ["French"] };

    Decision<ConversationSnapshot> Take(QueueState? queue, ConversationAgent agent) =>
        Conversation.Assign(Callers.Tenant, scene.Now, scene.Colleague, scene.Colleague.PersonId, agent, Callers.Noon, queue);
}
