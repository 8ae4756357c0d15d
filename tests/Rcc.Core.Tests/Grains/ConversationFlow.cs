using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Access;

namespace Rcc.Core.Tests.Grains;

/// <summary>Conversations through their door, on the engine, with the real log over a store in memory.</summary>
public abstract class ConversationFlow(IStage stage) : OneNodeFlow(stage)
{
    [Fact]
    [Trait("Catalogue", "IM-114")]
    public async Task A_dialogue_goes_from_the_door_to_the_store_and_back()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        await Company.UntilAssignedAsync(conversation, agent.PersonId);

        var hello = Company.Ok(await Company.PostAsync(customer, conversation, "Hello"));
        Company.Ok(await Company.PostAsync(agent, conversation, "A new customer", Lane.Notes));
        var reply = Company.Ok(await Company.PostAsync(agent, conversation, "Good day"));
        Assert.All<Outcome>([hello, reply], outcome => Assert.NotNull(outcome.At));
        Assert.Equal((1L, 2L), (hello.Seq, reply.Seq));

        var page = await Node.Conversations.LoadMessagesAsync(customer, new() { ConversationId = conversation }, CancellationToken.None);
        Assert.Equal(["Hello", "Good day"], page.Messages.Select(message => message.Content));
        Assert.Equal(2, page.LastSeq);
        var notes = await Node.Conversations.LoadMessagesAsync(agent, new() { ConversationId = conversation, Lane = Lane.Notes }, CancellationToken.None);
        Assert.Equal(["A new customer"], notes.Messages.Select(message => message.Content));

        Company.Ok(await Company.ResolveAsync(agent, conversation));
        Assert.Equal(ErrorCode.Closed, (await Company.PostAsync(agent, conversation, "Late")).Code);
        Company.Ok(await Company.PostAsync(customer, conversation, "One more thing"));
        Assert.Equal((ConversationStatus.Open, agent.PersonId), ((await Company.StateAsync(conversation)).Status, (await Company.StateAsync(conversation)).AssigneeId));
    }

    [Fact]
    public async Task What_nobody_can_take_waits_until_somebody_can()
    {
        var agent = await Company.HireAsync();
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        Company.Ok(await Company.PostAsync(customer, conversation, "Anybody?"));
        Assert.Null((await Company.StateAsync(conversation)).AssigneeId);

        await Company.SetAvailabilityAsync(agent, Availability.Online);
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        Assert.True(await Company.TakesPartAsync(conversation, agent.PersonId));
    }

    [Fact]
    public async Task Waiting_conversations_are_spread_over_the_available_agents()
    {
        var conversations = new List<Guid>();
        for (var i = 0; i < 6; i++)
        {
            conversations.Add(await Company.OpenAsync(await Company.VisitAsync()));
        }

        var first = await Company.HireAsync(Availability.Online);
        await Company.HireAsync(Availability.Busy);
        await Company.UntilAsync(async () => (await HoldersAsync()).All(holder => holder == first.PersonId), "everything is with the only available agent");
        var second = await Company.HireAsync(Availability.Online);
        for (var i = 0; i < 6; i++)
        {
            conversations.Add(await Company.OpenAsync(await Company.VisitAsync()));
        }

        await Company.UntilAsync(async () => (await HoldersAsync()).All(holder => holder is not null), "nothing waits");
        Assert.Equal(6, (await HoldersAsync()).Count(holder => holder == second.PersonId));

        async Task<IEnumerable<Guid?>> HoldersAsync() => (await Task.WhenAll(conversations.Select(Company.StateAsync))).Select(state => state.AssigneeId);
    }

    [Fact]
    [Trait("Catalogue", "INV-8")]
    public async Task A_repeated_post_gets_the_first_answer_and_is_kept_once()
    {
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        var message = Company.Message(conversation, "Once");
        var first = await Node.Conversations.PostAsync(customer, message, Attempt.Numbered, CancellationToken.None);
        Assert.Equal(first, await Node.Conversations.PostAsync(customer, message, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(ErrorCode.NumberReused, (await Node.Conversations.PostAsync(customer, message with { Content = "Twice" }, Attempt.Numbered, CancellationToken.None)).Code);
        Assert.Single(await Company.MessagesAsync(conversation));
    }

    [Theory]
    [InlineData(Fault.LostBefore)]
    [InlineData(Fault.LostAfter)]
    [Trait("Catalogue", "INV-8")]
    public async Task A_post_whose_answer_was_lost_is_settled_by_repeating_it(Fault fault)
    {
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        Company.Ok(await Company.PostAsync(customer, conversation, "First"));
        var message = Company.Message(conversation, "Second");

        Node.Log.Suffer(fault);
        Assert.Equal(ErrorCode.Unavailable, (await Node.Conversations.PostAsync(customer, message, Attempt.Numbered, CancellationToken.None)).Code);
        var settled = Company.Ok(await Node.Conversations.PostAsync(customer, message, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(2, settled.Seq);
        Assert.Equal(3, Company.Ok(await Company.PostAsync(customer, conversation, "Third")).Seq);
        Assert.Equal([1L, 2L, 3L], (await Company.MessagesAsync(conversation)).Select(kept => kept.Seq));
    }

    [Fact]
    public async Task A_repeated_command_gets_its_first_answer_although_the_rules_would_refuse_it_by_now()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        var message = Company.Message(conversation, "Before");
        var first = await Node.Conversations.PostAsync(agent, message, Attempt.Numbered, CancellationToken.None);
        Company.Ok(await Company.ResolveAsync(agent, conversation));

        Assert.Equal(first, await Node.Conversations.PostAsync(agent, message, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(ErrorCode.NumberReused, (await Node.Conversations.PostAsync(agent, message with { Content = "Other" }, Attempt.Numbered, CancellationToken.None)).Code);
    }

    [Fact]
    public async Task A_refused_command_stays_refused_although_the_rules_would_take_it_by_now()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        Company.Ok(await Company.ResolveAsync(agent, conversation));
        var message = Company.Message(conversation, "Too late");
        var refused = await Node.Conversations.PostAsync(agent, message, Attempt.Numbered, CancellationToken.None);
        Company.Ok(await Node.Conversations.ReopenAsync(agent, new() { Number = Company.Next(), ConversationId = conversation }, Attempt.Numbered, CancellationToken.None));

        // A copy that was on its way all the time, perhaps through another server.
        Assert.Equal(ErrorCode.Closed, refused.Code);
        Assert.Equal(refused, await Node.Conversations.PostAsync(agent, message, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(ErrorCode.NumberReused, (await Node.Conversations.PostAsync(agent, message with { Content = "Other" }, Attempt.Numbered, CancellationToken.None)).Code);
        Assert.Empty(await Company.MessagesAsync(conversation));
    }

    [Fact]
    public async Task A_command_that_changed_nothing_changes_nothing_when_it_is_repeated_either()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        Company.Ok(await Company.ResolveAsync(agent, conversation));
        var again = new ResolveConversation { Number = Company.Next(), ConversationId = conversation };
        var first = Company.Ok(await Node.Conversations.ResolveAsync(agent, again, Attempt.Numbered, CancellationToken.None));
        Company.Ok(await Node.Conversations.ReopenAsync(agent, new() { Number = Company.Next(), ConversationId = conversation }, Attempt.Numbered, CancellationToken.None));

        Assert.Equal(first, await Node.Conversations.ResolveAsync(agent, again, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(ConversationStatus.Open, (await Company.StateAsync(conversation)).Status);
    }

    [Fact]
    public async Task Opening_is_repeated_safely_and_another_conversation_cannot_take_the_id()
    {
        var customer = await Company.VisitAsync();
        var command = new OpenConversation { Number = Company.Next(), ConversationId = Guid.CreateVersion7() };
        var first = Company.Ok(await Node.Conversations.OpenAsync(customer, command, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(first, await Node.Conversations.OpenAsync(customer, command, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(ErrorCode.Taken, (await Node.Conversations.OpenAsync(customer, command with { Number = Company.Next() }, Attempt.Numbered, CancellationToken.None)).Code);
        Assert.Equal(ErrorCode.Taken, (await Node.Conversations.OpenAsync(await Company.VisitAsync(), command, Attempt.Numbered, CancellationToken.None)).Code);
    }

    [Fact]
    public async Task A_used_message_id_is_taken_and_leaves_no_hole()
    {
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        var message = Company.Message(conversation, "One");
        Company.Ok(await Node.Conversations.PostAsync(customer, message, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(ErrorCode.Taken, (await Node.Conversations.PostAsync(customer, message with { Number = Company.Next() }, Attempt.Numbered, CancellationToken.None)).Code);
        Assert.Equal(2, Company.Ok(await Company.PostAsync(customer, conversation, "Two")).Seq);
    }

    [Fact]
    [Trait("Catalogue", "RCC-28")]
    public async Task Another_tenants_people_find_nothing()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        var other = await Company.FoundAsync(Node);

        Assert.Equal(ErrorCode.NotFound, (await other.PostAsync(other.Master, conversation, "Hello")).Code);
        Assert.Equal(ErrorCode.NotFound, (await other.ResolveAsync(other.Master, conversation)).Code);
        Assert.Equal(ErrorCode.NotFound, (await other.AssignAsync(other.Master, conversation, other.Master.PersonId)).Code);
        Assert.Equal(ErrorCode.NotFound, (await Company.AssignAsync(agent, conversation, other.Master.PersonId)).Code);
        Assert.Equal(ErrorCode.NotFound, (await Node.Conversations.LoadMessagesAsync(other.Master, new() { ConversationId = conversation }, CancellationToken.None)).Outcome.Code);
        Assert.Equal(ErrorCode.NotFound, (await Node.Conversations.FindAsync(other.Master, conversation, CancellationToken.None)).Outcome.Code);
        Assert.Empty((await Node.Conversations.ListAsync(other.Master, new(), CancellationToken.None)).Value!.Items);
        Assert.Equal(ErrorCode.NotFound, (await Node.Agents.SetSuspendedAsync(other.Master, agent.PersonId, suspended: true, Attempt.Unkeyed, CancellationToken.None)).Code);
    }

    [Fact]
    public async Task Everybody_lists_what_it_may_see()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var customer = await Company.VisitAsync();
        var mine = await Company.OpenAsync(customer);
        await Company.UntilAssignedAsync(mine, agent.PersonId);
        await Company.SetAvailabilityAsync(agent, Availability.Busy);
        var waiting = await Company.OpenAsync(await Company.VisitAsync());

        Assert.Equal([waiting, mine], await ListAsync(Company.Master, new()));
        Assert.Equal([mine], await ListAsync(agent, new()));
        Assert.Equal([waiting], await ListAsync(agent, new() { OnlyWaiting = true }));
        Assert.Equal([mine], await ListAsync(customer, new()));
        Assert.Empty(await ListAsync(customer, new() { OnlyWaiting = true }));
        var page = (await Node.Conversations.ListAsync(Company.Master, new() { Limit = 1 }, CancellationToken.None)).Value!;
        Assert.True(page.More);
        Assert.Equal([mine], await ListAsync(Company.Master, new() { Before = page.Items[0].State.DisplayId }));

        async Task<IEnumerable<Guid>> ListAsync(Caller caller, ConversationFilter filter) =>
            (await Node.Conversations.ListAsync(caller, filter, CancellationToken.None)).Value!.Items.Select(listed => listed.Id);
    }

    [Fact]
    public async Task An_application_acts_within_its_scopes()
    {
        var contact = (await Company.VisitAsync()).PersonId;
        var writer = await Company.ConnectAsync(Scopes.ConversationsWrite);
        var reader = await Company.ConnectAsync(Scopes.ConversationsRead);
        var opening = new NewConversation { InboxId = Company.Inbox.Id, ContactId = contact };
        var made = Company.Ok(await Node.Conversations.OpenForContactAsync(writer, opening, Attempt.Keyed("open-1"), CancellationToken.None));
        Assert.Equal(made, await Node.Conversations.OpenForContactAsync(writer, opening, Attempt.Keyed("open-1"), CancellationToken.None));

        Company.Ok(await Company.PostAsync(writer, made.ConversationId!.Value, "From the shop"));
        Assert.Equal(ErrorCode.Forbidden, (await Company.PostAsync(reader, made.ConversationId.Value, "No")).Code);
        Assert.Single((await Node.Conversations.LoadMessagesAsync(reader, new() { ConversationId = made.ConversationId.Value }, CancellationToken.None)).Messages);
        Assert.Equal(ErrorCode.Forbidden, (await Node.Conversations.LoadMessagesAsync(writer, new() { ConversationId = made.ConversationId.Value }, CancellationToken.None)).Outcome.Code);
        Assert.Equal(ErrorCode.NotFound, (await Node.Conversations.OpenForContactAsync(writer, opening with { InboxId = Guid.CreateVersion7() }, Attempt.Unkeyed, CancellationToken.None)).Code);
        Assert.Equal(ErrorCode.NotFound, (await Node.Conversations.OpenForContactAsync(writer, opening with { ContactId = Guid.CreateVersion7() }, Attempt.Unkeyed, CancellationToken.None)).Code);
    }

    [Fact]
    public async Task Bad_input_is_refused_before_anything_is_asked_of_the_store()
    {
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        var appends = Node.Log.Appends;
        var message = Company.Message(conversation, "x");
        await RefusedAsync(message with { Content = new('x', 32_769) }, ErrorCode.TooLarge, "MaxContentBytes is 32768");
        await RefusedAsync(message with { Content = "" }, ErrorCode.Malformed, "content");
        await RefusedAsync(message with { Content = "\ud800" }, ErrorCode.Malformed, "surrogate");
        await RefusedAsync(message with { MessageId = Guid.Empty }, ErrorCode.Malformed, "messageId");
        await RefusedAsync(message with { ConversationId = Guid.Empty }, ErrorCode.Malformed, "conversationId");
        await RefusedAsync(message with { ContentType = "text/html" }, ErrorCode.Malformed, "text/plain");
        await RefusedAsync(message with { Lane = (Lane)7 }, ErrorCode.Malformed, "lane");
        await RefusedAsync(message with { Number = 0 }, ErrorCode.Malformed, "number");
        Assert.Equal(appends, Node.Log.Appends);
        await RefusedAsync(message with { Number = Company.Next(), Lane = Lane.Notes }, ErrorCode.Forbidden, "public lane");
        Company.Ok(await Node.Conversations.PostAsync(customer, message with { Content = "a\0b" }, Attempt.Numbered, CancellationToken.None));

        async Task RefusedAsync(PostMessage bad, ErrorCode code, string names)
        {
            var outcome = await Node.Conversations.PostAsync(customer, bad, Attempt.Numbered, CancellationToken.None);
            Assert.Equal(code, outcome.Code);
            Assert.Contains(names, outcome.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Too_many_requests_of_one_person_are_answered_as_that()
    {
        var customer = await Company.VisitAsync();
        await using var slow = await StartInsteadAsync(("Rcc:Access:RequestBurst", "2"), ("Rcc:Access:RequestsPerSecond", "1"));
        var find = () => slow.Conversations.FindAsync(customer, Guid.CreateVersion7(), CancellationToken.None);
        Assert.Equal(ErrorCode.NotFound, (await find()).Outcome.Code);
        Assert.Equal(ErrorCode.NotFound, (await find()).Outcome.Code);
        Assert.Equal(ErrorCode.RateLimited, (await find()).Outcome.Code);
    }
}
