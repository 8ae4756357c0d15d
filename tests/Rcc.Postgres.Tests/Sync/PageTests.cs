using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Sync;

public class PageTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact, Trait("Catalogue", "INV-16")]
    public async Task Pages_follow_each_other_without_a_hole_whatever_their_size()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var start = await scene.NewestAsync();
        for (var i = 0; i < 10; i++)
        {
            await scene.PostAsync(talk, customer);
            await scene.AcceptAsync(Advance(talk, agent, MarkKind.Read, talk.Seq[Lane.Public], 0));
            await scene.AcceptAsync(new Proposal { Items = [Item(new(ItemKind.Draft, talk.Id, agent.Id), i + 1, [(byte)i], Audience.OfPerson(agent.Id))] });
        }

        var whole = await scene.PageAsync(agent, new DevicePosition(start, null));
        Assert.False(whole.More);
        Assert.Equal(new DevicePosition(await scene.NewestAsync(), null), whole.Position);

        // Ten messages; of ten read positions and ten drafts only the newest counts.
        Assert.Equal(12, whole.Entries.Length);
        for (var size = 1; size <= 13; size++)
        {
            List<LogEntry> together = [];
            var position = new DevicePosition(start, null);
            DevicePage page;
            do
            {
                page = await scene.PageAsync(agent, position, size);
                Assert.InRange(page.Entries.Length, page.More ? size : 0, size);
                Assert.Equal(page.More, page.Audiences.IsEmpty);
                together.AddRange(page.Entries);
                position = page.Position!;
            }
            while (page.More);
            Assert.Equal(whole.Entries.Select(Show), together.Select(Show));
            Assert.Equal(whole.Position, position);
        }
    }

    [Fact, Trait("Catalogue", "INV-13")]
    public async Task A_person_reads_an_audience_from_joining_to_leaving_and_no_further()
    {
        var (scene, customer, first, talk) = await OpenOneAsync(fixture.Stores);
        var second = await scene.AddAgentAsync();
        var start = new DevicePosition(await scene.NewestAsync(), null);
        await scene.PostAsync(talk, customer);
        await scene.PostAsync(talk, first, lane: Lane.Notes);
        await scene.AssignAsync(talk, second);
        await scene.PostAsync(talk, customer);
        await scene.PostAsync(talk, second, lane: Lane.Notes);

        Assert.Equal(["message 0/1", "message 1/1", $"left Conversation {talk.Id} Left"], (await scene.PageAsync(first, start)).Entries.Select(Show));
        Assert.Equal([$"item Conversation {talk.Id} 2", $"item Handling {talk.Id} 2", "message 0/2", "message 1/2"], (await scene.PageAsync(second, start)).Entries.Select(Show));
        Assert.Equal(["message 0/1", $"item Conversation {talk.Id} 2", "message 0/2"], (await scene.PageAsync(customer, start)).Entries.Select(Show));

        // Back again: two intervals of one person.
        await scene.AssignAsync(talk, first);
        await scene.PostAsync(talk, customer);
        Assert.Equal(
            ["message 0/1", "message 1/1", $"left Conversation {talk.Id} Left", $"item Conversation {talk.Id} 3", $"item Handling {talk.Id} 3", "message 0/3"],
            (await scene.PageAsync(first, start)).Entries.Select(Show));
        Assert.Equal(
            new[] { Audience.OfPerson(first.Id), scene.Agents, Audience.OfConversation(talk.Id), Audience.OfNotes(talk.Id) }.ToHashSet(),
            (await scene.PageAsync(first, start)).Audiences.ToHashSet());
        Assert.Equal(new[] { Audience.OfPerson(second.Id), scene.Agents }.ToHashSet(), (await scene.PageAsync(second, start)).Audiences.ToHashSet());
    }

    [Fact]
    public async Task A_resolved_conversation_is_read_no_more_but_its_changes_reach_its_people()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 2);
        await scene.TurnAsync(talk, ConversationStatus.Resolved);
        var resolved = new DevicePosition(await scene.NewestAsync(), null);
        Assert.DoesNotContain(Audience.OfConversation(talk.Id), (await scene.PageAsync(agent, resolved)).Audiences);

        await scene.AcceptAsync(Advance(talk, customer, MarkKind.Receipt, 2, 2));
        Assert.Equal([$"item Receipt {talk.Id} 1"], (await scene.PageAsync(agent, resolved)).Entries.Select(Show));

        await scene.TurnAsync(talk, ConversationStatus.Open);
        await scene.PostAsync(talk, customer);
        Assert.Equal(
            [$"item Receipt {talk.Id} 1", $"item Conversation {talk.Id} 3", "message 0/3"], (await scene.PageAsync(agent, resolved)).Entries.Select(Show));
        Assert.Contains(Audience.OfConversation(talk.Id), (await scene.PageAsync(agent, resolved)).Audiences);
    }

    [Fact, Trait("Catalogue", "INV-5")]
    public async Task A_deletion_is_told_though_the_item_was_made_and_deleted_in_between()
    {
        var (scene, _, agent, talk) = await OpenOneAsync(fixture.Stores);
        var start = new DevicePosition(await scene.NewestAsync(), null);
        var draft = new ItemKey(ItemKind.Draft, talk.Id, agent.Id);
        await scene.AcceptAsync(new Proposal { Items = [Item(draft, 1, [1], Audience.OfPerson(agent.Id))] });
        await scene.AcceptAsync(new Proposal { Departures = [new Departure(draft, LeftReason.Deleted, [Audience.OfPerson(agent.Id)], Delete: true)] });

        Assert.Equal([$"left Draft {talk.Id} Deleted"], (await scene.PageAsync(agent, start)).Entries.Select(Show));
        Assert.Null(await fixture.Stores.Sync.FindItemAsync(scene.Tenant, draft, default));
        Assert.DoesNotContain((await ReadAllAsync(scene, agent)).Entries, e => e is ItemEntry { Key.Kind: ItemKind.Draft });
    }

    [Fact, Trait("Catalogue", "INV-12")]
    public async Task A_filter_leaves_out_conversations_and_what_hangs_on_them_and_says_so_once()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var other = await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        var start = new DevicePosition(await scene.NewestAsync(), null);
        SyncFilter open = new() { Statuses = [ConversationStatus.Open] };
        await scene.PostAsync(talk, customer);
        await scene.PostAsync(other, other.Customer);
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Read, 1, 0));
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 1, 0));
        await scene.AcceptAsync(new Proposal { Items = [Item(new(ItemKind.Draft, talk.Id, agent.Id), 1, [1], Audience.OfPerson(agent.Id))] });
        await scene.AcceptAsync(new Proposal { Items = [Item(new(ItemKind.Mention, talk.Id, agent.Id), 1, [1], Audience.OfPerson(agent.Id))] });
        await scene.AcceptAsync(new Proposal { Items = [Item(new(ItemKind.Whispers, talk.Id, agent.Id), 1, [1], Audience.OfPerson(agent.Id))] });
        Assert.Equal(7, (await scene.PageAsync(agent, start, filter: open)).Entries.Length);

        await scene.TurnAsync(talk, ConversationStatus.Resolved);

        var page = await scene.PageAsync(agent, start, filter: open);
        Assert.Equal([$"left Conversation {talk.Id} Filtered", "message 0/1"], page.Entries.Select(Show));
        Assert.Equal([other.Id], page.Entries.OfType<MessageEntry>().Select(m => m.Message.ConversationId));
        Assert.Empty(page.FilteredOut);

        SyncFilter resolved = new() { Statuses = [ConversationStatus.Resolved] };
        page = await scene.PageAsync(agent, start, filter: resolved);
        Assert.Equal([other.Id], page.FilteredOut);
        Assert.Contains(Audience.OfConversation(other.Id), page.Audiences);
        Assert.DoesNotContain(page.Entries, e => e is MessageEntry m && m.Message.ConversationId == other.Id);

        var snapshot = await ReadAllAsync(scene, agent, filter: open);
        Assert.Equal([other.Id], snapshot.Entries.OfType<ItemEntry>().Where(e => e.Key.Kind is ItemKind.Conversation).Select(e => e.Key.Id));
        Assert.DoesNotContain(snapshot.Entries, e => e is ItemEntry { Key.Kind: ItemKind.Draft or ItemKind.Read or ItemKind.Receipt or ItemKind.Mention or ItemKind.Whispers });
    }

    [Fact, Trait("Catalogue", "INV-12")]
    public async Task What_a_page_held_back_is_not_missing_when_the_conversation_is_inside_the_filter_again()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.TurnAsync(talk, ConversationStatus.Resolved);
        var other = await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        var start = new DevicePosition(await scene.NewestAsync(), null);
        SyncFilter open = new() { Statuses = [ConversationStatus.Open] };
        await scene.TurnAsync(talk, ConversationStatus.Open);
        await scene.PostAsync(talk, customer);
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Read, 1, 0));
        await scene.PostAsync(other, other.Customer);
        await scene.TurnAsync(talk, ConversationStatus.Resolved);

        var first = await scene.PageAsync(agent, start, 2, open);
        Assert.True(first.More);
        Assert.Equal($"left Conversation {talk.Id} Filtered", Show(first.Entries[^1]));
        await scene.TurnAsync(talk, ConversationStatus.Open);
        var rest = await scene.PageAsync(agent, first.Position, 50, open);
        Assert.Contains(rest.Entries, e => e is ItemEntry { Key.Kind: ItemKind.Conversation } item && item.Key.Id == talk.Id);
    }

    [Fact, Trait("Catalogue", "INV-12")]
    public async Task A_conversation_comes_back_into_the_filter_with_all_that_hangs_on_it_and_no_page_is_cut_between_them()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var other = await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        await scene.PostAsync(talk, customer, 3);
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 1, 0));
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Read, 1, 0));
        await scene.AcceptAsync(Advance(talk, customer, MarkKind.Read, 1, 0));
        await scene.AcceptAsync(new Proposal { Items = [Item(new(ItemKind.Draft, talk.Id, agent.Id), 1, [1], Audience.OfPerson(agent.Id))] });
        await scene.AcceptAsync(new Proposal { Items = [Item(new(ItemKind.Draft, talk.Id, customer.Id), 1, [2], Audience.OfPerson(customer.Id))] });
        await scene.AcceptAsync(new Proposal { Items = [Item(new(ItemKind.Mention, talk.Id, agent.Id), 1, [3], Audience.OfPerson(agent.Id))] });
        await scene.TurnAsync(talk, ConversationStatus.Resolved);
        await scene.AcceptAsync(Advance(talk, customer, MarkKind.Receipt, 1, 0));
        SyncFilter open = new() { Statuses = [ConversationStatus.Open] };
        var start = (await scene.PageAsync(agent, new DevicePosition(0, null), filter: open)).Position;
        await scene.PostAsync(other, other.Customer);
        await scene.TurnAsync(talk, ConversationStatus.Open);
        await scene.PostAsync(talk, customer);
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 4, 0));

        // The receipt that moved after it comes by itself.
        string[] back = [$"item Conversation {talk.Id} 3", $"item Receipt {talk.Id} 1", $"item Read {talk.Id} 1", $"item Draft {talk.Id} 1", $"item Handling {talk.Id} 1", $"item Mention {talk.Id} 1"];
        string[] whole = ["message 0/1", .. back, "message 0/4", $"item Receipt {talk.Id} 2"];
        Assert.Equal(whole, (await scene.PageAsync(agent, start, filter: open)).Entries.Select(Show));
        Assert.Equal(["message 0/1", back[0], "message 0/4", whole[^1]], (await scene.PageAsync(agent, start)).Entries.Select(Show));
        for (var size = 1; size <= whole.Length; size++)
        {
            List<string> together = [];
            var position = start;
            DevicePage page;
            do
            {
                page = await scene.PageAsync(agent, position, size, open);
                var lines = page.Entries.Select(Show).ToList();
                Assert.True(lines.Contains(back[0]) ? lines.Count <= Math.Max(size, back.Length) && lines.Contains(back[^1]) : lines.Count <= size);
                Assert.Equal(page.More, page.Audiences.IsEmpty);
                together.AddRange(lines);
                position = page.Position;
            }
            while (page.More);
            Assert.Equal(whole, together);
        }
    }

    [Fact]
    public async Task A_filter_without_notes_has_none_of_them()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var start = new DevicePosition(await scene.NewestAsync(), null);
        await scene.PostAsync(talk, agent, 3, Lane.Notes);
        await scene.PostAsync(talk, customer);

        var page = await scene.PageAsync(agent, start, filter: new SyncFilter { WithoutNotes = true });

        Assert.Equal(["message 0/1"], page.Entries.Select(Show));
        Assert.DoesNotContain(Audience.OfNotes(talk.Id), page.Audiences);
        Assert.Equal(["message 0/1"], (await scene.PageAsync(customer, start)).Entries.Select(Show));
    }

    [Fact, Trait("Catalogue", "INV-14")]
    public async Task A_start_from_nothing_reads_every_newest_state_once_and_goes_on_from_its_number()
    {
        var (scene, customer, agent, _) = await OpenOneAsync(fixture.Stores);
        for (var i = 0; i < 5; i++)
        {
            var talk = await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
            await scene.PostAsync(talk, talk.Customer, 2);
            await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 2, 1));
            await scene.AcceptAsync(Advance(talk, talk.Customer, MarkKind.Receipt, 1, 1));
            await scene.AcceptAsync(Advance(talk, agent, MarkKind.Read, 1, 0));
            await scene.AcceptAsync(new Proposal { Items = [Item(new(ItemKind.Draft, talk.Id, agent.Id), 1, [1], Audience.OfPerson(agent.Id))] });
            if (i % 2 == 0)
            {
                await scene.TurnAsync(talk, ConversationStatus.Resolved);
            }
        }

        // Conversations 6 and their handling, receipts 10, reads 5, drafts 5, agent 1, device 1, account 1.
        var whole = await ReadAllAsync(scene, agent, 1000);
        Assert.Equal(35, whole.Entries.Count);
        Assert.Equal(await scene.NewestAsync(), whole.Last.Position!.ModSeq);
        for (var size = 1; size < 36; size++)
        {
            var paged = await ReadAllAsync(scene, agent, size);
            Assert.Equal(whole.Entries.Select(Show), paged.Entries.Select(Show));
            Assert.Equal(whole.Last.Audiences.ToHashSet(), paged.Last.Audiences.ToHashSet());
        }

        var theirs = await ReadAllAsync(scene, customer);
        Assert.Equal([ItemKind.Conversation, ItemKind.Device], theirs.Entries.Cast<ItemEntry>().Select(e => e.Key.Kind));
    }

    [Fact, Trait("Catalogue", "INV-14")]
    public async Task What_changes_while_a_snapshot_is_read_follows_it()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var first = await scene.PageAsync(agent, null, 1);
        Assert.True(first.More);
        Assert.NotNull(first.Position!.Snapshot);
        await scene.PostAsync(talk, customer);
        await scene.TurnAsync(talk, ConversationStatus.Resolved);

        var rest = await ReadAllAsync(scene, agent, 1, first.Position);

        Assert.Contains($"item Conversation {talk.Id} 2", rest.Entries.Select(Show));
        Assert.Contains("message 0/1", rest.Entries.Select(Show));
        Assert.Equal(await scene.NewestAsync(), rest.Last.Position!.ModSeq);
    }

    [Fact, Trait("Catalogue", "INV-6")]
    public async Task A_page_says_when_a_device_may_not_read_or_its_position_does_not_do()
    {
        var (scene, customer, agent, _) = await OpenOneAsync(fixture.Stores);
        var newest = await scene.NewestAsync();
        foreach (var position in new[] { null, new DevicePosition(newest, null) })
        {
            Assert.Equal(PageVerdict.Ok, (await scene.PageAsync(agent, position)).Verdict);
            Assert.Equal(PageVerdict.SignedOut, (await scene.PageAsync(NewSomebody(Role.Agent), position)).Verdict);
            Assert.Equal(PageVerdict.SignedOut, (await scene.PageAsync(agent with { Device = customer.Device }, position)).Verdict);
            Assert.Equal(PageVerdict.Suspended, (await new Scene(fixture.Stores).PageAsync(agent, position)).Verdict);
        }

        Assert.Equal(PageVerdict.Future, (await scene.PageAsync(agent, new DevicePosition(newest + 1, null))).Verdict);
        await fixture.ScalarAsync("UPDATE tenant SET floor = $2 WHERE id = $1", scene.Tenant.Value, newest);
        Assert.Equal(PageVerdict.BelowFloor, (await scene.PageAsync(agent, new DevicePosition(newest - 1, null))).Verdict);
        Assert.Equal(PageVerdict.BelowFloor, (await scene.PageAsync(agent, new DevicePosition(newest - 1, new ItemKey(ItemKind.Agent, agent.Id)))).Verdict);
        Assert.Equal(PageVerdict.Ok, (await scene.PageAsync(agent, new DevicePosition(newest, null))).Verdict);
        Assert.Equal(PageVerdict.Ok, (await scene.PageAsync(agent, null)).Verdict);

        await scene.AcceptAsync(SignOut(agent));
        Assert.Equal(PageVerdict.SignedOut, (await scene.PageAsync(agent, new DevicePosition(newest, null))).Verdict);
        await scene.SuspendAsync(true);
        Assert.Equal(PageVerdict.Suspended, (await scene.PageAsync(customer, new DevicePosition(newest, null))).Verdict);
    }

    [Fact, Trait("Catalogue", "INV-24")]
    public async Task Nothing_of_another_tenant_is_read_though_all_ids_are_the_same()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 3);
        var other = await OnboardAsync(fixture.Stores);
        var twin = agent with { CredentialHash = Guid.NewGuid().ToByteArray() };
        await other.AcceptAsync(new Proposal
        {
            Audiences = [new(agent.Id, Audience.OfConversation(talk.Id), MembershipState.Reads), new(agent.Id, Audience.OfPerson(agent.Id), MembershipState.Reads)],
            Rows = [DeviceOf(twin)],
        });

        Assert.Empty((await other.PageAsync(twin, new DevicePosition(0, null))).Entries);
        Assert.Empty((await ReadAllAsync(other, twin)).Entries);
        Assert.Null(await fixture.Stores.Conversations.ReadMessagesAsync(other.Tenant, talk.Id, Lane.Public, null, null, 10, default));
    }

    [Fact, Trait("Catalogue", "INV-11")]
    public async Task A_gap_has_every_entry_and_membership_change_a_node_missed_also_of_audiences_joined_meanwhile()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var joining = await scene.AddAgentAsync();
        var after = await scene.NewestAsync();
        List<LogEntry> told = [];
        talk.Seq[Lane.Public] = 0;
        told.AddRange((await scene.AcceptAsync(Post(talk, customer, "one"))).Entries);
        told.AddRange((await scene.AcceptAsync(scene.Assigning(talk, joining))).Entries);
        told.AddRange((await scene.AcceptAsync(Post(talk, joining, "note", lane: Lane.Notes) with { Fences = [] })).Entries);
        told.AddRange((await scene.AcceptAsync(Advance(talk, joining, MarkKind.Receipt, 1, 1))).Entries);
        await scene.OpenAsync(await scene.AddCustomerAsync());

        Audience[] audiences = [scene.Agents, Audience.OfPerson(joining.Id), Audience.OfPerson(agent.Id)];
        var gap = (await fixture.Stores.Sync.ReadGapAsync(scene.Tenant, after, audiences, [joining.Id, agent.Id], default))!;

        Assert.Equal((after, await scene.NewestAsync()), (gap.From, gap.To));
        Assert.Equal(told.Select(Show), gap.Entries.Select(Show));
        Assert.Equal(told.Select(e => e.ModSeq), gap.Entries.Select(e => e.ModSeq));

        // In pieces it is the same.
        await using var small = fixture.Another(options => options.GapRows = 2);
        List<LogEntry> together = [];
        while (after < gap.To)
        {
            var piece = (await small.Sync.ReadGapAsync(scene.Tenant, after, [.. audiences, Audience.OfConversation(talk.Id), Audience.OfNotes(talk.Id)], [joining.Id, agent.Id], default))!;
            Assert.True(piece.To > after);
            together.AddRange(piece.Entries);
            after = piece.To;
        }

        Assert.Equal(gap.Entries.Select(Show), together.Select(Show));
    }

    [Fact]
    public async Task What_was_superseded_is_stepped_over_once_however_many_pages_there_are()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var start = new DevicePosition(await scene.NewestAsync(), null);
        for (var i = 1; i <= 200; i++)
        {
            await scene.PostAsync(talk, customer);
            await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, i, 0));
        }

        // How long the chain of a mark's old versions is depends on who has pruned it; that is not what is counted.
        await fixture.ScalarAsync("VACUUM mark");
        var whole = await fixture.CountAsync(server => ReadAsync(server, 1000));
        var paged = await fixture.CountAsync(server => ReadAsync(server, 10));

        // Besides the rows themselves a page looks at its person, device, tenant and memberships.
        Assert.InRange(paged.Fetched, 400, whole.Fetched + (21 * 40));

        async Task ReadAsync(Stores server, int size)
        {
            var (position, entries, more) = (start, 0, true);
            while (more)
            {
                var page = await server.Sync.ReadPageAsync(
                    new PageRequest { Tenant = scene.Tenant, PersonId = agent.Id, DeviceId = agent.Device, Filter = new SyncFilter(), Position = position, MaxItems = size }, default);
                entries += page.Entries.Length;
                (position, more) = (page.Position!, page.More);
            }

            Assert.Equal(201, entries);
        }
    }

    [Fact]
    public async Task The_newest_numbers_come_in_the_order_asked()
    {
        var (first, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        var second = await OnboardAsync(fixture.Stores);
        await first.PostAsync(talk, customer, 3);
        var unknown = new TenantId(Guid.CreateVersion7());

        Assert.Equal([await second.NewestAsync(), 0, await first.NewestAsync()], await fixture.Stores.Sync.ReadNewestAsync([second.Tenant, unknown, first.Tenant], default));
    }

    [Fact, Trait("Catalogue", "SYNC-9")]
    public async Task A_page_touches_as_little_beside_a_hundred_thousand_rows_of_others_as_without_them()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var position = new DevicePosition(await scene.NewestAsync(), null);
        await scene.PostAsync(talk, customer, 20);
        var alone = await CostAsync(scene, agent, position);

        // Others' messages and entries in the same tenant, and much history of my own before my position.
        await fixture.ScalarAsync(
            """
            WITH m AS (
                INSERT INTO message (tenant, conversation, lane, seq, modseq, message_id, person, role, at, content_type, content)
                SELECT $1, c.id, 0, s, s, gen_random_uuid(), c.id, 0, now(), 'text/plain', 'x'
                FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 50)) c, generate_series(1, 2000) s)
            INSERT INTO entry (tenant, audience_kind, audience, modseq, kind, id, sub, at)
            SELECT $1, 3, a.id, s, 3, a.id, a.id, now() FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 50)) a, generate_series(1, 2000) s
            """,
            scene.Tenant.Value);
        await fixture.ScalarAsync(
            """
            INSERT INTO message (tenant, conversation, lane, seq, modseq, message_id, person, role, at, content_type, content)
            SELECT $1, $2, 0, -s, -s, gen_random_uuid(), $2, 0, now(), 'text/plain', 'x' FROM generate_series(1, 100000) s
            """,
            scene.Tenant.Value, talk.Id);
        await fixture.ScalarAsync("ANALYZE");

        var beside = await CostAsync(scene, agent, position);

        Assert.InRange(alone.Fetched, 40, 1000);
        Assert.InRange(beside.Fetched, 40, alone.Fetched);

        // Indexes grow by a level.
        Assert.InRange(beside.Blocks, 1, alone.Blocks * 2);
    }

    /// <summary>What one page costs, on a connection that has read one before. The least of three: connections of the tests before this one may tell late what they did.</summary>
    async Task<Counters> CostAsync(Scene scene, Somebody reader, DevicePosition position)
    {
        List<Counters> costs = [];
        while (costs.Count < 3)
        {
            costs.Add(await fixture.CountAsync(async server =>
            {
                for (var i = 0; i < 2; i++)
                {
                    var page = await server.Sync.ReadPageAsync(
                        new PageRequest { Tenant = scene.Tenant, PersonId = reader.Id, DeviceId = reader.Device, Filter = new SyncFilter(), Position = position, MaxItems = 100 }, default);
                    Assert.Equal(20, page.Entries.Length);
                }
            }));
        }

        return costs.MinBy(cost => cost.Fetched)!;
    }

    static async Task<(List<LogEntry> Entries, DevicePage Last)> ReadAllAsync(Scene scene, Somebody reader, int size = 1000, DevicePosition? position = null, SyncFilter? filter = null)
    {
        List<LogEntry> entries = [];
        while (true)
        {
            var page = await scene.PageAsync(reader, position, size, filter);
            Assert.Equal(PageVerdict.Ok, page.Verdict);
            Assert.InRange(page.Entries.Length, 0, size);
            entries.AddRange(page.Entries);
            if (!page.More)
            {
                return (entries, page);
            }

            position = page.Position;
        }
    }

    static string Show(LogEntry entry) => entry switch
    {
        MessageEntry { Message: var m } => $"message {(int)m.Lane}/{m.Seq}",
        ItemEntry item => $"item {item.Key.Kind} {item.Key.Id} {item.Revision}",
        LeftEntry left => $"left {left.Key.Kind} {left.Key.Id} {left.Reason}",
        MembershipEntry { Change: var c } => $"{c.PersonId} {c.Audience} {c.State}",
        _ => throw new InvalidOperationException(entry.ToString()),
    };
}
