using System.Text;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Conversations;

/// <summary>The rules of a conversation, by example.</summary>
public class ConversationTests
{
    static readonly ConversationOptions Options = new();

    readonly Caller customer = Callers.Customer();
    readonly Caller agent = Callers.Agent();
    readonly Caller colleague = Callers.Agent();
    readonly Standing master = Callers.Over(Callers.Master());

    [Fact]
    public void An_opened_conversation_waits_and_its_customer_reads_it()
    {
        var decision = Open();
        var change = decision.Change!;

        Assert.Equal(1, decision.Next!.Revision);
        Assert.Equal(Callers.Noon, decision.Next.WaitingSince);
        Assert.Equal([new(customer.PersonId, Audience.OfConversation(decision.Next.Id), MembershipState.Reads)], change.Audiences);
        var item = Assert.Single(change.Items, item => item.Key.Kind == ItemKind.Conversation);
        Assert.Equal(Audience.OfConversation(decision.Next.Id), item.Home);
        Assert.Equal([Audience.OfConversation(decision.Next.Id), Audience.OfPerson(customer.PersonId)], item.Tell);
        var waiting = Assert.Single(change.Items, item => item.Key.Kind == ItemKind.Waiting);
        Assert.Equal([Audience.OfAgents(Callers.Tenant)], waiting.Tell);
        Assert.Equal(decision.Next.Id, change.Answer.ConversationId);
    }

    [Fact]
    public void A_customer_with_too_many_open_conversations_is_told_the_limit()
    {
        var refusal = Conversation.Open(Callers.Tenant, Guid.CreateVersion7(), new(Callers.Inbox, customer.PersonId, null), 1, Options.MaxOpenPerContact, At(0), Options).Refusal!;
        Assert.Equal(ErrorCode.TooLarge, refusal.Code);
        Assert.Contains("MaxOpenPerContact is 20", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Catalogue", "RCC-19")]
    public void A_stranger_finds_no_conversation()
    {
        var open = Assigned();
        Assert.Equal(ErrorCode.NotFound, Post(open, Callers.Customer()).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Post(open, colleague).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Post(null, master).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Conversation.Resolve(Callers.Tenant, open, colleague).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Conversation.MarkRead(Callers.Tenant, open, colleague, Lane.Public, 1).Refusal!.Code);
    }

    [Fact]
    public void A_post_takes_the_next_place_of_its_lane_and_leaves_the_revision_alone()
    {
        var open = Assigned();
        var first = Post(open, customer);
        var note = Post(first.Next, agent, Lane.Notes);
        var second = Post(note.Next, agent);

        Assert.Equal([1L, 1L, 2L], new[] { first, note, second }.Select(decision => Assert.Single(decision.Change!.Messages).Seq));
        Assert.Equal(open.Revision, second.Next!.Revision);
        Assert.Empty(second.Change!.Items);
        Assert.Equal([new(new(ItemKind.Conversation, open.Id), open.Revision), new(ItemKey.OfHandling(open.Id), open.HandlingRevision)], second.Change.Fences);
        Assert.Equal(2, second.Change.Answer.Seq);
    }

    [Fact]
    public void A_customer_writes_no_notes() => Assert.Equal(ErrorCode.Forbidden, Post(Assigned(), customer, Lane.Notes).Refusal!.Code);

    [Fact]
    public void A_master_agent_takes_part_from_its_first_message_on()
    {
        var open = Assigned();
        var decision = Post(open, master);

        Assert.Contains(master.PersonId, decision.Next!.Agents);
        Assert.Equal(agent.PersonId, decision.Next.State.AssigneeId);
        Assert.Contains(new(master.PersonId, Audience.OfNotes(open.Id), MembershipState.Reads), decision.Change!.Audiences);
        Assert.All(decision.Change.Items, item => Assert.Contains(Audience.OfPerson(master.PersonId), item.Tell));
        Assert.Equal(open.HandlingRevision + 1, Post(decision.Next, master).Next!.HandlingRevision);

        // It is shown the conversation, which has not changed for anybody.
        Assert.Equal(open.Revision, decision.Next.Revision);
        Assert.Equal([Audience.OfPerson(master.PersonId)], Assert.Single(decision.Change.Shown).Tell);
    }

    [Fact]
    public void A_conversation_has_no_more_agents_than_the_limit()
    {
        var refusal = Conversation.Post(Callers.Tenant, Assigned(), master, Text(Lane.Public), At(1), new() { MaxAgents = 1 }).Refusal!;
        Assert.Equal(ErrorCode.TooLarge, refusal.Code);
        Assert.Contains("MaxAgents is 1", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Catalogue", "STOR-15")]
    public void An_application_writes_and_takes_part_in_nothing()
    {
        var open = Assigned();
        var application = Callers.Application();
        var decision = Post(open, application);

        Assert.Equal(Role.Application, Assert.Single(decision.Change!.Messages).Role);
        Assert.Empty(decision.Change.Audiences);
        Assert.Equal(ErrorCode.Forbidden, Conversation.MarkRead(Callers.Tenant, open, application, Lane.Public, 1).Refusal!.Code);
    }

    [Fact]
    public void Resolving_lets_everybodys_membership_rest_and_tells_them_in_person()
    {
        var decision = Conversation.Resolve(Callers.Tenant, Assigned(), agent);

        Assert.All(decision.Change!.Audiences, change => Assert.Equal(MembershipState.Rests, change.State));
        Assert.Equal(3, decision.Change.Audiences.Length);
        Assert.Equal(
            [Audience.OfPerson(customer.PersonId), Audience.OfPerson(agent.PersonId)],
            Assert.Single(decision.Change.Items).Tell);
        Assert.DoesNotContain(decision.Change.Rows, row => row is ParticipantRow);
    }

    [Fact]
    public void Resolving_twice_changes_nothing_and_is_ok()
    {
        var resolved = Conversation.Resolve(Callers.Tenant, Assigned(), agent).Next!;
        var again = Conversation.Resolve(Callers.Tenant, resolved, master);

        Assert.Same(resolved, again.Next);
        Assert.Empty(again.Change!.Items);
        Assert.Equal([resolved.Revision, resolved.HandlingRevision], again.Change.Fences.Select(fence => fence.Revision));
    }

    [Fact]
    public void Reopening_an_open_conversation_changes_nothing_and_is_ok()
    {
        var open = Assigned();
        Assert.Same(open, Conversation.Reopen(Callers.Tenant, open, agent, At(1)).Next);
    }

    [Fact]
    public void A_customer_neither_resolves_nor_reopens_nor_assigns()
    {
        var open = Assigned();
        Assert.Equal(ErrorCode.Forbidden, Conversation.Resolve(Callers.Tenant, open, customer).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Conversation.Reopen(Callers.Tenant, open, customer, At(1)).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Assign(open, customer, null).Refusal!.Code);
    }

    [Theory]
    [InlineData(Lane.Public)]
    [InlineData(Lane.Notes)]
    public void An_agent_does_not_write_in_a_resolved_conversation(Lane lane)
    {
        var resolved = Conversation.Resolve(Callers.Tenant, Assigned(), agent).Next;
        Assert.Equal(ErrorCode.Closed, Post(resolved, agent, lane).Refusal!.Code);
        Assert.Equal(ErrorCode.Closed, Post(resolved, Callers.Application()).Refusal!.Code);
        Assert.Equal(ErrorCode.Closed, Assign(resolved, agent, null).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "STOR-16")]
    public void A_customers_message_begins_a_new_session_with_the_agent_who_is_still_available()
    {
        var resolved = Conversation.Resolve(Callers.Tenant, Assigned(), agent).Next!;
        var session = At(9) with { Keeper = Known(agent) };
        var decision = Conversation.Post(Callers.Tenant, resolved, customer, Text(Lane.Public), session, Options);

        Assert.Equal(ConversationStatus.Open, decision.Next!.State.Status);
        Assert.Equal(session.ContributionId, decision.Next.State.ContributionId);
        Assert.NotEqual(resolved.State.ContributionId, decision.Next.State.ContributionId);
        Assert.Equal(agent.PersonId, decision.Next.State.AssigneeId);
        Assert.Null(decision.Next.WaitingSince);
        Assert.All(decision.Change!.Audiences, change => Assert.Equal(MembershipState.Reads, change.State));
        Assert.Single(decision.Change.Messages);
    }

    [Fact]
    public void A_customers_message_lets_the_conversation_wait_again_when_its_agent_is_away()
    {
        var resolved = Conversation.Resolve(Callers.Tenant, Assigned(), agent).Next!;
        var decision = Conversation.Post(Callers.Tenant, resolved, customer, Text(Lane.Public), At(9), Options);

        Assert.Null(decision.Next!.State.AssigneeId);
        Assert.Equal(Callers.Noon.AddMinutes(9), decision.Next.WaitingSince);
        Assert.Empty(decision.Next.Agents);
        Assert.Contains(new(agent.PersonId, Audience.OfConversation(resolved.Id), MembershipState.Left), decision.Change!.Audiences);
        Assert.Equal([Audience.OfPerson(agent.PersonId)], Assert.Single(decision.Change.Departures, d => d.Key.Kind == ItemKind.Conversation).Tell);
        Assert.Contains(decision.Change.Rows, row => row is ParticipantRow { Left: true } left && left.PersonId == agent.PersonId);
    }

    [Fact]
    public void A_customers_message_reopens_only_while_its_inbox_takes_new_ones_and_is_as_it_was()
    {
        var resolved = Conversation.Resolve(Callers.Tenant, Assigned(), agent).Next!;
        var takes = Callers.TakingInbox;
        var archived = takes with { Row = takes.Row with { IsArchived = true } };
        Assert.Contains(new(new(ItemKind.Inbox, takes.Row.Id), takes.Revision), In(takes).Change!.Fences);
        Assert.Equal(ErrorCode.Archived, In(archived).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, In(null).Refusal!.Code);

        // What is open goes on, and who works there may reopen.
        Assert.Null(Conversation.Post(Callers.Tenant, Assigned(), customer, Text(Lane.Public), At(9) with { Inbox = archived }, Options).Refusal);
        Assert.Null(Conversation.Reopen(Callers.Tenant, resolved, agent, At(9) with { Inbox = archived }).Refusal);

        Decision<ConversationSnapshot> In(InboxSnapshot? inbox) => Conversation.Post(Callers.Tenant, resolved, customer, Text(Lane.Public), At(9) with { Inbox = inbox }, Options);
    }

    [Fact]
    public void An_agent_reopens_its_own_although_it_takes_no_new_ones()
    {
        var resolved = Conversation.Resolve(Callers.Tenant, Assigned(), agent).Next!;
        Assert.Equal(agent.PersonId, Conversation.Reopen(Callers.Tenant, resolved, agent, At(1) with { Keeper = Known(agent, Availability.Busy) }).Next!.State.AssigneeId);
        Assert.Null(Conversation.Reopen(Callers.Tenant, resolved, master, At(1)).Next!.State.AssigneeId);
    }

    [Fact]
    public void An_agent_takes_what_waits_for_itself_only()
    {
        var waiting = Open().Next!;
        Assert.Equal(agent.PersonId, Assign(waiting, agent, agent.PersonId).Next!.State.AssigneeId);
        Assert.Equal(ErrorCode.NotFound, Assign(waiting, agent, colleague.PersonId).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Assign(Assigned(), colleague, colleague.PersonId).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-17")]
    public void An_agent_steers_with_those_controls_only_that_its_manager_gave_it()
    {
        var (open, waiting) = (Assigned(), Open().Next!);
        var resolves = agent with { Controls = Controls.Resolve };
        var assigns = agent with { Controls = Controls.Assign };
        var resolved = Conversation.Resolve(Callers.Tenant, open, resolves).Next!;

        Assert.Equal(ErrorCode.Forbidden, Assign(open, resolves, colleague.PersonId).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Assign(waiting, resolves, agent.PersonId).Refusal!.Code);
        Assert.Equal(agent.PersonId, Assign(waiting, assigns, agent.PersonId).Next!.State.AssigneeId);
        Assert.Equal(ErrorCode.Forbidden, Conversation.Resolve(Callers.Tenant, open, assigns).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Conversation.Reopen(Callers.Tenant, resolved, assigns, At(1)).Refusal!.Code);
        Assert.NotNull(Conversation.Reopen(Callers.Tenant, resolved, resolves, At(1)).Next);
        Assert.NotNull(Post(open, agent with { Controls = Controls.None }).Next);
        Assert.Equal(ErrorCode.NotFound, Conversation.Resolve(Callers.Tenant, open, colleague with { Controls = Controls.None }).Refusal!.Code);
    }

    [Fact]
    public void Giving_a_conversation_away_moves_who_reads_it()
    {
        var open = Assigned();
        var decision = Assign(open, agent, colleague.PersonId);

        Assert.Equal([colleague.PersonId], decision.Next!.Agents);
        Assert.Contains(new(agent.PersonId, Audience.OfNotes(open.Id), MembershipState.Left), decision.Change!.Audiences);
        Assert.Contains(new(colleague.PersonId, Audience.OfNotes(open.Id), MembershipState.Reads), decision.Change.Audiences);
        Assert.All(decision.Change.Items, item => Assert.Contains(Audience.OfPerson(colleague.PersonId), item.Tell));
        Assert.DoesNotContain(decision.Change.Audiences, change => change.PersonId == customer.PersonId);
        Assert.Contains(new(new(ItemKind.Agent, colleague.PersonId), 4), decision.Change.Fences);
    }

    [Fact]
    public void An_agent_who_takes_part_but_has_it_not_gives_nothing_away()
    {
        var joined = Assigned();
        joined = joined with { Handling = joined.Handling with { Agents = [new(agent.PersonId, Part.Server), new(colleague.PersonId, Part.Collaborator)] } };
        Assert.Equal(ErrorCode.Forbidden, Assign(joined, colleague, colleague.PersonId).Refusal!.Code);
    }

    [Fact]
    public void Nothing_is_assigned_to_an_unknown_or_suspended_agent()
    {
        Assert.Equal(ErrorCode.NotFound, Conversation.Assign(Callers.Tenant, Assigned(), master, colleague.PersonId, null, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Assign(Assigned(), master, colleague.PersonId, suspended: true).Refusal!.Code);
    }

    [Fact]
    public void Routing_gives_only_what_waits_and_only_to_who_is_available()
    {
        var waiting = Open().Next!;
        Assert.Equal(agent.PersonId, Conversation.Route(Callers.Tenant, waiting, Known(agent), null, Callers.Noon).Next!.State.AssigneeId);
        Assert.Equal(ErrorCode.Conflict, Conversation.Route(Callers.Tenant, waiting, Known(agent, Availability.Busy), null, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Conversation.Route(Callers.Tenant, waiting, null, null, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Conversation.Route(Callers.Tenant, Assigned(), Known(colleague), Known(agent, Availability.Offline), Callers.Noon).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-35")]
    public void Routing_takes_an_open_conversation_from_a_suspended_agent()
    {
        var decision = Conversation.Route(Callers.Tenant, Assigned(), Known(colleague), Known(agent, suspended: true), Callers.Noon);
        Assert.Equal([colleague.PersonId], decision.Next!.Agents);
    }

    [Fact]
    public void Reading_moves_the_persons_position_and_in_the_public_lane_what_the_sender_sees()
    {
        var open = Assigned();
        Assert.Equal(
            [new(MarkKind.Receipt, open.Id, agent.PersonId, 0, 7), new(MarkKind.Read, open.Id, agent.PersonId, 7, 0)],
            Conversation.MarkRead(Callers.Tenant, open, agent, Lane.Public, 7).Change!.Marks);
        Assert.Equal([new(MarkKind.Read, open.Id, agent.PersonId, 0, 7)], Conversation.MarkRead(Callers.Tenant, open, agent, Lane.Notes, 7).Change!.Marks);
        Assert.Equal(ErrorCode.Forbidden, Conversation.MarkRead(Callers.Tenant, open, customer, Lane.Notes, 7).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Conversation.MarkRead(Callers.Tenant, open, master, Lane.Public, 7).Refusal!.Code);
    }

    [Fact]
    public void An_agent_opens_one_for_itself_with_a_place_of_its_own_and_it_never_waits()
    {
        var known = new ConversationAgent(agent.PersonId, 7, IsSuspended: false, Availability.Online, Capacity: 3);
        var decision = Conversation.Open(Callers.Tenant, Guid.CreateVersion7(), new(Callers.Inbox, customer.PersonId, "Ada", InboxRevision: 4) { AgentId = agent.PersonId }, 1, 0, At(0), Options, known);
        var (next, change) = (decision.Next!, decision.Change!);
        Assert.Equal((agent.PersonId, null), (next.State.AssigneeId, next.WaitingSince));
        Assert.Equal([new(agent.PersonId, Part.Server)], next.Handling.Agents);
        Assert.Equal([known.Claim], change.Claims);
        Assert.Contains(known.Fence, change.Fences);
        Assert.Contains(new(new(ItemKind.Inbox, Callers.Inbox), 4), change.Fences);
        Assert.DoesNotContain(change.Items, item => item.Key.Kind == ItemKind.Waiting);
        Assert.Contains(change.Audiences, audience => audience.PersonId == agent.PersonId && audience.Audience == Audience.OfConversation(next.Id) && audience.State == MembershipState.Reads);
        Assert.Contains(change.Audiences, audience => audience.PersonId == customer.PersonId && audience.Audience == Audience.OfConversation(next.Id));
    }

    Decision<ConversationSnapshot> Open() =>
        Conversation.Open(Callers.Tenant, Guid.CreateVersion7(), new(Callers.Inbox, customer.PersonId, "Ada"), 1, 0, At(0), Options);

    ConversationSnapshot Assigned() => Assign(Open().Next!, agent, agent.PersonId).Next!;

    static Decision<ConversationSnapshot> Post(ConversationSnapshot? now, Standing caller, Lane lane = Lane.Public) =>
        Conversation.Post(Callers.Tenant, now, caller, Text(lane), At(1), Options);

    static Decision<ConversationSnapshot> Assign(ConversationSnapshot? now, Standing caller, Guid? to, bool suspended = false) =>
        Conversation.Assign(Callers.Tenant, now, caller, to, to is { } named ? Known(Callers.Agent(named), Availability.Offline, suspended) : null, Callers.Noon);

    static ConversationAgent Known(Caller agent, Availability availability = Availability.Online, bool suspended = false) => new(agent.PersonId, 4, suspended, availability, 3) { ManagedOn = [] };

    static Session At(int minute) => new(Callers.Noon.AddMinutes(minute), Guid.CreateVersion7(), Keeper: null, Inbox: Callers.TakingInbox);

    static Post Text(Lane lane) => new(Guid.CreateVersion7(), lane, "text/plain", [.. Encoding.UTF8.GetBytes("Hello")]);
}
