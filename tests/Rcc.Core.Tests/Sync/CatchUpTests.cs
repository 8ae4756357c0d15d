using Rcc.Contracts.Conversations;

namespace Rcc.Core.Tests.Sync;

/// <summary>Devices that come, go and come back: pages, then frames from exactly there.</summary>
public class CatchUpTests
{
    [Fact]
    [Trait("Catalogue", "SYNC-9")]
    public async Task A_device_gets_what_there_is_and_then_what_happens()
    {
        await using var center = await Center.OpenAsync();
        var agent = await center.AddAgentAsync();
        var customer = await center.AddCustomerAsync();
        var conversation = await center.OpenConversationAsync(customer, agent);
        await center.PostAsync(conversation, customer);
        await agent.ConnectAsync(center.Node);
        await customer.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(agent, customer);
        await center.PostAsync(conversation, agent);
        await center.PostAsync(conversation, agent, Lane.Notes);
        await center.CommitAsync(Center.Delivered(conversation, customer, 2));
        await Center.UntilEqualLiveAsync(agent, customer);
        await center.UntilEqualAsync(agent, customer);
        Assert.Empty(center.Network.Errors);
    }

    [Fact]
    [Trait("Catalogue", "INV-16")]
    public async Task A_device_that_was_away_gets_exactly_what_it_missed()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        await agent.DisconnectAsync();
        var before = agent.Batches.Count;
        for (var i = 0; i < 5; i++)
        {
            await center.PostAsync(conversation, customer);
        }

        agent.PageItems = 2;
        await agent.ConnectAsync(center.Node);
        await center.UntilEqualAsync(agent);
        var missed = agent.Batches.Skip(before).ToList();
        Assert.All(missed, batch => Assert.Null(batch.Resync));
        Assert.Equal(5, missed.Sum(batch => batch.Items.Count));
        Assert.All(missed, batch => Assert.InRange(batch.Items.Count, 0, 2));
        Assert.Equal([1L, 2, 3, 4, 5], missed.SelectMany(batch => batch.Items).Select(item => item.Message!.Seq));
    }
}
