using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Grains;

/// <summary>Queues and offers through their doors, on the engine.</summary>
public abstract class RoutingFlow(IStage stage) : OneNodeFlow(stage)
{
    [Fact]
    [Trait("Catalogue", "RCC-8")]
    [Trait("Catalogue", "RCC-9")]
    public async Task What_waits_in_a_queue_is_offered_and_belongs_to_who_accepts()
    {
        await AskFirstAsync(seconds: 60);
        var agent = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await UntilOfferedAsync(conversation, agent);

        Company.Ok(await AnswerAsync(agent, conversation, ControlOperations.AcceptOffer));
        Assert.Equal(agent.PersonId, (await Company.StateAsync(conversation)).AssigneeId);
        Assert.Equal(ErrorCode.Conflict, (await AnswerAsync(agent, conversation, ControlOperations.AcceptOffer)).Code);
    }

    [Fact]
    public async Task What_one_declines_the_next_is_offered()
    {
        await AskFirstAsync(seconds: 60);
        var first = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await UntilOfferedAsync(conversation, first);
        var second = await Company.HireAsync(Availability.Online);
        Company.Ok(await AnswerAsync(first, conversation, ControlOperations.DeclineOffer));

        await UntilOfferedAsync(conversation, second);
        Assert.Equal([first.PersonId], (await Company.LoadAsync(conversation)).Handling.Passed);
    }

    [Fact]
    [Trait("Catalogue", "RCC-8")]
    public async Task What_nobody_answers_goes_on_and_who_is_silent_too_often_is_away()
    {
        await using var node = await StartInsteadAsync(("Rcc:Agents:MissedOffersUntilAway", "2"), ("Rcc:Routing:OfferAgainAfter", "00:00:00"));
        var company = await Company.FoundAsync(node);
        await AskFirstAsync(seconds: 1, company);
        var silent = await company.HireAsync(Availability.Online);
        var conversation = await company.OpenAsync(await company.VisitAsync());
        await UntilAwayAsync(company, silent);

        // It is not asked any more: what waits goes to the next who comes.
        var attentive = await company.HireAsync(Availability.Online);
        await UntilOfferedAsync(conversation, attentive, company);
        Company.Ok(await AnswerAsync(attentive, conversation, ControlOperations.AcceptOffer, company));
        Assert.Equal(Availability.Online, await AvailabilityAsync(node, attentive));
    }

    [Fact]
    [Trait("Catalogue", "RCC-8")]
    public async Task What_was_left_unanswered_counts_over_a_restart()
    {
        (string, string)[] settings = [("Rcc:Agents:MissedOffersUntilAway", "3"), ("Rcc:Routing:OfferAgainAfter", "00:00:00")];
        Company company;
        Caller silent;
        await using (var first = await StartInsteadAsync(settings))
        {
            company = await Company.FoundAsync(first);
            await AskFirstAsync(seconds: 1, company);
            silent = await company.HireAsync(Availability.Online);
            await company.OpenAsync(await company.VisitAsync());
            await Company.UntilAsync(async () => (await MissedAsync(first)).Count == 2, "two are missed");
        }

        await using var second = await StartInsteadAsync(settings);
        await Company.UntilAsync(async () => await AvailabilityAsync(second, silent) == Availability.Away, "the silent agent is away");
        var missed = await MissedAsync(second);
        Assert.Equal(0, missed.Count);

        // Each miss is a revision, and so is the end of the count. One of them may have fallen into the stop of the first node, which did not live to see the agent away.
        Assert.InRange(missed.Revision, 4, 5);

        async Task<MissedOffers> MissedAsync(Node node) =>
            MissedOffers.Read(silent.PersonId, await node.Get<ISyncStore>().FindItemAsync(company.Tenant, MissedOffers.Key(silent.PersonId), CancellationToken.None));
    }

    [Theory]
    [InlineData("offline")]
    [InlineData("suspended")]
    [InlineData("removed")]
    [Trait("Catalogue", "RCC-8"), Trait("Catalogue", "RCC-35"), Trait("Catalogue", "RCC-39")]
    public async Task What_is_offered_to_who_goes_is_offered_to_the_next_at_once(string goes)
    {
        // Neither the offer's end nor the look-round comes by meanwhile.
        await using var node = await StartInsteadAsync(("Rcc:Routing:LookRoundInterval", "00:10:00"));
        var company = await Company.FoundAsync(node);
        await AskFirstAsync(seconds: 600, company);
        var first = await company.HireAsync(Availability.Online);
        var conversation = await company.OpenAsync(await company.VisitAsync());
        await UntilOfferedAsync(conversation, first, company);
        var second = await company.HireAsync(Availability.Online);
        switch (goes)
        {
            case "offline":
                await company.SetAvailabilityAsync(first, Availability.Offline);
                break;
            case "suspended":
                Company.Ok(await node.Agents.SetSuspendedAsync(company.Master, first.PersonId, true, Attempt.Unkeyed, CancellationToken.None));
                break;
            default:
                Company.Ok(await node.Agents.RemoveAsync(company.Master, first.PersonId, Attempt.Unkeyed, CancellationToken.None));
                break;
        }

        await UntilOfferedAsync(conversation, second, company);
        Assert.Empty((await company.LoadAsync(conversation)).Handling.Passed);
        Company.Ok(await AnswerAsync(second, conversation, ControlOperations.AcceptOffer, company));
    }

    [Fact]
    [Trait("Catalogue", "RCC-39")]
    public async Task What_a_suspended_agent_has_goes_to_the_next_at_once()
    {
        await using var node = await StartInsteadAsync(("Rcc:Routing:LookRoundInterval", "00:10:00"));
        var company = await Company.FoundAsync(node);
        var first = await company.HireAsync(Availability.Online);
        var conversation = await company.OpenAsync(await company.VisitAsync());
        await company.UntilAssignedAsync(conversation, first.PersonId);
        var second = await company.HireAsync(Availability.Online);
        Company.Ok(await node.Agents.SetSuspendedAsync(company.Master, first.PersonId, true, Attempt.Unkeyed, CancellationToken.None));
        await company.UntilAssignedAsync(conversation, second.PersonId);
    }

    [Fact]
    public async Task What_an_agent_who_has_gone_does_not_answer_the_next_gets_in_its_place()
    {
        Company.Ok(await Node.Queues.ChangeAsync(
            Company.Master, Company.Tenant.Value, new() { Name = "Default", ReassignAfterSeconds = 1 }, Attempt.Unkeyed, CancellationToken.None));
        var gone = await Company.HireAsync(Availability.Online);
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        await Company.UntilAssignedAsync(conversation, gone.PersonId);
        var began = (await Company.LoadAsync(conversation)).Handling.Since;
        await Company.SetAvailabilityAsync(gone, Availability.Offline);
        var next = await Company.HireAsync(Availability.Online);
        Company.Ok(await Company.PostAsync(customer, conversation, "Is anybody there?"));
        await Company.UntilAssignedAsync(conversation, next.PersonId);
        Assert.Equal(began, (await Company.LoadAsync(conversation)).Handling.Since);
        Company.Ok(await Company.PostAsync(next, conversation, "Yes."));
        Assert.Null((await Company.LoadAsync(conversation)).Handling.Silence!.UnansweredSince);
        Assert.False(await Company.TakesPartAsync(conversation, gone.PersonId));
    }

    [Fact]
    public async Task What_nobody_writes_in_any_more_is_resolved_and_its_place_goes_to_what_waits()
    {
        await using var node = await StartInsteadAsync();
        var company = await Company.FoundAsync(node);
        Company.Ok(await node.Queues.ChangeAsync(
            company.Master, company.Tenant.Value, new() { Name = "Default", AutoResolveAfterHours = 1, AutoResolveMessage = "Goodbye." }, Attempt.Unkeyed, CancellationToken.None));
        var agent = await HireForOneAsync(company);
        var customer = await company.VisitAsync();
        var silent = await company.OpenAsync(customer);
        await company.UntilAssignedAsync(silent, agent.PersonId);
        Company.Ok(await company.PostAsync(agent, silent, "Does that help?"));
        var waiting = await company.OpenAsync(await company.VisitAsync());
        ((MemoryStore)node.Get<IRoutingStore>()).Ahead = TimeSpan.FromHours(1);
        await company.UntilAssignedAsync(waiting, agent.PersonId);
        Assert.Equal(ConversationStatus.Resolved, (await company.StateAsync(silent)).Status);
        Assert.Equal([Role.Agent, Role.System], (await company.MessagesAsync(silent)).Select(message => message.Role));

        Company.Ok(await company.PostAsync(customer, silent, "It does not."));
        Assert.Equal(ConversationStatus.Open, (await company.StateAsync(silent)).Status);
    }

    [Fact]
    public async Task Resolving_by_itself_says_its_limits()
    {
        Assert.Contains("autoResolveAfterHours", (await CreateAsync(new() { Name = "A", AutoResolveMessage = "Bye." })).Detail, StringComparison.Ordinal);
        Assert.Contains("autoResolveAfterHours", (await CreateAsync(new() { Name = "A", AutoResolveAfterHours = 8_785 })).Detail, StringComparison.Ordinal);
        Assert.Contains("reassignAfterSeconds", (await CreateAsync(new() { Name = "A", ReassignAfterSeconds = 0 })).Detail, StringComparison.Ordinal);
        Assert.Contains("offlineMessage", (await CreateAsync(new() { Name = "A", OfflineMessageWhenUnattended = true })).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Within_the_hours_who_comes_while_nobody_is_there_is_told_once()
    {
        Company.Ok(await Node.Queues.ChangeAsync(
            Company.Master, Company.Tenant.Value, new() { Name = "Default", OfflineMessage = "Nobody is here.", OfflineMessageWhenUnattended = true }, Attempt.Unkeyed, CancellationToken.None));
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAsync(async () => (await Company.MessagesAsync(conversation)).Count == 1, "the customer is told");
        var agent = await Company.HireAsync(Availability.Online);
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        Assert.Single(await Company.MessagesAsync(conversation));
    }

    [Theory]
    [InlineData("given")]
    [InlineData("takenBack")]
    public async Task What_cannot_be_dealt_with_keeps_nothing_else_waiting(string what)
    {
        Company company;
        Caller first;
        Caller second;
        List<Guid> talks = [];
        await using (var before = await StartInsteadAsync())
        {
            company = await Company.FoundAsync(before);
            (first, second) = (await company.HireAsync(what == "given" ? Availability.Offline : Availability.Online), await company.HireAsync());
            Company.Ok(await before.Agents.ChangeAsync(company.Master, second.PersonId, new() { Capacity = 1 }, Attempt.Unkeyed, CancellationToken.None));
            for (var i = 0; i < 2; i++)
            {
                talks.Add(await company.OpenAsync(await company.VisitAsync()));
                if (what != "given")
                {
                    await company.UntilAssignedAsync(talks[i], first.PersonId);
                }
            }
        }

        await using var node = await StartInsteadAsync();
        var broken = ((MemoryStore)node.Get<IConversationStore>()).Unreadable;
        broken[talks[0]] = true;
        if (what != "given")
        {
            // What it has is taken back at once, and that fails; the agent is suspended all the same.
            await Assert.ThrowsAnyAsync<Exception>(() => node.Agents.SetSuspendedAsync(company.Master, first.PersonId, true, Attempt.Unkeyed, CancellationToken.None));
        }

        Company.Ok(await node.Agents.SetAvailabilityAsync(second, new() { Number = company.Next(), Availability = Availability.Online }, Attempt.Numbered, CancellationToken.None));
        await company.UntilAssignedAsync(talks[1], second.PersonId, node);

        // It is tried again: once it can be read, it is dealt with.
        broken.Clear();
        Company.Ok(await node.Agents.ChangeAsync(company.Master, second.PersonId, new() { Capacity = 2 }, Attempt.Unkeyed, CancellationToken.None));
        await company.UntilAssignedAsync(talks[0], second.PersonId, node);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-3)]
    [Trait("Catalogue", "RCC-8")]
    public async Task What_is_due_happens_once_although_the_clocks_of_server_and_store_differ(int aheadSeconds)
    {
        await using var node = await StartInsteadAsync(("Rcc:Routing:LookRoundInterval", "00:10:00"), ("Rcc:Routing:OfferAgainAfter", "00:10:00"));
        var store = (MemoryStore)node.Get<IRoutingStore>();
        var company = await Company.FoundAsync(node);
        await AskFirstAsync(seconds: 1, company);
        var agent = await company.HireAsync(Availability.Online);
        store.Ahead = TimeSpan.FromSeconds(aheadSeconds);
        var looks = store.Looks;
        var conversation = await company.OpenAsync(await company.VisitAsync());
        await Company.UntilAsync(async () => (await company.LoadAsync(conversation)).Handling.Passed.Contains(agent.PersonId), "the offer is over");
        Assert.InRange(store.Looks - looks, 1, 12);
    }

    [Theory]
    [InlineData("reassigned")]
    [InlineData("consultation cancelled")]
    [InlineData("consultation completed")]
    [InlineData("consultant leaves")]
    [Trait("Catalogue", "RCC-8")]
    public async Task A_place_that_becomes_free_goes_to_what_waits_at_once(string how)
    {
        // The look-round does not come by meanwhile.
        await using var node = await StartInsteadAsync(("Rcc:Routing:LookRoundInterval", "00:10:00"));
        var company = await Company.FoundAsync(node);
        var first = await HireForOneAsync(company);
        var conversation = await company.OpenAsync(await company.VisitAsync());
        await company.UntilAssignedAsync(conversation, first.PersonId);
        var second = await HireForOneAsync(company);
        var freed = first;
        if (how == "reassigned")
        {
            var waiting = await OccupyAsync();
            Company.Ok(await company.AssignAsync(company.Master, conversation, company.Master.PersonId));
            await company.UntilAssignedAsync(waiting, freed.PersonId);
            return;
        }

        Company.Ok(await node.Controls.ControlAsync(
            first, new() { Number = company.Next(), ConversationId = conversation, Operation = ControlOperations.Consult, AgentId = second.PersonId }, Attempt.Numbered, CancellationToken.None));
        Company.Ok(await AnswerAsync(second, conversation, ControlOperations.AcceptOffer, company));
        var next = await company.OpenAsync(await company.VisitAsync());
        Assert.Null((await company.StateAsync(next)).AssigneeId);
        switch (how)
        {
            case "consultation completed":
                Company.Ok(await AnswerAsync(first, conversation, ControlOperations.CompleteTransfer, company));
                break;
            case "consultation cancelled":
                Company.Ok(await AnswerAsync(first, conversation, ControlOperations.CancelTransfer, company));
                freed = second;
                break;
            default:
                Company.Ok(await AnswerAsync(second, conversation, ControlOperations.CancelTransfer, company));
                freed = second;
                break;
        }

        await company.UntilAssignedAsync(next, freed.PersonId);

        // Everybody has one: what comes now waits.
        async Task<Guid> OccupyAsync()
        {
            var other = await company.OpenAsync(await company.VisitAsync());
            await company.UntilAssignedAsync(other, second.PersonId);
            var waiting = await company.OpenAsync(await company.VisitAsync());
            Assert.Null((await company.StateAsync(waiting)).AssigneeId);
            return waiting;
        }
    }

    [Fact]
    public async Task What_comes_in_by_an_inbox_waits_in_its_queue_and_goes_to_who_serves_it()
    {
        var skilled = await Company.HireAsync();
        var queue = await MakeAsync(new() { Name = "French", Skills = ["french"] });
        Company.Ok(await Company.Node.Accounts.ChangeInboxAsync(Company.Master, Company.Inbox.Id, new() { QueueId = queue }, Attempt.Unkeyed, CancellationToken.None));
        await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.SetAvailabilityAsync(skilled, Availability.Online);
        Assert.Equal(queue, (await Company.LoadAsync(conversation)).Handling.QueueId);
        Assert.Null((await Company.StateAsync(conversation)).AssigneeId);

        Company.Ok(await Node.Agents.ChangeAsync(Company.Master, skilled.PersonId, new() { Skills = ["French"] }, Attempt.Unkeyed, CancellationToken.None));
        await Company.UntilAssignedAsync(conversation, skilled.PersonId);

        Assert.Equal(ErrorCode.Conflict, (await Node.Queues.RemoveAsync(Company.Master, queue, Attempt.Unkeyed, CancellationToken.None)).Code);
        Company.Ok(await Node.Accounts.ChangeInboxAsync(Company.Master, Company.Inbox.Id, new() { QueueId = Company.Tenant.Value }, Attempt.Unkeyed, CancellationToken.None));
        Company.Ok(await Node.Queues.RemoveAsync(Company.Master, queue, Attempt.Unkeyed, CancellationToken.None));
        Assert.Equal(ErrorCode.NotFound, (await Node.Queues.FindAsync(Company.Master, queue, CancellationToken.None)).Outcome.Code);
    }

    [Fact]
    public async Task Outside_the_hours_the_customer_is_told_once_and_what_waited_too_long_goes_on()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var closed = await MakeAsync(new() { Name = "Shop", Hours = new() { TimeZone = "Europe/Berlin", Open = [] }, OfflineMessage = "We are closed." });
        Company.Ok(await Node.Accounts.ChangeInboxAsync(Company.Master, Company.Inbox.Id, new() { QueueId = closed }, Attempt.Unkeyed, CancellationToken.None));
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        await Company.UntilAsync(async () => (await Company.MessagesAsync(conversation)).Count == 1, "the customer is told");
        Company.Ok(await Company.PostAsync(customer, conversation, "Hello?"));
        Assert.Equal([(Role.System, 1L), (Role.Customer, 2L)], (await Company.MessagesAsync(conversation)).Select(message => (message.Role, message.Seq)));
        Assert.Null((await Company.StateAsync(conversation)).AssigneeId);

        var change = new QueueState { Name = "Shop", Hours = new() { TimeZone = "Europe/Berlin", Open = [] }, OverflowQueueId = Company.Tenant.Value, MaxWaitSeconds = 1 };
        Company.Ok(await Node.Queues.ChangeAsync(Company.Master, closed, change, Attempt.Unkeyed, CancellationToken.None));
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        Assert.Equal(Company.Tenant.Value, (await Company.LoadAsync(conversation)).Handling.QueueId);
        Assert.Equal(2, (await Company.MessagesAsync(conversation)).Count);
    }

    [Fact]
    public async Task Who_does_not_serve_a_queue_takes_nothing_from_it_by_command_or_macro()
    {
        var queue = await MakeAsync(new() { Name = "French", Skills = ["french"] });
        Company.Ok(await Company.Node.Accounts.ChangeInboxAsync(Company.Master, Company.Inbox.Id, new() { QueueId = queue }, Attempt.Unkeyed, CancellationToken.None));
        var agent = await Company.HireAsync(Availability.Busy);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        Assert.Equal(ErrorCode.Forbidden, (await Company.AssignAsync(agent, conversation, agent.PersonId)).Code);
        Assert.Equal(ErrorCode.Forbidden, (await TakeAsync()).Code);
        Company.Ok(await Node.Agents.ChangeAsync(Company.Master, agent.PersonId, new() { Skills = ["French"] }, Attempt.Unkeyed, CancellationToken.None));
        Company.Ok(await TakeAsync());
        Assert.Equal(agent.PersonId, (await Company.StateAsync(conversation)).AssigneeId);

        Task<Outcome> TakeAsync() => Node.Controls.ControlAsync(
            agent, new() { Number = Company.Next(), ConversationId = conversation, Operation = ControlOperations.Assign, AgentId = agent.PersonId }, Attempt.Numbered, CancellationToken.None);
    }

    [Theory]
    [InlineData("Mars/Olympus")]
    [InlineData("W. Europe Standard Time")]
    [InlineData("")]
    public async Task A_time_zone_has_an_IANA_name(string zone) => Assert.Contains(
        "IANA", (await CreateAsync(new() { Name = "A", Hours = new() { TimeZone = zone, Open = [] } })).Detail, StringComparison.Ordinal);

    [Fact]
    public async Task Overflow_needs_a_queue_to_go_to()
    {
        Assert.Contains("overflowQueueId", (await CreateAsync(new() { Name = "A", MaxLength = 3 })).Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.NotFound, (await CreateAsync(new() { Name = "A", MaxLength = 3, OverflowQueueId = Guid.NewGuid() })).Code);
        Assert.Equal(ErrorCode.Malformed, (await CreateAsync(new() { Name = "A", Hours = new() { TimeZone = "UTC", Open = [], Holidays = [new(new(2026, 2, 2), new(2026, 2, 1))] } })).Code);
    }

    [Fact]
    public async Task Names_of_queues_are_unique_and_what_they_name_must_exist()
    {
        await MakeAsync(new() { Name = "Sales" });
        Assert.Equal(ErrorCode.Taken, (await CreateAsync(new() { Name = "Sales" })).Code);
        Assert.Equal(ErrorCode.NotFound, (await CreateAsync(new() { Name = "A", GroupIds = [Guid.NewGuid()] })).Code);
        Assert.Equal(ErrorCode.NotFound, (await CreateAsync(new() { Name = "A", AgentIds = [Guid.NewGuid()] })).Code);
        Assert.Equal(ErrorCode.NotFound, (await Node.Accounts.CreateInboxAsync(Company.Master, new() { Name = "I", QueueId = Guid.NewGuid() }, Attempt.Unkeyed, CancellationToken.None)).Code);
        Assert.Contains("twice", (await CreateAsync(new() { Name = "A", Skills = ["a", "a"] })).Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.Malformed, (await CreateAsync(new() { Name = "A", OfferSeconds = 601 })).Code);
        Assert.Equal(ErrorCode.Malformed, (await CreateAsync(new() { Name = "A", Priority = 101 })).Code);
        var list = await Node.Queues.ListAsync(Company.Master, default, CancellationToken.None);
        Assert.Equal(["Default", "Sales"], list.Value!.Items.Select(queue => queue.State.Name));
    }

    /// <summary>An agent at its desk who serves one at a time.</summary>
    static async Task<Caller> HireForOneAsync(Company company)
    {
        var agent = await company.HireAsync();
        Company.Ok(await company.Node.Agents.ChangeAsync(company.Master, agent.PersonId, new() { Capacity = 1 }, Attempt.Unkeyed, CancellationToken.None));
        await company.SetAvailabilityAsync(agent, Availability.Online);
        return agent;
    }

    Task<Outcome> CreateAsync(QueueState queue) => Node.Queues.CreateAsync(Company.Master, queue, Attempt.Unkeyed, CancellationToken.None);

    async Task<Guid> MakeAsync(QueueState queue) => Company.Ok(await CreateAsync(queue)).Id!.Value;

    /// <summary>The queue every account has offers what waits.</summary>
    async Task AskFirstAsync(int seconds, Company? at = null)
    {
        var company = at ?? Company;
        Company.Ok(await company.Node.Queues.ChangeAsync(
            company.Master, company.Tenant.Value, new() { Name = "Default", OfferSeconds = seconds }, Attempt.Unkeyed, CancellationToken.None));
    }

    Task UntilOfferedAsync(Guid conversation, Caller agent, Company? at = null) => Company.UntilAsync(
        async () => (await (at ?? Company).LoadAsync(conversation)).Handling.Offer?.AgentId == agent.PersonId, $"offered to {agent.PersonId}");

    Task<Outcome> AnswerAsync(Caller agent, Guid conversation, string operation, Company? at = null) => (at ?? Company).Node.Controls.ControlAsync(
        agent, new() { Number = (at ?? Company).Next(), ConversationId = conversation, Operation = operation }, Attempt.Numbered, CancellationToken.None);

    static Task UntilAwayAsync(Company company, Caller agent) => Company.UntilAsync(async () => await AvailabilityAsync(company.Node, agent) == Availability.Away, "the silent agent is away");

    static async Task<Availability> AvailabilityAsync(Node node, Caller agent) =>
        (await node.Get<IAgentStore>().LoadAsync(agent.Tenant, agent.PersonId, CancellationToken.None))!.State.Availability;
}
