using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using Rcc.Core.Tests.Sync;

namespace Rcc.Core.Tests.Grains;

/// <summary>Two live copies of every grain: they may cost retries, never a wrong row (design promise 8).</summary>
public abstract class TwoNodesFlow(IStage stage) : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    Node[] nodes = [];
    Company company = null!;

    public async ValueTask InitializeAsync()
    {
        nodes = [await Node.StartAsync(stage), await Node.StartAsync(stage)];
        company = await Company.FoundAsync(nodes[0]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_copy_that_lags_behind_refuses_nothing_on_old_knowledge()
    {
        var customer = await company.VisitAsync();
        var conversation = await company.OpenAsync(customer);
        var agent = await company.HireAsync(Availability.Online);
        await company.UntilAssignedAsync(conversation, agent.PersonId);
        Company.Ok(await ResolveAsync(nodes[1], agent));
        Company.Ok(await ReopenAsync(nodes[0], agent));

        // The second node still believes that the conversation is resolved.
        Company.Ok(await nodes[1].Conversations.PostAsync(agent, company.Message(conversation, "Still here"), Attempt.Numbered, CancellationToken.None));

        Task<Outcome> ResolveAsync(Node node, Caller caller) =>
            node.Conversations.ResolveAsync(caller, new() { Number = company.Next(), ConversationId = conversation }, Attempt.Numbered, CancellationToken.None);

        Task<Outcome> ReopenAsync(Node node, Caller caller) =>
            node.Conversations.ReopenAsync(caller, new() { Number = company.Next(), ConversationId = conversation }, Attempt.Numbered, CancellationToken.None);
    }

    [Fact]
    public async Task Conversations_opened_on_both_nodes_have_numbers_of_their_own()
    {
        var customers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => company.VisitAsync()));
        var opened = await Task.WhenAll(customers.Select((customer, i) => nodes[i % 2].Conversations.OpenAsync(
            customer, new() { Number = 1, ConversationId = Guid.CreateVersion7() }, Attempt.Numbered, CancellationToken.None)));

        Assert.All(opened, outcome => Company.Ok(outcome));
        Assert.Equal(8, (await Task.WhenAll(opened.Select(outcome => company.StateAsync(outcome.ConversationId!.Value)))).Select(state => state.DisplayId).Distinct().Count());
    }

    [Fact]
    [Trait("Catalogue", "INV-23")]
    public async Task A_sign_in_at_one_copy_is_not_missed_by_the_new_password_that_the_other_is_about_to_commit()
    {
        var agent = await company.HireAsync();
        var change = Hold(nodes[0], proposal => proposal.Rows.OfType<AgentRow>().Any());
        var changing = nodes[0].Agents.ChangeOwnPasswordAsync(agent, null, "new", new((await LoginAsync(agent)).PasswordHash), CancellationToken.None);
        await change.Reached.WaitAsync(Patience);
        Company.Ok(await nodes[1].Agents.SignInAsync(await LoginAsync(agent), Company.Device(), null, [], CancellationToken.None));
        change.Open();
        Company.Ok(await changing);
        Assert.Equal(agent.DeviceId, Assert.Single((await nodes[0].Agents.ListDevicesAsync(agent, agent.PersonId, CancellationToken.None)).Value!.Items).Id);
    }

    [Fact]
    [Trait("Catalogue", "INV-23")]
    public async Task A_sign_in_at_one_copy_is_not_missed_by_the_suspension_that_the_other_is_about_to_commit()
    {
        var agent = await company.HireAsync();
        var change = Hold(nodes[0], proposal => proposal.Rows.OfType<AgentRow>().Any());
        var suspending = nodes[0].Agents.SetSuspendedAsync(company.Master, agent.PersonId, suspended: true, Attempt.Unkeyed, CancellationToken.None);
        await change.Reached.WaitAsync(Patience);
        Company.Ok(await nodes[1].Agents.SignInAsync(await LoginAsync(agent), Company.Device(), null, [], CancellationToken.None));
        change.Open();
        Company.Ok(await suspending);
        Assert.Empty((await nodes[0].Agents.ListDevicesAsync(company.Master, agent.PersonId, CancellationToken.None)).Value!.Items);
    }

    [Fact]
    [Trait("Catalogue", "INV-23")]
    public async Task The_old_password_signs_nobody_in_once_the_new_one_is_committed()
    {
        var agent = await company.HireAsync();
        var signIn = Hold(nodes[1], proposal => proposal.Rows.OfType<DeviceRow>().Any());
        var signingIn = nodes[1].Agents.SignInAsync(await LoginAsync(agent), Company.Device(), null, [], CancellationToken.None);
        await signIn.Reached.WaitAsync(Patience);
        Company.Ok(await nodes[0].Agents.ChangeOwnPasswordAsync(agent, null, "new", new((await LoginAsync(agent)).PasswordHash), CancellationToken.None));
        signIn.Open();
        Assert.Equal(ErrorCode.Unauthenticated, (await signingIn).Code);
        Assert.Single((await nodes[0].Agents.ListDevicesAsync(agent, agent.PersonId, CancellationToken.None)).Value!.Items);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Trait("Catalogue", "INV-2")]
    public async Task Whatever_is_sent_to_both_the_store_holds_what_one_would_have_made(int seed)
    {
        var agents = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => company.HireAsync(Availability.Online)));
        var customer = await company.VisitAsync();
        var conversation = await company.OpenAsync(customer);
        var acknowledged = await Task.WhenAll(agents.Append(customer).Append(company.Master).Select((caller, i) => ActAsync(caller, new(seed * 100 + i))));

        var kept = new List<Guid>();
        foreach (var lane in Enum.GetValues<Lane>())
        {
            var messages = await company.MessagesAsync(conversation, lane);
            Assert.Equal(Enumerable.Range(1, messages.Count).Select(seq => (long)seq), messages.Select(message => message.Seq));
            kept.AddRange(messages.Select(message => message.MessageId));
        }

        Assert.Equal(acknowledged.SelectMany(ids => ids).Order(), kept.Order());
        var now = await company.LoadAsync(conversation);
        Assert.True(now.State.AssigneeId is not { } assignee || now.Agents.Contains(assignee));
        foreach (var person in agents.Append(company.Master))
        {
            Assert.Equal(now.Agents.Contains(person.PersonId), await company.TakesPartAsync(conversation, person.PersonId));
        }

        // Each command goes to either node, some to both at once, and is repeated until its outcome is known.
        async Task<List<Guid>> ActAsync(Caller caller, Random random)
        {
            var ids = new List<Guid>();
            for (var i = 0; i < 30; i++)
            {
                var node = nodes[random.Next(2)];
                if (random.Next(12) == 0)
                {
                    nodes[random.Next(2)].Log.Suffer(random.Next(2) == 0 ? Fault.LostBefore : Fault.LostAfter);
                }

                switch (caller.IsAgent ? random.Next(6) : 0)
                {
                    case 1:
                        var to = agents[random.Next(agents.Length)].PersonId;
                        await SettleAsync(new AssignConversation { Number = company.Next(), ConversationId = conversation, AgentId = random.Next(3) == 0 ? null : to }, (on, command) => on.Conversations.AssignAsync(caller, command, Attempt.Numbered, CancellationToken.None));
                        break;
                    case 2:
                        await SettleAsync(new ResolveConversation { Number = company.Next(), ConversationId = conversation }, (on, command) => on.Conversations.ResolveAsync(caller, command, Attempt.Numbered, CancellationToken.None));
                        break;
                    case 3:
                        await SettleAsync(new ReopenConversation { Number = company.Next(), ConversationId = conversation }, (on, command) => on.Conversations.ReopenAsync(caller, command, Attempt.Numbered, CancellationToken.None));
                        break;
                    default:
                        var message = company.Message(conversation, "Text", caller.IsAgent ? (Lane)random.Next(2) : Lane.Public);
                        var outcomes = await SettleAsync(message, (on, command) => on.Conversations.PostAsync(caller, command, Attempt.Numbered, CancellationToken.None));
                        if (outcomes.FirstOrDefault(outcome => outcome.IsOk) is { } done)
                        {
                            Assert.All(outcomes.Where(outcome => outcome.IsOk), other => Assert.Equal(done, other));
                            ids.Add(message.MessageId!.Value);
                        }

                        break;
                }

                async Task<Outcome[]> SettleAsync<T>(T command, Func<Node, T, Task<Outcome>> send) =>
                    random.Next(3) == 0
                        ? await Task.WhenAll(nodes.Select(on => RepeatAsync(() => send(on, command))))
                        : [await RepeatAsync(() => send(node, command))];
            }

            return ids;
        }
    }

    async Task<AgentLogin> LoginAsync(Caller agent)
    {
        var account = await nodes[0].Get<ITenantStore>().LoadAsync(agent.Tenant, CancellationToken.None);
        var listed = await nodes[0].Agents.FindAsync(company.Master, agent.PersonId, CancellationToken.None);
        return (await nodes[0].Agents.CheckLoginAsync(account!.Slug, listed.Value!.Email, _ => Task.FromResult(true), CancellationToken.None)).Value!;
    }

    /// <summary>Holds back the next commit of a node that has such a proposal.</summary>
    static Gate Hold(Node node, Func<Proposal, bool> what)
    {
        var gate = new Gate();
        node.Log.Before = proposals =>
        {
            if (!proposals.Any(what))
            {
                return Task.CompletedTask;
            }

            node.Log.Before = _ => Task.CompletedTask;
            return gate.PassAsync();
        };
        return gate;
    }

    static async Task<Outcome> RepeatAsync(Func<Task<Outcome>> send)
    {
        while (true)
        {
            var outcome = await send();
            if (outcome.Code is not (ErrorCode.Unavailable or ErrorCode.Busy or ErrorCode.RateLimited))
            {
                return outcome;
            }

            await Task.Yield();
        }
    }
}
