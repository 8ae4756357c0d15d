using System.Text;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Sync;

public class MarkTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact, Trait("Catalogue", "SYNC-36")]
    public async Task Receipts_are_merged_by_maximum_cut_at_the_newest_message_and_displayed_draws_delivered_along()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 5);

        Assert.Equal("1 {\"delivered\":2,\"displayed\":0}", await MoveAsync(2, 0));
        Assert.Equal("2 {\"delivered\":4,\"displayed\":4}", await MoveAsync(1, 4));
        Assert.Null(await MoveAsync(3, 2));
        Assert.Equal("3 {\"delivered\":5,\"displayed\":4}", await MoveAsync(99, 0));
        Assert.Null(await MoveAsync(100, 0));
        Assert.Equal("4 {\"delivered\":5,\"displayed\":5}", await MoveAsync(0, 100));

        async Task<string?> MoveAsync(long delivered, long displayed) => Show(await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, delivered, displayed)));
    }

    [Fact]
    public async Task Read_positions_count_each_lane_by_itself_and_are_told_to_the_person_alone()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 3);
        await scene.PostAsync(talk, agent, 2, Lane.Notes);

        var batch = await scene.AcceptAsync(Advance(talk, agent, MarkKind.Read, 9, 9));

        Assert.Equal("1 {\"seq\":3,\"notesSeq\":2}", Show(batch));
        Assert.Equal([Audience.OfPerson(agent.Id)], Assert.Single(batch.Entries).Audiences);
        var position = new DevicePosition(batch.From, null);
        Assert.Empty((await scene.PageAsync(customer, position)).Entries);
        Assert.Equal(new ItemKey(ItemKind.Read, talk.Id, agent.Id), Assert.IsType<ItemEntry>(Assert.Single((await scene.PageAsync(agent, position)).Entries)).Key);
    }

    [Fact]
    public async Task What_does_not_move_takes_no_number_and_leaves_no_row()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        Assert.Null(Show(await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 7, 7))));
        await scene.PostAsync(talk, customer);
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 1, 1));
        var newest = await scene.NewestAsync();
        var version = await fixture.ScalarAsync("SELECT ctid::text || xmin::text || xmax::text FROM mark WHERE tenant = $1", scene.Tenant.Value);

        var batch = await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 1, 1));

        Assert.Equal((newest, newest), (batch.From, batch.To));
        Assert.Equal(newest, await scene.NewestAsync());
        Assert.Equal(version, await fixture.ScalarAsync("SELECT ctid::text || xmin::text || xmax::text FROM mark WHERE tenant = $1", scene.Tenant.Value));
    }

    [Fact, Trait("Catalogue", "RCC-13")]
    public async Task Who_reads_along_unseen_leaves_a_read_position_of_its_own_and_no_receipt()
    {
        var (scene, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        var consultant = await scene.AddAgentAsync();
        await scene.AcceptAsync(new Proposal { Rows = [new ParticipantRow { ConversationId = talk.Id, PersonId = consultant.Id, IsAgent = true, Hidden = true }] });
        await scene.PostAsync(talk, customer, 2);

        Assert.Null(Show(await scene.AcceptAsync(Advance(talk, consultant, MarkKind.Receipt, 2, 2))));
        Assert.Equal("1 {\"seq\":2,\"notesSeq\":0}", Show(await scene.AcceptAsync(Advance(talk, consultant, MarkKind.Read, 2, 0))));

        await scene.AcceptAsync(new Proposal { Rows = [new ParticipantRow { ConversationId = talk.Id, PersonId = consultant.Id, IsAgent = true }] });
        Assert.Equal("1 {\"delivered\":2,\"displayed\":0}", Show(await scene.AcceptAsync(Advance(talk, consultant, MarkKind.Receipt, 2, 0))));
    }

    [Fact]
    public async Task Who_takes_no_part_in_a_conversation_leaves_no_mark_in_it()
    {
        var (scene, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer);
        var stranger = await scene.AddCustomerAsync();

        foreach (var kind in Enum.GetValues<MarkKind>())
        {
            Assert.Null(Show(await scene.AcceptAsync(Advance(talk, stranger, kind, 1, 1))));
        }

        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM mark WHERE tenant = $1", scene.Tenant.Value));
    }

    [Fact]
    public async Task Several_devices_move_one_mark_once_in_a_batch()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 5);

        var batch = await scene.AppendAsync(
            Advance(talk, agent, MarkKind.Receipt, 2, 1), Advance(talk, agent, MarkKind.Receipt, 4, 0), Advance(talk, agent, MarkKind.Receipt, 3, 3));

        Assert.All(batch.Results, r => Assert.Equal(AppendVerdict.Accepted, r.Verdict));
        Assert.Equal("1 {\"delivered\":4,\"displayed\":3}", Show(batch));
    }

    [Fact]
    public async Task A_receipt_in_a_resolved_conversation_is_told_to_its_people_and_counts_from_the_same_commit_on()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 2);
        var open = await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 1, 0));
        Assert.Equal([Audience.OfConversation(talk.Id)], Assert.Single(open.Entries).Audiences);

        // In one batch: first the mark, told while open, then the conversation is resolved, then the next mark.
        var batch = await scene.AppendAsync(
            Advance(talk, customer, MarkKind.Receipt, 1, 0), scene.Turning(talk, ConversationStatus.Resolved), Advance(talk, agent, MarkKind.Receipt, 2, 2));

        var marks = batch.Entries.OfType<ItemEntry>().Where(e => e.Key.Kind == ItemKind.Receipt).ToList();
        Assert.Equal([Audience.OfConversation(talk.Id)], marks[0].Audiences);
        Assert.Equal(
            new[] { Audience.OfPerson(customer.Id), Audience.OfPerson(agent.Id) }.ToHashSet(), marks[1].Audiences.ToHashSet());
        foreach (var reader in new[] { customer, agent })
        {
            var page = await scene.PageAsync(reader, new DevicePosition(batch.From, null));
            Assert.Equal(2, page.Entries.OfType<ItemEntry>().Count(e => e.Key.Kind == ItemKind.Receipt));
        }
    }

    [Fact, Trait("Catalogue", "INV-4")]
    public async Task Marks_that_move_stay_heap_only()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostManyAsync(talk, customer, 100);
        var counted = await fixture.CountAsync(async server =>
        {
            for (var seq = 1; seq <= 100; seq++)
            {
                await server.Log.AppendAsync(scene.Tenant, [Advance(talk, agent, MarkKind.Receipt, seq, 0)], default);
            }
        });

        Assert.Equal(99, counted.Updated);
        Assert.InRange(counted.HeapOnly, 95, 99);
    }

    static string? Show(CommittedBatch batch) => batch.Entries.OfType<ItemEntry>().SingleOrDefault() is { } entry
        ? $"{entry.Revision} {Encoding.UTF8.GetString(entry.State.AsSpan())}" : null;
}
