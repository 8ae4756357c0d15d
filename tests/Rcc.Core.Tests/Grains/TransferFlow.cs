using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core.Access;

namespace Rcc.Core.Tests.Grains;

/// <summary>Transfers to queues through their doors, on the engine.</summary>
public abstract class TransferFlow(IStage stage) : OneNodeFlow(stage)
{
    [Fact]
    [Trait("Catalogue", "RCC-14")]
    public async Task Many_transfers_to_one_group_at_once_all_find_somebody_who_has_a_place()
    {
        const int Count = 20;
        await using var node = await StartInsteadAsync(("Rcc:Agents:DefaultCapacity", "1"));
        var company = await Company.FoundAsync(node);
        var holders = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => company.HireAsync(Availability.Online)));
        var talks = await Task.WhenAll(Enumerable.Range(0, Count).Select(async _ => await company.OpenAsync(await company.VisitAsync())));
        await Company.UntilAsync(async () => (await StatesAsync()).All(state => state.AssigneeId is not null), "all are served");
        var group = Company.Ok(await node.Groups.CreateAsync(company.Master, new("Second line"), Attempt.Unkeyed, CancellationToken.None)).Id!.Value;
        var members = await Task.WhenAll(Enumerable.Range(0, Count).Select(async _ =>
        {
            var member = await company.HireAsync();
            Company.Ok(await node.Agents.ChangeAsync(company.Master, member.PersonId, new() { GroupId = group, Capacity = 1 }, Attempt.Unkeyed, CancellationToken.None));
            await company.SetAvailabilityAsync(member, Availability.TransferOnly);
            return member.PersonId;
        }));

        var answers = await Task.WhenAll(talks.Select(async talk => await node.Controls.ControlAsync(
            await HolderAsync(talk),
            new() { Number = company.Next(), ConversationId = talk, Operation = ControlOperations.Transfer, GroupId = group },
            Attempt.Numbered,
            CancellationToken.None)));
        Assert.All(answers, answer => Company.Ok(answer));
        var offered = await Task.WhenAll(talks.Select(async talk => (await company.LoadAsync(talk)).Handling.Offer!.AgentId));
        Assert.Equal(members.Order(), offered.Order());

        async Task<Caller> HolderAsync(Guid talk)
        {
            var assignee = (await company.StateAsync(talk)).AssigneeId;
            return holders.Single(holder => holder.PersonId == assignee);
        }

        async Task<IEnumerable<ConversationState>> StatesAsync() => await Task.WhenAll(talks.Select(company.StateAsync));
    }

    static readonly BusinessHours Never = new() { TimeZone = "UTC", Open = [] };

    [Fact]
    [Trait("Catalogue", "RCC-15")]
    public async Task What_nobody_takes_in_a_queue_comes_back_to_who_transferred_it()
    {
        var (agent, conversation) = await ServeAsync();
        var queue = await MakeAsync(new() { Name = "Experts", Skills = ["nobody has it"], TransferSeconds = 1 });
        Company.Ok(await TransferAsync(agent, conversation, queue));
        Assert.Null((await Company.StateAsync(conversation)).AssigneeId);

        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        var handling = (await Company.LoadAsync(conversation)).Handling;
        Assert.Equal((Company.Tenant.Value, TransferOutcome.NoAnswer), (handling.QueueId, handling.Transfer!.Outcome));
        Company.Ok(await Company.PostAsync(agent, conversation, "Me again."));
    }

    [Fact]
    [Trait("Catalogue", "RCC-15")]
    public async Task When_who_transferred_it_has_no_place_left_it_waits_where_it_had_come_from()
    {
        var (agent, conversation) = await ServeAsync();
        var queue = await MakeAsync(new() { Name = "Experts", Skills = ["nobody has it"], TransferSeconds = 2 });
        Company.Ok(await TransferAsync(agent, conversation, queue));
        Company.Ok(await Node.Agents.ChangeAsync(Company.Master, agent.PersonId, new() { Capacity = 1 }, Attempt.Unkeyed, CancellationToken.None));
        var other = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAssignedAsync(other, agent.PersonId);

        await Company.UntilAsync(async () => (await Company.LoadAsync(conversation)).Handling.QueueId == Company.Tenant.Value, "it waits where it had come from");
        Assert.Null((await Company.StateAsync(conversation)).AssigneeId);

        // The next place is its own.
        Company.Ok(await Company.ResolveAsync(agent, other));
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
    }

    [Fact]
    [Trait("Catalogue", "RCC-15")]
    public async Task When_the_queue_closes_it_comes_back_and_to_a_closed_one_it_does_not_go()
    {
        var (agent, conversation) = await ServeAsync();
        var queue = await MakeAsync(new() { Name = "Experts", Skills = ["nobody has it"] });
        Company.Ok(await TransferAsync(agent, conversation, queue));
        Company.Ok(await Node.Queues.ChangeAsync(Company.Master, queue, new() { Name = "Experts", Hours = Never }, Attempt.Unkeyed, CancellationToken.None));
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        Assert.Equal(ErrorCode.Conflict, (await TransferAsync(agent, conversation, queue)).Code);
        Assert.Equal(agent.PersonId, (await Company.StateAsync(conversation)).AssigneeId);
    }

    [Fact]
    [Trait("Catalogue", "RCC-14")]
    public async Task In_the_queue_it_goes_to_anybody_but_who_transferred_it_and_that_one_may_have_it_back_until_then()
    {
        var (agent, conversation) = await ServeAsync();
        Company.Ok(await TransferAsync(agent, conversation, Company.Tenant.Value));
        Company.Ok(await ControlAsync(agent, conversation, ControlOperations.CancelTransfer));
        Assert.Equal(agent.PersonId, (await Company.StateAsync(conversation)).AssigneeId);

        Company.Ok(await TransferAsync(agent, conversation, Company.Tenant.Value));
        var other = await Company.HireAsync(Availability.Online);
        await Company.UntilAssignedAsync(conversation, other.PersonId);
        Assert.Equal(TransferOutcome.Completed, (await Company.LoadAsync(conversation)).Handling.Transfer!.Outcome);
        Assert.Equal(ErrorCode.NotFound, (await ControlAsync(agent, conversation, ControlOperations.CancelTransfer)).Code);
    }

    [Fact]
    public async Task A_target_counts_the_hours_of_the_queue_that_asked_for_it_wherever_the_conversation_goes_on()
    {
        Company.Ok(await Node.Queues.ChangeAsync(Company.Master, Company.Tenant.Value, new() { Name = "Default", ResolutionSeconds = 36_000 }, Attempt.Unkeyed, CancellationToken.None));
        var (agent, conversation) = await ServeAsync();
        var queue = await MakeAsync(new() { Name = "Experts", ResolutionSeconds = 60 });
        var other = await Company.HireAsync(Availability.Online);
        Company.Ok(await TransferAsync(agent, conversation, queue));
        await Company.UntilAssignedAsync(conversation, other.PersonId);
        Company.Ok(await Node.Queues.ChangeAsync(Company.Master, queue, new() { Name = "Experts", Hours = Never }, Attempt.Unkeyed, CancellationToken.None));

        Company.Ok(await ControlAsync(other, conversation, ControlOperations.Hold));
        await Company.UntilAsync(async () => (await Company.LoadAsync(conversation)).Handling.Targets!.Resolution!.LeftSeconds > 35_000, "the clock stands with what was left by the hours of the first queue");
        Assert.Equal(Company.Tenant.Value, (await Company.LoadAsync(conversation)).Handling.Targets!.QueueId);
    }

    /// <summary>An agent serves a conversation.</summary>
    async Task<(Caller Agent, Guid Conversation)> ServeAsync()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        return (agent, conversation);
    }

    async Task<Guid> MakeAsync(QueueState queue) => Company.Ok(await Node.Queues.CreateAsync(Company.Master, queue, Attempt.Unkeyed, CancellationToken.None)).Id!.Value;

    Task<Outcome> TransferAsync(Caller agent, Guid conversation, Guid queue) => ControlAsync(agent, conversation, ControlOperations.Transfer, queue);

    Task<Outcome> ControlAsync(Caller agent, Guid conversation, string operation, Guid? queue = null) => Node.Controls.ControlAsync(
        agent, new() { Number = Company.Next(), ConversationId = conversation, Operation = operation, QueueId = queue }, Attempt.Numbered, CancellationToken.None);
}
