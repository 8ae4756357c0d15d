using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

public class MacroTests
{
    readonly TalkScene scene = new();

    [Fact]
    public void Who_leaves_in_one_step_and_comes_back_in_another_keeps_what_it_was_told()
    {
        var key = new ItemKey(ItemKind.Mention, scene.Now.Id, scene.Agent.PersonId);
        var before = scene.Now with { Personal = scene.Now.Personal.Add(key, 3) };
        var away = Conversation.Assign(Callers.Tenant, before, scene.Master, scene.Third.PersonId, TalkScene.Known(scene.Third), Callers.Noon);
        var back = Conversation.Assign(Callers.Tenant, away.Next!, scene.Master, scene.Agent.PersonId, TalkScene.Known(scene.Agent), Callers.Noon);
        var combined = Macro.Combine(Callers.Tenant, before, [away, back]);
        Assert.Equal(3, combined.Next!.Personal[key]);
        Assert.DoesNotContain(combined.Change!.Departures, departure => departure.Key == key);
        Assert.Empty(Macro.Combine(Callers.Tenant, before, [away]).Next!.Personal);
    }

    [Fact]
    public void All_steps_are_one_change_of_each_item_with_all_that_was_said()
    {
        var before = scene.Now;
        var done = Run(
            scene.Agent,
            new() { Operation = ControlOperations.Post, Text = "Goodbye" },
            new() { Operation = ControlOperations.SetPriority, Priority = Priority.Low },
            new() { Operation = ControlOperations.Post, Text = "Was easy", Lane = Lane.Notes },
            new() { Operation = ControlOperations.Hold },
            new() { Operation = ControlOperations.Resume },
            new() { Operation = ControlOperations.Resolve, Disposition = null });

        Assert.Equal((ConversationStatus.Resolved, Priority.Low, false), (done.Next!.State.Status, done.Next.Handling.Priority, done.Next.State.OnHold));
        Assert.Equal((before.Revision + 1, before.HandlingRevision + 1), (done.Next.Revision, done.Next.HandlingRevision));
        Assert.Equal(
            [new(ItemKind.Conversation, before.Id), ItemKey.OfHandling(before.Id)],
            done.Change!.Items.Select(item => item.Key));
        Assert.All(done.Change.Items, item => Assert.Equal(item.Key.Kind == ItemKind.Conversation ? before.Revision + 1 : before.HandlingRevision + 1, item.Revision));
        Assert.Equal([(Lane.Public, 1L), (Lane.Notes, 1L)], done.Change.Messages.Select(message => (message.Lane, message.Seq)));
        Assert.Empty(done.Change.Claims);
    }

    [Fact]
    public void What_is_undone_within_it_leaves_nothing_and_only_the_last_takes_a_place()
    {
        var undone = Run(scene.Agent, new() { Operation = ControlOperations.Hold }, new() { Operation = ControlOperations.Resume });
        Assert.Empty(undone.Change!.Items);
        Assert.Contains(new(new(ItemKind.Conversation, scene.Now.Id), scene.Now.Revision), undone.Change.Fences);

        var through = Run(
            scene.Master,
            new() { Operation = ControlOperations.Assign, AgentId = scene.Colleague.PersonId },
            new() { Operation = ControlOperations.Assign, AgentId = scene.Third.PersonId });
        Assert.Equal([new CapacityClaim(scene.Third.PersonId, 3)], through.Change!.Claims);
        Assert.Equal([scene.Third.PersonId], through.Next!.Agents);
        Assert.Equal(2, through.Change.Fences.Count(fence => fence.Key.Kind == ItemKind.Agent));
        Assert.Equal(scene.Agent.PersonId, Assert.Single(through.Change.Departures, gone => gone.Key.Kind == ItemKind.Draft).Key.Sub);
    }

    [Fact]
    public void A_refusal_says_which_step_it_was()
    {
        var refusal = Macro.Refused(2, new() { Operation = ControlOperations.Hold }, Answer.Refused(ErrorCode.Closed, "The conversation is resolved."));
        Assert.Equal((ErrorCode.Closed, "Step 2 (hold): The conversation is resolved."), (refusal.Code, refusal.Detail));
    }

    [Fact]
    public void A_step_that_puts_off_counts_its_minutes_from_when_it_is_carried_out()
    {
        Assert.Equal(Callers.Noon.AddMinutes(90), Macro.ToControl(new() { Operation = ControlOperations.Snooze, SnoozeMinutes = 90 }, default, Callers.Noon).Until);
        Assert.Null(Macro.ToControl(new() { Operation = ControlOperations.Snooze }, default, Callers.Noon).Until);
        Assert.False(Macro.MayHave(ControlOperations.Consult));
        Assert.False(Macro.MayHave(ControlOperations.ExecuteMacro));
    }

    [Fact]
    public void A_shortcut_is_used_and_kept_by_those_whose_it_is()
    {
        var group = new GroupSnapshot(Guid.CreateVersion7(), 1, new GroupState { Name = "Sales", MasterAgentId = scene.Master.PersonId });
        var (account, team, own) = (Of(ShortcutScope.Account, null), Of(ShortcutScope.Group, group.Id), Of(ShortcutScope.Person, scene.Agent.PersonId));

        Assert.True(Shortcut.IsUsableBy(account, scene.Agent, null, null));
        Assert.False(Shortcut.IsUsableBy(account, scene.Customer, null, null));
        Assert.False(Shortcut.IsKeptBy(account, scene.Agent, null));
        Assert.True(Shortcut.IsKeptBy(account, Callers.Administrator(), null));

        Assert.True(Shortcut.IsUsableBy(team, scene.Agent, group.Id, group));
        Assert.False(Shortcut.IsUsableBy(team, scene.Colleague, null, group));
        Assert.False(Shortcut.IsKeptBy(team, scene.Agent, group));
        Assert.True(Shortcut.IsUsableBy(team, scene.Master.Caller, null, group));
        Assert.False(Shortcut.IsKeptBy(team, Callers.Master(), group));

        Assert.True(Shortcut.IsKeptBy(own, scene.Agent, null));
        Assert.False(Shortcut.IsUsableBy(own, Callers.Administrator(), null, null));
    }

    [Fact]
    public void A_shortcut_is_told_to_whom_it_is_for_and_whose_it_is_stays()
    {
        var own = Create(scene.Agent, Of(ShortcutScope.Person, scene.Agent.PersonId));
        Assert.Equal([Audience.OfPerson(scene.Agent.PersonId)], Assert.Single(own.Change!.Items).Tell);
        Assert.Null(own.Change.Act);

        var shared = Create(scene.Master.Caller, Of(ShortcutScope.Account, null));
        Assert.Equal(Audience.OfAgents(Callers.Tenant), Assert.Single(shared.Change!.Items).Home);
        Assert.Equal(("canned_response", "create"), (shared.Change.Act!.ObjectType, shared.Change.Act.Action));

        var edited = Shortcut.Edit(Callers.Tenant, shared.Next, scene.Master.Caller, Of(ShortcutScope.Person, scene.Master.Caller.PersonId) with { Text = "New" }, null, null);
        Assert.Equal((2, ShortcutScope.Account, "New"), (edited.Next!.Revision, edited.Next.State.Scope, edited.Next.State.Text));
        Assert.Equal(ErrorCode.Forbidden, Shortcut.Edit(Callers.Tenant, shared.Next, scene.Agent, shared.Next!.State, null, null).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Shortcut.Edit(Callers.Tenant, own.Next, scene.Master.Caller, own.Next!.State, null, null).Refusal!.Code);

        var deleted = Shortcut.Delete(Callers.Tenant, edited.Next, scene.Master.Caller, null, null);
        Assert.True(Assert.Single(deleted.Change!.Departures).Delete);
        Assert.Equal(ErrorCode.NotFound, Shortcut.Delete(Callers.Tenant, deleted.Next, scene.Master.Caller, null, null).Refusal!.Code);
    }

    [Fact]
    public void There_are_only_so_many()
    {
        var refusal = Shortcut.Create(Callers.Tenant, Guid.CreateVersion7(), ItemKind.Macro, null, scene.Master.Caller, Of(ShortcutScope.Account, null), null, 1_000, scene.Options).Refusal!;
        Assert.Equal(ErrorCode.TooLarge, refusal.Code);
        Assert.Contains("MaxShortcuts is 1000", refusal.Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.NotFound, Create(scene.Master.Caller, Of(ShortcutScope.Group, Guid.CreateVersion7())).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Create(scene.Agent, Of(ShortcutScope.Account, null)).Refusal!.Code);
    }

    static ShortcutState Of(ShortcutScope scope, Guid? owner) => new() { Scope = scope, OwnerId = owner, Name = "hi", Text = "Hello!" };

    Decision<ShortcutSnapshot> Create(Caller caller, ShortcutState state) =>
        Shortcut.Create(Callers.Tenant, Guid.CreateVersion7(), ItemKind.CannedResponse, null, caller, state, null, 0, scene.Options);

    /// <summary>As the conversation's grain does.</summary>
    Decision<ConversationSnapshot> Run(Standing caller, params MacroStep[] steps)
    {
        var state = scene.Now;
        List<Decision<ConversationSnapshot>> done = [];
        foreach (var step in steps)
        {
            var control = Macro.ToControl(step, Guid.CreateVersion7(), Callers.Noon);
            var agent = step.AgentId is { } id ? TalkScene.Known(caller.Caller with { PersonId = id }) : null;
            done.Add(step.Operation is ControlOperations.Post
                ? Conversation.Post(Callers.Tenant, state, caller, new(control.MessageId, step.Lane, "text/plain", control.Text), default, scene.Options)
                : ConversationControl.Decide(Callers.Tenant, state, caller, control, new(Callers.Noon, agent, null), scene.Options));
            state = done[^1].Next!;
        }

        return Macro.Combine(Callers.Tenant, scene.Now, done);
    }
}
