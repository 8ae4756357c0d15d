using System.Text;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

/// <summary>What becomes of a conversation in which an agent, or everybody, is silent.</summary>
public class SilenceTests
{
    static readonly Guid Other = Guid.CreateVersion7();

    readonly Caller customer = Callers.Customer();
    readonly Caller agent = Callers.Agent();
    readonly Caller colleague = Callers.Agent();
    QueueState queue = new() { Name = "Default", ReassignAfterSeconds = 60, AutoResolveAfterHours = 24, AutoResolveMessage = "Goodbye." };
    ConversationSnapshot now = null!;

    [Fact]
    public void Who_does_not_answer_loses_it_and_others_are_asked_first()
    {
        Open();
        Give(agent, 10);
        Assert.Equal(At(24 * 3600), now.DueAt);
        Post(customer, 20);
        Post(customer, 50);
        Assert.Equal(At(80), now.DueAt);
        Assert.Equal(agent.PersonId, Tick(79).Next!.State.AssigneeId);

        var taken = Tick(80);
        Assert.True(Conversation.IsWaiting(now));
        Assert.Equal((At(80), At(0)), (now.WaitingSince, now.Handling.Since));
        Assert.Equal([agent.PersonId], now.Handling.Passed);
        Assert.Equal(At(0), Assert.Single(taken.Change!.Rows.OfType<ConversationRow>()).SessionSince);

        // The next has its own time.
        Give(colleague, 100);
        Assert.Equal(At(160), now.DueAt);
        Post(colleague, 120);
        Assert.True(now.DueAt > At(3600));
    }

    [Fact]
    public void What_the_customer_wrote_while_it_waited_is_to_be_answered_too_and_a_note_is_no_answer()
    {
        Open();
        Post(customer, 5);
        Assert.True(now.DueAt > At(3600));
        Give(agent, 1000);
        Assert.Equal(At(1060), now.DueAt);
        Post(agent, 1001, Lane.Notes);
        Assert.Equal(At(1060), now.DueAt);
        Post(agent, 1002);
        Assert.Null(Silences.AnswerBy(now));
    }

    [Fact]
    public void On_hold_and_while_it_is_transferred_nobody_counts()
    {
        Open();
        Give(agent, 10);
        Post(customer, 20);
        Take(Conversation.Hold(Callers.Tenant, now, agent, At(30)));
        Assert.Null(Silences.AnswerBy(now));
        Post(customer, 40);
        Assert.Null(Silences.AnswerBy(now));
        Take(Conversation.Resume(Callers.Tenant, now, agent));
        Post(customer, 50);
        Assert.Equal(At(110), Silences.AnswerBy(now));
        Take(Conversation.Transfer(Callers.Tenant, now, agent, new(TransferKind.Blind, colleague.PersonId, null, null), TalkScene.To(colleague) with { GiveUpAt = At(900) }, new()));
        Assert.NotNull(now.Handling.Offer);
        Assert.Null(Silences.AnswerBy(now));
    }

    [Fact]
    public void What_the_queue_says_by_then_counts()
    {
        Open();
        Give(agent, 10);
        Post(customer, 20);
        queue = queue with { ReassignAfterSeconds = 600 };
        Tick(80);
        Assert.Equal((agent.PersonId, At(620)), (now.State.AssigneeId, now.DueAt));
        queue = queue with { ReassignAfterSeconds = null, AutoResolveAfterHours = null, AutoResolveMessage = null };
        Tick(620);
        Assert.Equal((agent.PersonId, null, null), (now.State.AssigneeId, now.DueAt, now.Handling.Silence));
    }

    [Fact]
    public void In_another_queue_its_settings_count_and_given_back_those_of_the_former_again()
    {
        Open();
        Post(customer, 5);
        Give(agent, 10);
        Take(Conversation.Transfer(Callers.Tenant, now, agent, new(TransferKind.Blind, null, null, Other), new(At(20), At(60), []) { GiveUpAt = At(900), Queue = new() { Name = "Other" } }, new()));
        Assert.Equal((Other, null), (now.Handling.Silence!.QueueId, now.Handling.Silence.ReassignAfterSeconds));
        Assert.Equal(At(900), now.DueAt);
        Take(Conversation.GiveBack(Callers.Tenant, now, TalkScene.Known(agent), At(900)));
        Assert.Equal(agent.PersonId, now.State.AssigneeId);
        Assert.Equal(now.State.OpenedAt, now.DueAt);
        Tick(901);
        Assert.Equal((Callers.Tenant.Value, 60), (now.Handling.Silence!.QueueId, now.Handling.Silence.ReassignAfterSeconds));
        Assert.Equal(At(901 + (24 * 3600)), now.DueAt);

        Take(Conversation.Assign(Callers.Tenant, now, agent, null, null, At(910)));
        Take(Conversation.Move(Callers.Tenant, now, Callers.Tenant.Value, Other, silence: Silences.Moved(now.Handling.Silence, Other, new() { Name = "Other", ReassignAfterSeconds = 5 }, At(920))));
        Assert.Equal((Other, 5), (now.Handling.Silence!.QueueId, now.Handling.Silence.ReassignAfterSeconds));
    }

    [Fact]
    public void What_nobody_writes_in_any_more_is_resolved_and_its_customer_told_and_may_open_it_again()
    {
        Open();
        Give(agent, 10);
        Post(agent, 20);
        Post(customer, 30);
        Post(agent, 40);
        const int Day = 24 * 3600;

        // Something was said since: it is looked at again then.
        Tick(Day, new(At(40), Answered: true));
        Assert.Equal((ConversationStatus.Open, At(Day + 40)), (now.State.Status, now.DueAt));

        var resolved = Tick(Day + 40, new(At(40), Answered: true));
        Assert.Equal((ConversationStatus.Resolved, null, null), (now.State.Status, now.DueAt, now.Handling.Silence));
        var told = Assert.Single(resolved.Change!.Messages);
        Assert.Equal((Role.System, 4L, 4L, "Goodbye."), (told.Role, told.Seq, now.LastSeq, Encoding.UTF8.GetString(told.Content.AsSpan())));

        Post(customer, Day + 90);
        Assert.Equal((ConversationStatus.Open, At(Day + 90)), (now.State.Status, now.Handling.Since));
        Assert.NotNull(now.Handling.Silence);
    }

    [Fact]
    public void What_waits_or_was_never_answered_or_is_put_off_or_on_hold_stays_open()
    {
        Open();
        const int Day = 24 * 3600;
        Stays(1, answered: true);
        Give(agent, Day + 10);
        Stays(2, answered: false);
        Take(Conversation.Hold(Callers.Tenant, now, agent, At((2 * Day) + 10)));
        Stays(3, answered: true);
        Take(Conversation.Resume(Callers.Tenant, now, agent));
        Take(Conversation.Snooze(Callers.Tenant, now, agent, null, At((3 * Day) + 10), new()));
        Stays(4, answered: true);
        Take(Conversation.Unsnooze(Callers.Tenant, now, agent));
        Tick(5 * Day, new(At(0), Answered: true));
        Assert.Equal(ConversationStatus.Resolved, now.State.Status);

        void Stays(int days, bool answered)
        {
            Tick(days * Day, new(At(0), answered));
            Assert.Equal((ConversationStatus.Open, At((days + 1) * Day)), (now.State.Status, now.DueAt));
        }
    }

    [Fact]
    public void A_queue_that_minds_no_silence_keeps_nothing_of_it()
    {
        queue = new() { Name = "Default" };
        Open();
        Give(agent, 10);
        var posted = Post(customer, 20);
        Assert.Empty(posted.Change!.Items);
        Assert.Equal((null, null), (now.Handling.Silence, now.DueAt));
    }

    static DateTimeOffset At(int second) => Callers.Noon.AddSeconds(second);

    void Open() => Take(Conversation.Open(Callers.Tenant, Guid.CreateVersion7(), new(Callers.Inbox, customer.PersonId, "Ada"), 1, 0, Begin(0), new()));

    void Give(Caller to, int second) => Take(Conversation.Route(Callers.Tenant, now, TalkScene.Known(to), null, At(second)));

    Decision<ConversationSnapshot> Post(Caller caller, int second, Lane lane = Lane.Public) =>
        Take(Conversation.Post(Callers.Tenant, now, caller, new(Guid.CreateVersion7(), lane, "text/plain", [65]), Begin(second), new()));

    Decision<ConversationSnapshot> Tick(int second, LastWords last = default) =>
        Take(Conversation.Tick(Callers.Tenant, now, At(second), silence: new(queue, last, Guid.CreateVersion7())));

    Session Begin(int second) => new(At(second), Guid.CreateVersion7(), null) { Silence = Silences.In(Callers.Tenant.Value, queue, At(second)), Inbox = Callers.TakingInbox };

    Decision<ConversationSnapshot> Take(Decision<ConversationSnapshot> decision)
    {
        Assert.Null(decision.Refusal);
        now = decision.Next!;
        return decision;
    }
}
