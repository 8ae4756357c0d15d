using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Conversations;

public class ConversationStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    IConversationStore Store => fixture.Stores.Conversations;

    [Fact]
    public async Task What_a_contact_has_open_is_counted_up_to_the_limit()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var (customer, other) = (await scene.AddCustomerAsync(), await scene.AddCustomerAsync());
        for (var i = 0; i < 3; i++)
        {
            await scene.OpenAsync(customer);
        }

        await scene.TurnAsync(await scene.OpenAsync(customer, await scene.AddAgentAsync()), ConversationStatus.Resolved);
        await scene.OpenAsync(other);
        Assert.Equal((3, 2, 1), (await CountAsync(customer.Id, 20), await CountAsync(customer.Id, 2), await CountAsync(other.Id, 20)));
        Assert.Equal(0, await CountAsync(Guid.CreateVersion7(), 20));

        Task<int> CountAsync(Guid contact, int limit) => fixture.Stores.Conversations.CountOpenAsync(scene.Tenant, contact, limit, default);
    }

    [Fact]
    public async Task A_conversation_is_loaded_with_what_its_rules_decide_on()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 3);
        await scene.PostAsync(talk, agent, 2, Lane.Notes);

        var snapshot = await Store.LoadAsync(scene.Tenant, talk.Id, default);

        Assert.Equal((talk.Id, 1, 3L, 2L), (snapshot!.Id, snapshot.Revision, snapshot.LastSeq, snapshot.LastNotesSeq));
        Assert.Equal(talk.State with { AssigneeId = agent.Id }, snapshot.State);
        Assert.Equal([agent.Id], snapshot.Agents);
        Assert.Null(snapshot.WaitingSince);
        await scene.AssignAsync(talk, null);
        snapshot = await Store.LoadAsync(scene.Tenant, talk.Id, default);
        Assert.Equal((2, DateTimeOffset.UnixEpoch), (snapshot!.Revision, snapshot.WaitingSince));
        Assert.Empty(snapshot.Agents);
        Assert.Null(await Store.LoadAsync(scene.Tenant, Guid.CreateVersion7(), default));
        Assert.Null(await Store.LoadAsync(new TenantId(Guid.CreateVersion7()), talk.Id, default));
    }

    [Fact]
    public async Task Messages_are_paged_backwards_and_come_oldest_first()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 7);

        Assert.Equal([5, 6, 7], await SeqsAsync(null, 3));
        Assert.Equal([2, 3, 4], await SeqsAsync(5, 3));
        Assert.Equal([1], await SeqsAsync(2, 3));
        Assert.Equal([], await SeqsAsync(1, 3));

        async Task<IEnumerable<long>> SeqsAsync(long? before, int limit)
        {
            var page = await Store.ReadMessagesAsync(scene.Tenant, talk.Id, Lane.Public, agent.Id, before, limit, default);
            Assert.Equal(7, page!.LastSeq);
            return page.Messages.Select(message => message.Message.Seq);
        }
    }

    [Fact]
    public async Task What_is_kept_for_single_agents_is_loaded_and_a_mention_is_found_by_whom_it_mentions()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.OpenAsync(customer, agent);
        var (mention, whispers) = (new ItemKey(ItemKind.Mention, talk.Id, agent.Id), new ItemKey(ItemKind.Whispers, talk.Id, agent.Id));
        Assert.Empty((await Store.LoadAsync(scene.Tenant, talk.Id, default))!.Personal);

        await scene.AcceptAsync(new Proposal { Items = [new(mention, 1, [.. "{}"u8], Audience.OfPerson(agent.Id), [Audience.OfPerson(agent.Id)])] });
        await scene.AcceptAsync(new Proposal { Items = [new(mention, 2, [.. "{}"u8], Audience.OfPerson(agent.Id), [Audience.OfPerson(agent.Id)])] });
        await scene.AcceptAsync(new Proposal { Items = [new(whispers, 1, [.. "{}"u8], Audience.OfPerson(agent.Id), [Audience.OfPerson(agent.Id)])] });

        Assert.Equal(new Dictionary<ItemKey, int> { [mention] = 2, [whispers] = 1 }, (await Store.LoadAsync(scene.Tenant, talk.Id, default))!.Personal);
        Assert.Equal([talk.Id], (await Store.ListAsync(scene.Tenant, new() { MentionedId = agent.Id, Limit = 10 }, default)).Select(one => one.Id));
        Assert.Empty(await Store.ListAsync(scene.Tenant, new() { MentionedId = customer.Id, Limit = 10 }, default));
    }

    [Fact, Trait("Catalogue", "RCC-14")]
    public async Task A_transfer_goes_to_the_least_busy_who_have_a_place_left()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.AddAgentAsync(availability: Availability.Busy);
        var waitsForTransfers = await scene.AddAgentAsync(availability: Availability.TransferOnly);
        var full = await scene.AddAgentAsync();
        var grouped = await scene.AddAgentAsync();
        await scene.OpenAsync(customer, full);
        await scene.OpenAsync(customer, grouped);
        await scene.OpenAsync(customer, grouped);
        var group = Guid.CreateVersion7();
        await fixture.ScalarAsync("UPDATE agent SET capacity = 1 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, full.Id);
        await fixture.ScalarAsync("UPDATE agent SET group_id = $3 WHERE tenant = $1 AND id = $2", scene.Tenant.Value, grouped.Id, group);
        await scene.AcceptAsync(new Proposal
        {
            Items = [new(new(ItemKind.Offer, talk.Id, grouped.Id), 1, [.. "{}"u8], Audience.OfPerson(grouped.Id), [Audience.OfPerson(grouped.Id)])],
        });

        var all = await Store.FindTransferTargetsAsync(scene.Tenant, talk.Id, null, null, 10, default);
        Assert.Equal([waitsForTransfers.Id, agent.Id, grouped.Id], all.Select(one => one.Agent.Id));
        Assert.Equal([0, 0, 1], all.Select(one => one.LastOffer));
        Assert.Equal(new(waitsForTransfers.Id, 1, IsSuspended: false, Availability.TransferOnly, new AgentOptions().DefaultCapacity), all[0].Agent);
        Assert.Equal([grouped.Id], (await Store.FindTransferTargetsAsync(scene.Tenant, talk.Id, group, null, 10, default)).Select(one => one.Agent.Id));
        Assert.Single(await Store.FindTransferTargetsAsync(scene.Tenant, talk.Id, null, null, 1, default));
    }

    [Fact, Trait("Catalogue", "RCC-14")]
    public async Task Who_serves_a_queue_is_found_among_however_many_strangers_are_less_busy()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        for (var i = 0; i < 60; i++)
        {
            await scene.AddAgentAsync();
        }

        await fixture.ScalarAsync("UPDATE agent SET skills = '{FRENCH,ärztlich}' WHERE tenant = $1 AND id = $2", scene.Tenant.Value, agent.Id);
        await scene.OpenAsync(customer, agent);
        Assert.Equal([agent.Id], await ServingAsync(new() { Name = "Q", Skills = ["french", "Ärztlich"] }));
        Assert.Equal([agent.Id], await ServingAsync(new() { Name = "Q", AgentIds = [agent.Id] }));
        Assert.Empty(await ServingAsync(new() { Name = "Q", GroupIds = [Guid.CreateVersion7()] }));
        Assert.Equal(50, (await ServingAsync(new() { Name = "Q" })).Count);

        async Task<IReadOnlyList<Guid>> ServingAsync(QueueState queue) =>
            [.. (await Store.FindTransferTargetsAsync(scene.Tenant, talk.Id, null, queue, 50, default)).Select(one => one.Agent.Id)];
    }

    [Fact]
    public async Task What_was_said_last_and_whether_an_agent_ever_wrote_is_read_of_the_public_lane()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        Assert.Equal(default, await ReadAsync());
        await scene.PostAsync(talk, customer);
        await scene.PostAsync(talk, agent, lane: Lane.Notes);
        var first = await ReadAsync();
        Assert.Equal((true, false), (first.At is not null, first.Answered));
        await scene.PostAsync(talk, agent);
        await scene.PostAsync(talk, customer);
        var last = await ReadAsync();
        Assert.True(last.At > first.At);
        Assert.True(last.Answered);

        Task<LastWords> ReadAsync() => Store.ReadLastWordsAsync(scene.Tenant, talk.Id, default);
    }

    [Fact, Trait("Catalogue", "STOR-14")]
    public async Task Only_participants_read_messages_and_only_agents_among_them_notes()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var stranger = await scene.AddAgentAsync();
        await scene.PostAsync(talk, customer);

        Assert.NotNull(await ReadAsync(customer.Id, Lane.Public));
        Assert.Null(await ReadAsync(customer.Id, Lane.Notes));
        Assert.Null(await ReadAsync(stranger.Id, Lane.Public));
        Assert.Null(await ReadAsync(stranger.Id, Lane.Notes));
        Assert.Equal(0, (await ReadAsync(agent.Id, Lane.Notes))!.LastSeq);
        Assert.NotNull(await ReadAsync(null, Lane.Public));
        Assert.Null(await Store.ReadMessagesAsync(scene.Tenant, Guid.CreateVersion7(), Lane.Public, null, null, 10, default));
        Assert.True(await fixture.Stores.Agents.TakesPartAsync(scene.Tenant, talk.Id, agent.Id, default));

        await scene.AssignAsync(talk, null);
        Assert.Null(await ReadAsync(agent.Id, Lane.Public));
        Assert.False(await fixture.Stores.Agents.TakesPartAsync(scene.Tenant, talk.Id, agent.Id, default));

        Task<MessageRows?> ReadAsync(Guid? reader, Lane lane) => Store.ReadMessagesAsync(scene.Tenant, talk.Id, lane, reader, null, 10, default);
    }

    [Fact]
    public async Task Conversations_are_listed_newest_first_by_every_condition()
    {
        var (scene, customer, agent, first) = await OpenOneAsync(fixture.Stores);
        var other = await scene.AddCustomerAsync();
        var second = await scene.OpenAsync(other);
        var third = await scene.OpenAsync(customer, await scene.AddAgentAsync());
        await scene.TurnAsync(third, ConversationStatus.Resolved);
        var foreign = await OpenOneAsync(fixture.Stores);

        Assert.Equal([third.Id, second.Id, first.Id], await ListAsync(new ConversationQuery { Limit = 10 }));
        Assert.Equal([third.Id, second.Id], await ListAsync(new ConversationQuery { Limit = 2 }));
        Assert.Equal([first.Id], await ListAsync(new ConversationQuery { Limit = 2, Before = second.State.DisplayId }));
        Assert.Equal([second.Id, first.Id], await ListAsync(new ConversationQuery { Limit = 10, Status = ConversationStatus.Open }));
        Assert.Equal([first.Id], await ListAsync(new ConversationQuery { Limit = 10, AssigneeId = agent.Id }));
        Assert.Equal([second.Id], await ListAsync(new ConversationQuery { Limit = 10, OnlyUnassigned = true }));
        Assert.Equal([third.Id, first.Id], await ListAsync(new ConversationQuery { Limit = 10, ContactId = customer.Id }));
        Assert.Equal([third.Id, second.Id, first.Id], await ListAsync(new ConversationQuery { Limit = 10, InboxId = scene.Inbox }));
        Assert.Equal([], await ListAsync(new ConversationQuery { Limit = 10, InboxId = foreign.Scene.Inbox }));
        Assert.Equal([first.Id], await ListAsync(new ConversationQuery { Limit = 10, ParticipantId = agent.Id }));
        Assert.Equal([first.Id], await ListAsync(new ConversationQuery { Limit = 10, ParticipantId = customer.Id, Status = ConversationStatus.Open, ContactId = customer.Id }));
        await scene.SnoozeAsync(first, true);
        Assert.Equal([first.Id], await ListAsync(new ConversationQuery { Limit = 10, Status = ConversationStatus.Open, OnlySnoozed = true }));
        Assert.Equal([second.Id, first.Id], await ListAsync(new ConversationQuery { Limit = 10, Status = ConversationStatus.Open }));
        await scene.SnoozeAsync(first, false);
        Assert.Equal([], await ListAsync(new ConversationQuery { Limit = 10, OnlySnoozed = true }));
        Assert.Equal(3, await fixture.Stores.Tenants.ReadHighestDisplayIdAsync(scene.Tenant, default));
        Assert.Equal(0, await fixture.Stores.Tenants.ReadHighestDisplayIdAsync(new TenantId(Guid.CreateVersion7()), default));

        async Task<IEnumerable<Guid>> ListAsync(ConversationQuery query) => (await Store.ListAsync(scene.Tenant, query, default)).Select(listing => listing.Id);
    }

    [Fact]
    public async Task Items_and_marks_are_found_in_their_newest_state()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 2);
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 1, 0));
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 2, 1));

        var receipt = await fixture.Stores.Sync.FindItemAsync(scene.Tenant, new ItemKey(ItemKind.Receipt, talk.Id, agent.Id), default);

        Assert.Equal((2, """{"delivered":2,"displayed":1}"""), (receipt!.Revision, System.Text.Encoding.UTF8.GetString(receipt.State.AsSpan())));
        Assert.Equal(1, (await fixture.Stores.Sync.FindItemAsync(scene.Tenant, talk.Key, default))!.Revision);
        Assert.Null(await fixture.Stores.Sync.FindItemAsync(scene.Tenant, new ItemKey(ItemKind.Receipt, talk.Id, customer.Id), default));
        Assert.Null(await fixture.Stores.Sync.FindItemAsync(scene.Tenant, new ItemKey(ItemKind.Draft, talk.Id, agent.Id), default));
    }
}
