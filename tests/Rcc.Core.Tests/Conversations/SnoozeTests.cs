using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

public class SnoozeTests
{
    static readonly DateTimeOffset Monday = Callers.Noon.AddDays(3);
    static readonly Control Off = new() { Operation = ControlOperations.Snooze, Until = Monday };

    readonly TalkScene scene = new();

    [Fact]
    public void Put_off_it_keeps_its_agent_and_comes_back_at_its_time_and_not_before()
    {
        var decision = scene.Do(scene.Agent, Off);
        Assert.Equal(new Snooze(scene.Agent.PersonId, Callers.Noon, Monday), decision.Next!.Handling.Snooze);
        Assert.Equal((scene.Agent.PersonId, Monday), (decision.Next.State.AssigneeId, Assert.Single(decision.Change!.Rows.OfType<ConversationRow>()).DueAt));
        Assert.DoesNotContain(decision.Change.Items, item => item.Key.Kind == ItemKind.Conversation);

        Assert.Empty(Conversation.Tick(Callers.Tenant, scene.Now, Monday.AddTicks(-1)).Change!.Items);
        var back = Conversation.Tick(Callers.Tenant, scene.Now, Monday);
        Assert.Null(back.Next!.Handling.Snooze);
        Assert.Null(Assert.Single(back.Change!.Rows.OfType<ConversationRow>()).DueAt);
    }

    [Fact]
    public void The_customers_next_message_brings_it_back_and_the_agents_own_does_not()
    {
        scene.Do(scene.Agent, Off with { Until = null });
        scene.Post(scene.Agent);
        Assert.NotNull(scene.Now.Handling.Snooze);
        Assert.Contains(scene.Post(scene.Customer).Change!.Items, item => item.Key.Kind == ItemKind.Handling);
        Assert.Null(scene.Now.Handling.Snooze);
        Assert.Empty(scene.Post(scene.Customer).Change!.Items);
    }

    [Theory]
    [InlineData("time")]
    [InlineData("customer")]
    [InlineData("agent")]
    [InlineData("resolving")]
    public void Its_row_says_that_it_is_put_off_until_anything_ends_that(string by)
    {
        Assert.True(Row(scene.Do(scene.Agent, Off)).IsSnoozed);
        Assert.True(Row(scene.Do(scene.Agent, new Control { Operation = ControlOperations.SetPriority, Priority = Priority.High })).IsSnoozed);
        Assert.False(Row(by switch
        {
            "time" => Conversation.Tick(Callers.Tenant, scene.Now, Monday),
            "customer" => scene.Post(scene.Customer),
            "agent" => scene.Do(scene.Agent, ControlOperations.Unsnooze),
            _ => scene.Do(scene.Agent, ControlOperations.Resolve),
        }).IsSnoozed);

        static ConversationRow Row(Decision<ConversationSnapshot> decision) => Assert.Single(decision.Change!.Rows.OfType<ConversationRow>());
    }

    [Fact]
    public void Of_two_things_that_are_due_the_earlier_counts_and_both_happen()
    {
        scene.Do(scene.Agent, Off with { Until = TalkScene.Until.AddSeconds(-1) });
        var offered = scene.Transfer(scene.Agent, new() { Operation = ControlOperations.Transfer, AgentId = scene.Colleague.PersonId }, scene.Colleague);
        Assert.Equal(TalkScene.Until.AddSeconds(-1), offered.Next!.DueAt);

        scene.Take(Conversation.Tick(Callers.Tenant, scene.Now, TalkScene.Until));
        Assert.Equal((null, TalkScene.Until), (scene.Now.Handling.Snooze, scene.Now.DueAt));
        scene.Take(Conversation.Tick(Callers.Tenant, scene.Now, TalkScene.Until));
        Assert.Equal((TransferOutcome.NoAnswer, null), (scene.Now.Handling.Transfer!.Outcome, scene.Now.DueAt));
    }

    [Fact]
    public void It_is_put_off_to_a_time_that_comes_and_only_while_somebody_serves_it()
    {
        Assert.Equal(ErrorCode.Malformed, scene.Do(scene.Agent, Off with { Until = Callers.Noon }).Refusal!.Code);
        Assert.Equal(ErrorCode.TooLarge, scene.Do(scene.Agent, Off with { Until = Callers.Noon.AddYears(2) }).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, scene.Do(scene.Customer, Off).Refusal!.Code);
        Assert.Empty(scene.Do(scene.Agent, ControlOperations.Unsnooze).Change!.Items);
        scene.Do(scene.Agent, Off);
        Assert.Null(scene.Do(scene.Agent, ControlOperations.Unsnooze).Next!.Handling.Snooze);

        scene.Do(scene.Agent, Off);
        scene.Take(Conversation.Assign(Callers.Tenant, scene.Now, scene.Agent, null, null, Callers.Noon));
        Assert.Null(scene.Now.Handling.Snooze);
        Assert.Equal(ErrorCode.Conflict, scene.Do(scene.Master, Off).Refusal!.Code);
    }

    [Fact]
    public void How_urgent_it_is_the_agents_see_and_the_customer_does_not()
    {
        var decision = scene.Do(scene.Agent, new Control { Operation = ControlOperations.SetPriority, Priority = Priority.Urgent });
        Assert.Equal(Priority.Urgent, decision.Next!.Handling.Priority);
        Assert.DoesNotContain(decision.Change!.Items, item => item.Tell.Contains(Audience.OfConversation(scene.Now.Id)));
        Assert.Equal(ErrorCode.Forbidden, scene.Do(scene.Customer, new Control { Operation = ControlOperations.SetPriority }).Refusal!.Code);
    }

    [Fact]
    public void Without_a_disposition_that_is_required_nothing_is_resolved()
    {
        var list = new DispositionsState { Names = ["Sold", "Lost"], Required = true };
        Assert.Equal(ErrorCode.DispositionRequired, Resolve(null, list).Refusal!.Code);
        Assert.Equal(ErrorCode.Malformed, Resolve("Stolen", list).Refusal!.Code);
        Assert.Equal(ErrorCode.Malformed, Resolve("Sold").Refusal!.Code);
        Assert.Equal(ConversationStatus.Open, scene.Now.State.Status);

        var resolved = Resolve("Sold", new(), list);
        Assert.Equal(("Sold", ConversationStatus.Resolved), (resolved.Next!.Handling.Disposition, resolved.Next.State.Status));
        Assert.Empty(Resolve(null, list).Change!.Items);

        scene.Take(Conversation.Reopen(Callers.Tenant, scene.Now, scene.Agent, new(Callers.Noon, Guid.CreateVersion7(), TalkScene.Known(scene.Agent))));
        Assert.Null(scene.Now.Handling.Disposition);
        Assert.True(Resolve(null, list with { Required = false }).Change!.Answer.IsOk);
    }

    [Fact]
    public void A_list_of_dispositions_is_told_to_all_agents_and_recorded()
    {
        var set = Dispositions.Set(Callers.Tenant, Callers.Inbox, null, "inbox", new() { Names = ["Sold"], Required = true });
        var item = Assert.Single(set.Change!.Items);
        Assert.Equal((1, new ItemKey(ItemKind.Dispositions, Callers.Inbox), Audience.OfAgents(Callers.Tenant)), (item.Revision, item.Key, item.Home));
        Assert.Equal(("inbox", Callers.Inbox, "update"), (set.Change.Act!.ObjectType, set.Change.Act.ObjectId, set.Change.Act.Action));
        Assert.Equal(2, Dispositions.Set(Callers.Tenant, Callers.Inbox, set.Next, "inbox", new()).Next!.Revision);
    }

    Decision<ConversationSnapshot> Resolve(string? disposition, params DispositionsState[] lists) =>
        scene.Take(Conversation.Resolve(Callers.Tenant, scene.Now, scene.Agent, new(disposition, lists)));
}
