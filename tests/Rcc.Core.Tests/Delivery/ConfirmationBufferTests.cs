using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Contracts.Delivery;
using Rcc.Core.Delivery;
using Rcc.Core.Sync;
using Rcc.Core.Tests.Sync;

namespace Rcc.Core.Tests.Delivery;

/// <summary>What devices confirm becomes receipts: merged, at most once, and not lost when the log cannot be reached.</summary>
public class ConfirmationBufferTests
{
    [Fact]
    public async Task What_several_devices_of_a_person_confirm_becomes_one_receipt()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation, proposals) = await TalkAsync(center);
        var second = await center.SignInAsync(agent.Caller.PersonId);
        await second.ConnectAsync(center.Node);
        agent.Link.Confirm(Held(conversation, 1));
        agent.Link.Confirm(Held(conversation, 3));
        second.Link.Confirm(Held(conversation, 2));
        await center.UntilAsync(() => ReceiptOf(center, agent, conversation) == 3, () => "the receipt");
        Assert.Equal(new MarkAdvance(MarkKind.Receipt, conversation, agent.Caller.PersonId, 3, 0), Assert.Single(Assert.Single(proposals).Marks));
        await center.UntilEqualAsync(agent, customer, second);
    }

    [Fact]
    public async Task Persons_are_not_merged_and_a_tenants_receipts_go_in_parts_of_the_limit()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<DeliveryOptions>(options => options.MaxMarksPerProposal = 1));
        var (agent, customer, conversation, proposals) = await TalkAsync(center);
        agent.Link.Confirm(Held(conversation, 2));
        customer.Link.Confirm(Held(conversation, 3));
        await center.UntilAsync(() => ReceiptOf(center, agent, conversation) == 2 && ReceiptOf(center, customer, conversation) == 3, () => "both receipts");
        Assert.Equal(2, proposals.Count);
        Assert.All(proposals, proposal => Assert.Single(proposal.Marks));
    }

    [Theory]
    [InlineData(typeof(UnavailableException))]
    [InlineData(typeof(BusyException))]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(LimitExceededException))]
    public async Task What_could_not_be_handed_over_is_kept_and_merged(Type failure)
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation, proposals) = await TalkAsync(center);
        var failing = true;
        center.Network.Appending = proposal =>
        {
            proposals.Enqueue(proposal);
            return failing ? throw (Exception)Activator.CreateInstance(failure, "not now")! : Task.CompletedTask;
        };
        agent.Link.Confirm(Held(conversation, 1));
        await center.UntilAsync(() => !proposals.IsEmpty, () => "an attempt");
        customer.Link.Confirm(Held(conversation, 2));
        failing = false;
        await center.UntilAsync(() => ReceiptOf(center, agent, conversation) == 1 && ReceiptOf(center, customer, conversation) == 2, () => "both receipts");
        Assert.Equal(2, proposals.Last().Marks.Length);
    }

    [Fact]
    public async Task Receipts_that_are_refused_for_good_do_not_stop_the_others()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation, _) = await TalkAsync(center);
        center.Store.IsPoisonous = proposal => proposal.Marks.Any(mark => mark.PersonId == agent.Caller.PersonId);
        agent.Link.Confirm(Held(conversation, 1));
        await center.UntilAsync(() => !center.Network.Errors.IsEmpty, () => "the refusal");
        customer.Link.Confirm(Held(conversation, 1));
        await center.UntilAsync(() => ReceiptOf(center, customer, conversation) == 1, () => "the other receipt");
    }

    static Confirmation Held(Guid conversation, long seq) => new() { Held = [new Held(conversation, seq)] };

    static long ReceiptOf(Center center, FakeDevice device, Guid conversation) =>
        center.Model.ItemsFor(device.Caller.PersonId, new()).TryGetValue(new ItemKey(ItemKind.Receipt, conversation, device.Caller.PersonId), out var item)
            ? System.Text.Json.JsonSerializer.Deserialize(item.State.AsSpan(), Contracts.ContractJson.Default.ReceiptState)!.Delivered
            : 0;

    static async Task<(FakeDevice Agent, FakeDevice Customer, Guid Conversation, ConcurrentQueue<Proposal> Proposals)> TalkAsync(Center center)
    {
        var agent = await center.AddAgentAsync();
        var customer = await center.AddCustomerAsync();
        var conversation = await center.OpenConversationAsync(customer, agent);
        for (var i = 0; i < 3; i++)
        {
            await center.PostAsync(conversation, customer);
        }

        await agent.ConnectAsync(center.Node);
        await customer.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(agent, customer);
        var proposals = new ConcurrentQueue<Proposal>();
        center.Network.Appending = proposal =>
        {
            proposals.Enqueue(proposal);
            return Task.CompletedTask;
        };
        return (agent, customer, conversation, proposals);
    }
}
