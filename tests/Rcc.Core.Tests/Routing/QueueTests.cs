using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Routing;

public class QueueTests
{
    static readonly QueueState Sales = new() { Name = "Sales", AgentIds = [Guid.CreateVersion7()], Skills = ["french"], OfferSeconds = 20 };
    readonly Caller master = Callers.Master();

    [Fact]
    public void A_queue_is_told_to_all_agents_and_belongs_to_the_master_agent_who_made_it()
    {
        var decision = Create(master);

        var item = Assert.Single(decision.Change!.Items);
        Assert.Equal((Audience.OfAgents(Callers.Tenant), 1), (item.Home, item.Revision));
        Assert.Equal((master.PersonId, "Sales"), (decision.Next!.State.MasterAgentId, JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.QueueState)!.Name));
        Assert.Equal("Sales", Assert.Single(decision.Change.Rows.OfType<QueueRow>()).Name);
        Assert.Equal(("queue", "create"), (decision.Change.Act!.ObjectType, decision.Change.Act.Action));
        Assert.Null(Create(Callers.Application()).Next!.State.MasterAgentId);
    }

    [Fact]
    public void Who_asks_for_more_than_the_limit_is_told_it() =>
        Assert.Contains("MaxQueues is 2", Queue.Create(Callers.Tenant, Guid.CreateVersion7(), null, master, Sales, 2, new() { MaxQueues = 2 }).Refusal!.Detail, StringComparison.Ordinal);

    [Fact, Trait("Catalogue", "RCC-36")]
    public void A_master_agent_changes_its_own_queues_and_no_others_and_none_for_everybody()
    {
        var now = Create(master).Next!;
        Assert.Equal(ErrorCode.Forbidden, Queue.Change(Callers.Tenant, now, Callers.Master(), Sales).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Queue.Remove(Callers.Tenant, now, Callers.Master(), null).Refusal!.Code);
        Assert.Equal(master.PersonId, Queue.Change(Callers.Tenant, now, Callers.Application(), Sales with { MasterAgentId = Guid.NewGuid() }).Next!.State.MasterAgentId);
        Assert.Equal(2, Queue.Change(Callers.Tenant, now, master, Sales with { Name = "Other" }).Next!.Revision);
        Assert.Equal(ErrorCode.Forbidden, Queue.Change(Callers.Tenant, QueueSnapshot.Default(Callers.Tenant), Callers.Master(), Sales).Refusal!.Code);
        Assert.Null(Queue.Change(Callers.Tenant, QueueSnapshot.Default(Callers.Tenant), Callers.Administrator(), Sales with { AgentIds = [] }).Refusal);
        Assert.Equal(ErrorCode.Forbidden, Queue.Change(Callers.Tenant, now, master, Sales with { AgentIds = [] }).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Queue.Create(Callers.Tenant, Guid.CreateVersion7(), null, master, Sales with { AgentIds = [] }, 0, new()).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Queue.Change(Callers.Tenant, null, master, Sales).Refusal!.Code);
    }

    [Fact]
    public void The_queue_every_account_has_is_all_agents_and_stays()
    {
        var now = QueueSnapshot.Default(Callers.Tenant);
        Assert.Equal(ErrorCode.Malformed, Queue.Change(Callers.Tenant, now, Callers.Administrator(), Sales).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Queue.Remove(Callers.Tenant, now, Callers.Administrator(), null).Refusal!.Code);
    }

    [Fact]
    public void What_something_leads_into_is_not_removed()
    {
        var now = Create(master).Next!;
        Assert.Contains("inbox Web", Queue.Remove(Callers.Tenant, now, master, "inbox Web").Refusal!.Detail, StringComparison.Ordinal);
        var decision = Queue.Remove(Callers.Tenant, now, master, null);
        var gone = Assert.Single(decision.Change!.Departures);
        Assert.True(gone.Delete);
        Assert.Equal((LeftReason.Deleted, new ItemKey(ItemKind.Queue, now.Id)), (gone.Reason, gone.Key));
        Assert.Null(Assert.Single(decision.Change.Rows.OfType<QueueRow>()).Name);
    }

    static Decision<QueueSnapshot> Create(Caller caller) => Queue.Create(Callers.Tenant, Guid.CreateVersion7(), null, caller, Sales, 0, new());
}
