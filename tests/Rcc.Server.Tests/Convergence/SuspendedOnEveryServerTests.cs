using System.Globalization;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Convergence;

/// <summary>Suspended means out: when the call returns, on every server.</summary>
[Collection(nameof(Failures))]
[Trait("Catalogue", "INV-23")]
public sealed class SuspendedOnEveryServerTests(SuspendedOnEveryServerTests.Pair pair) : IClassFixture<SuspendedOnEveryServerTests.Pair>
{
    [Fact]
    public async Task A_suspended_agent_is_out_on_the_other_server_when_the_call_returns()
    {
        var company = await Company.MakeAsync(pair.One, pair.Platform, agents: 1);
        await AssertOutAsync(company, "agent", () => company.Master.PostAsync($"{company.Path}/agents/{company.Agents[0]}/suspend", new { }));
    }

    [Fact]
    [Trait("Catalogue", "RCC-20")]
    public async Task A_suspended_tenant_is_out_on_the_other_server_when_the_call_returns()
    {
        var company = await Company.MakeAsync(pair.One, pair.Platform, agents: 1);
        await AssertOutAsync(company, "tenant", () => pair.Platform.PostAsync($"/platform/api/v1/accounts/{company.Id}/suspend", new { }));
    }

    /// <summary>A customer on one server and the agent on the other write all the time; after the call has returned nothing of the agent's is accepted, nothing written then reaches it, and its connection closes.</summary>
    async Task AssertOutAsync(Company company, string who, Func<Task> suspendAsync)
    {
        await using var customer = new BareDevice(pair.One, await company.BeginAsync(pair.One));
        await customer.ConnectedAsync();
        var conversation = await customer.OpenConversationAsync();
        await company.AssignAsync(conversation, company.Agents[0]);
        await using var agent = new BareDevice(pair.Two, await company.SignInAsync(pair.Two, 0));
        await agent.ConnectedAsync();
        var first = await customer.PostAsync(conversation, "hello");
        await agent.UntilPushedAsync(first.MessageId!.Value);

        using var stop = new CancellationTokenSource();
        var customerWrites = WriteAsync(customer, conversation, stop.Token);
        var agentWrites = WriteAsync(agent, conversation, stop.Token);
        await Until.TrueAsync(() => agent.Pushed.Count > 20, () => "both write");
        await suspendAsync();
        var customerBegun = customer.NextNumber();
        var begun = agent.NextNumber();
        Outcome? after = null;
        try
        {
            after = await agent.CallAsync<Outcome>(
                nameof(IDeviceHub.PostMessage), new PostMessage { Number = begun, ConversationId = conversation, MessageId = Guid.CreateVersion7(), Content = "after" });
        }
        catch (IOException)
        {
            // The connection is closed.
        }

        Assert.True(after is null or { Code: ErrorCode.Suspended or ErrorCode.Unauthenticated or ErrorCode.Unavailable or ErrorCode.NotFound }, $"the suspended {who}'s post was answered with {after}");
        await Until.TrueAsync(() => !agent.IsConnected && agent.Refused is not null, () => "the agent's connection is closed and no new one is accepted");
        await stop.CancelAsync();
        Assert.All(await agentWrites, number => Assert.True(number < begun));
        await customerWrites;
        Assert.DoesNotContain(agent.Pushed.Values, m => m.PersonId == customer.SignedIn.PersonId && long.TryParse(m.Content, NumberFormatInfo.InvariantInfo, out var number) && number > customerBegun);
    }

    /// <summary>Gives the numbers that were accepted.</summary>
    static async Task<List<long>> WriteAsync(BareDevice device, Guid conversation, CancellationToken stop)
    {
        var accepted = new List<long>();
        while (!stop.IsCancellationRequested)
        {
            var number = device.NextNumber();
            try
            {
                var outcome = await device.CallAsync<Outcome>(
                    nameof(IDeviceHub.PostMessage), new PostMessage { Number = number, ConversationId = conversation, MessageId = Guid.CreateVersion7(), Content = number.ToString(NumberFormatInfo.InvariantInfo) });
                if (outcome.IsOk) accepted.Add(number);
            }
            catch (IOException)
            {
                // Not accepted, as far as anybody knows.
            }

            await Task.Delay(5, CancellationToken.None);
        }

        return accepted;
    }

    /// <summary>Two servers on one database.</summary>
    public sealed class Pair(Databases databases) : IAsyncLifetime
    {
        ServerProcess? one;
        ServerProcess? two;

        internal ServerProcess One => one!;

        internal ServerProcess Two => two!;

        internal Api Platform { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var database = await databases.CreateAsync();
            one = await ServerProcess.OnDatabaseAsync(database);
            Platform = await one.BecomeOperatorAsync();
            two = await ServerProcess.OnDatabaseAsync(database);
        }

        public async ValueTask DisposeAsync()
        {
            if (one is not null) await one.DisposeAsync();
            if (two is not null) await two.DisposeAsync();
        }
    }
}
