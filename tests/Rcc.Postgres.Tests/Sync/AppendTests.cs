using System.Runtime.CompilerServices;
using System.Diagnostics;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Sync;
using Rcc.Postgres.Sync;
using Rcc.Core.Tenants;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Sync;

public class AppendTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    /// <summary>A single proposal needs no place: one of a kind that was forgotten fails only beside another.</summary>
    [Fact]
    public void Every_kind_of_row_can_be_committed_beside_others()
    {
        var kinds = typeof(RowWrite).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(RowWrite))).ToList();
        Assert.InRange(kinds.Count, 12, 100);
        foreach (var kind in kinds)
        {
            var proposal = new Proposal { Rows = [(RowWrite)RuntimeHelpers.GetUninitializedObject(kind)] };
            Assert.Equal(2, AppendRun.Split(new(Guid.CreateVersion7()), [proposal, proposal]).Count);
        }
    }

    [Fact, Trait("Catalogue", "INV-2")]
    public async Task A_post_is_committed_with_its_answer_and_told_as_one_entry()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var before = await scene.NewestAsync();

        var batch = await scene.AcceptAsync(Post(talk, customer, "Hello", number: 1));

        Assert.Equal(before, batch.From);
        Assert.Equal(before + 1, batch.To);
        Assert.Equal(batch.To, await scene.NewestAsync());
        var entry = Assert.IsType<MessageEntry>(Assert.Single(batch.Entries));
        Assert.Equal(batch.To, entry.ModSeq);
        Assert.Equal([Audience.OfConversation(talk.Id)], entry.Audiences);
        var answer = batch.Results[0].Answer;
        Assert.True(answer.IsOk);
        Assert.Equal((talk.Id, 1L, entry.At), (answer.ConversationId, answer.Seq, answer.At));
        var page = await fixture.Stores.Conversations.ReadMessagesAsync(scene.Tenant, talk.Id, Lane.Public, agent.Id, null, 50, default);
        Assert.Equal(entry.Message with { Content = default }, page!.Messages[0].Message with { Content = default });
        Assert.Equal(entry.Message.Content, page.Messages[0].Message.Content);
        Assert.Equal(entry.At, page.Messages[0].At);
    }

    [Theory, Trait("Catalogue", "INV-8")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repeated_command_gets_its_first_answer_and_changes_nothing(bool byMessage)
    {
        var (scene, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        var post = Post(talk, customer, "Hello", number: 7);
        post = byMessage ? post : post with { Answer = new Answer { Detail = "said otherwise", Revision = 3, Id = talk.Id } };
        var first = await scene.AcceptAsync(post);
        Assert.Equal(byMessage ? 0L : 1L, await fixture.ScalarAsync("SELECT count(*) FROM command WHERE tenant = $1", scene.Tenant.Value));

        var second = await scene.AppendAsync(post);

        Assert.Equal(AppendVerdict.Duplicate, second.Results[0].Verdict);
        Assert.Equal(first.Results[0].Answer, second.Results[0].Answer);
        Assert.Equal(second.From, second.To);
        Assert.Equal(first.To, second.To);
        Assert.Empty(second.Entries);
    }

    [Fact, Trait("Catalogue", "INV-8")]
    public async Task A_number_used_with_another_body_is_a_conflict_and_another_device_may_use_it()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.AcceptAsync(Post(talk, customer, "Hello", number: 7));
        talk.Seq[Lane.Public]++;

        var reused = await scene.AppendAsync(Post(talk, customer, "Something else", number: 7));

        Assert.Equal(AppendVerdict.NumberReused, reused.Results[0].Verdict);
        Assert.Equal(ErrorCode.NumberReused, reused.Results[0].Answer.Code);
        await scene.AcceptAsync(Post(talk, agent, "Something else", number: 7));
    }

    [Fact, Trait("Catalogue", "INV-8")]
    public async Task A_refusal_takes_no_number_of_the_log_and_answers_every_copy_of_its_command()
    {
        var (scene, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        var post = Post(talk, customer, "Hello", number: 7);

        var refused = await scene.AcceptAsync(new Proposal { By = post.By, Command = post.Command, Answer = Answer.Refused(ErrorCode.Closed, "It is closed.") });
        var copy = await scene.AppendAsync(post);

        Assert.Equal((AppendVerdict.Duplicate, refused.Results[0].Answer), (copy.Results[0].Verdict, copy.Results[0].Answer));
        Assert.Equal((refused.From, refused.From), (refused.To, copy.To));
        Assert.Equal(AppendVerdict.NumberReused, await scene.JudgeAsync(Post(talk, customer, "Other", number: 7)));
    }

    [Fact]
    public async Task What_a_decision_rested_on_must_be_unchanged()
    {
        var (scene, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        await scene.AcceptAsync(Post(talk, customer, "one"));

        // The place is taken, the place before is empty, the conversation has moved, the item has moved, the item exists.
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Post(talk, customer, "again", seq: 1)));
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Post(talk, customer, "too far", seq: 3)));
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Post(talk, customer, "moved", seq: 2) with { Fences = [new ItemFence(talk.Key, 2)] }));
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Post(talk, customer, "moved", seq: 2) with { Fences = [new ItemFence(talk.Key, 0)] }));
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(new Proposal { Items = [Item(talk.Key, 1, [1], Audience.OfConversation(talk.Id))] }));
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(new Proposal { Items = [Item(talk.Key, 3, [1], Audience.OfConversation(talk.Id))] }));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Post(talk, customer, "two", seq: 2)));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Post(talk, customer, "first note", lane: Lane.Notes)));
    }

    [Fact, Trait("Catalogue", "RCC-35")]
    public async Task Only_a_live_device_of_its_own_person_may_write()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var stranger = NewSomebody(Role.Agent);
        Assert.Equal(AppendVerdict.SignedOut, await scene.JudgeAsync(Post(talk, stranger, "unknown device")));
        Assert.Equal(AppendVerdict.SignedOut, await scene.JudgeAsync(Post(talk, agent with { Device = customer.Device }, "another's device")));

        await scene.AcceptAsync(SignOut(agent));
        Assert.Equal(AppendVerdict.SignedOut, await scene.JudgeAsync(Post(talk, agent, "signed out")));

        var suspended = await scene.AddAgentAsync();
        await scene.AcceptAsync(new Proposal
        {
            Rows =
            [
                new AgentRow
                {
                    Id = suspended.Id, Email = "x@y", Name = "X", Role = Role.Agent, PasswordHash = "h", Availability = default, Suspended = true,
                },
            ],
        });
        Assert.Equal(AppendVerdict.SignedOut, await scene.JudgeAsync(Post(talk, suspended, "suspended")));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Post(talk, customer, "still here")));
    }

    [Fact, Trait("Catalogue", "RCC-20")]
    public async Task A_suspended_tenant_takes_only_what_says_even_if_suspended()
    {
        var (scene, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        await scene.SuspendAsync(true);

        Assert.Equal(AppendVerdict.Suspended, await scene.JudgeAsync(Post(talk, customer, "refused")));
        Assert.Equal(AppendVerdict.Suspended, await scene.JudgeAsync(new Proposal { Marks = [new(MarkKind.Read, talk.Id, customer.Id, 1, 0)] }));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Post(talk, customer, "late receipt") with { EvenIfSuspended = true }));
        await scene.SuspendAsync(false);
        talk.Seq[Lane.Public]++;
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Post(talk, customer, "resumed")));
    }

    [Fact]
    public async Task A_tenant_that_does_not_exist_takes_nothing_but_its_own_onboarding()
    {
        var scene = new Scene(fixture.Stores);
        var anyone = NewSomebody(Role.Agent);

        Assert.Equal(AppendVerdict.Suspended, await scene.JudgeAsync(new Proposal { By = anyone.Author }));
        Assert.Equal(AppendVerdict.Suspended, await scene.JudgeAsync(new Proposal { EvenIfSuspended = true }));
        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM log_batch WHERE tenant = $1", scene.Tenant.Value));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(scene.TenantChange(suspended: false)));
    }

    [Fact, Trait("Catalogue", "INV-2")]
    public async Task A_duplicate_a_fenced_and_a_refused_command_fail_nobody_else_in_the_batch()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var other = await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        var third = await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        var fourth = await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        var repeated = Post(talk, customer, "first", number: 1);
        var first = await scene.AcceptAsync(repeated);

        var batch = await scene.AppendAsync(
            Post(other, other.Customer, "good", number: 1),
            repeated,
            Post(third, third.Customer, "fenced", number: 1, seq: 5),
            Post(fourth, NewSomebody(Role.Agent), "stranger"),
            Post(fourth, fourth.Customer, "good too", number: 1));

        Assert.Equal(
            [AppendVerdict.Accepted, AppendVerdict.Duplicate, AppendVerdict.Fenced, AppendVerdict.SignedOut, AppendVerdict.Accepted], batch.Results.Select(r => r.Verdict));
        Assert.Equal(first.Results[0].Answer, batch.Results[1].Answer);
        Assert.Equal(["good", "good too"], batch.Entries.Cast<MessageEntry>().Select(e => System.Text.Encoding.UTF8.GetString(e.Message.Content.AsSpan())), StringComparer.Ordinal);
        Assert.Equal(2L, await fixture.ScalarAsync("SELECT count(*) FROM message WHERE tenant = $1 AND modseq > $2 AND modseq <= $3", scene.Tenant.Value, batch.From, batch.To));

        // The plan's usage counts what was taken, and all of it.
        Assert.Equal("1/5 1/4 1/8", await fixture.ScalarAsync("SELECT string_agg(messages || '/' || bytes, ' ' ORDER BY newest) FROM log_batch WHERE tenant = $1 AND newest >= $2 AND messages > 0", scene.Tenant.Value, first.To));
    }

    [Fact]
    public async Task A_poisonous_command_commits_nothing_and_alone_it_is_found()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var other = await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        var good = Post(talk, customer, "good");
        var poison = Post(other, other.Customer, "poison") with { Rows = [new ContactRow { Id = other.Customer.Id, Name = "\0", CreatedAt = DateTimeOffset.UnixEpoch }] };
        var newest = await scene.NewestAsync();

        var failure = await Assert.ThrowsAsync<AppendFailedException>(() => scene.AppendAsync(good, poison));
        Assert.DoesNotContain("poison", failure.Message, StringComparison.Ordinal);
        Assert.Equal(newest, await scene.NewestAsync());
        await scene.AcceptAsync(good);
        await Assert.ThrowsAsync<AppendFailedException>(() => scene.AppendAsync(poison));
        Assert.Equal(newest + 1, await scene.NewestAsync());
    }

    [Fact]
    public async Task Of_two_that_want_the_same_item_or_place_in_one_batch_the_first_wins()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var home = Audience.OfPerson(agent.Id);
        var draft = new ItemKey(ItemKind.Draft, talk.Id, agent.Id);

        var batch = await scene.AppendAsync(
            Post(talk, customer, "first"),
            Post(talk, agent, "same place"),
            new Proposal { Items = [Item(draft, 1, [1], home)] },
            new Proposal { Items = [Item(draft, 1, [2], home)] },
            Post(talk, agent, "next place", seq: 2),
            new Proposal { Items = [Item(draft, 2, [3], home)] },
            scene.Turning(talk, ConversationStatus.Resolved),
            Post(talk, agent, "rests on what has moved", seq: 3));

        Assert.Equal(
            [
                AppendVerdict.Accepted, AppendVerdict.Fenced, AppendVerdict.Accepted, AppendVerdict.Fenced, AppendVerdict.Accepted, AppendVerdict.Accepted, AppendVerdict.Accepted,
                AppendVerdict.Fenced,
            ],
            batch.Results.Select(r => r.Verdict));
        Assert.Equal(batch.Entries.Select(e => e.ModSeq).Order(), batch.Entries.Select(e => e.ModSeq));
        Assert.Equal(batch.Entries.Length, batch.Entries.Select(e => e.ModSeq).Distinct().Count());
        Assert.All(batch.Entries, e => Assert.InRange(e.ModSeq, batch.From + 1, batch.To));
        Assert.Equal([3], (await fixture.Stores.Sync.FindItemAsync(scene.Tenant, draft, default))!.State);
    }

    [Fact]
    public async Task A_sign_out_in_a_batch_stops_what_comes_after_it()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);

        var batch = await scene.AppendAsync(Post(talk, agent, "before"), SignOut(agent), Post(talk, agent, "after", seq: 2), Post(talk, customer, "another", seq: 2));

        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Accepted, AppendVerdict.SignedOut, AppendVerdict.Accepted], batch.Results.Select(r => r.Verdict));
    }

    [Fact]
    public async Task What_must_be_unique_is_taken_and_says_what()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var other = await OnboardAsync(fixture.Stores);
        var messageId = Guid.CreateVersion7();
        await scene.AcceptAsync(Post(talk, customer, "one", messageId: messageId));
        talk.Seq[Lane.Public]++;
        await scene.AcceptAsync(new Proposal { Rows = [new GroupRow { Id = Guid.CreateVersion7(), Name = "Sales", MasterAgentId = agent.Id }] });
        await scene.AddCustomerAsync("crm-1");
        await scene.AddAgentAsync("ann@example.com");

        await TakenAsync("slug", other, new Proposal { Rows = [new TenantRow { Name = "B", Slug = scene.Slug }] });
        await TakenAsync("e-mail", scene, new Proposal
        {
            Rows = [new AgentRow { Id = Guid.CreateVersion7(), Email = "Ann@Example.com", Name = "A", Role = Role.Agent, PasswordHash = "h", Availability = default }],
        });
        await TakenAsync("group name", scene, new Proposal { Rows = [new GroupRow { Id = Guid.CreateVersion7(), Name = "Sales", MasterAgentId = agent.Id }] });
        await TakenAsync("identifier", scene, new Proposal { Rows = [new ContactRow { Id = Guid.CreateVersion7(), Identifier = "crm-1", CreatedAt = DateTimeOffset.UnixEpoch }] });
        await TakenAsync("message id", scene, Post(talk, customer, "two", messageId: messageId));
        await TakenAsync("credential", other, new Proposal { Rows = [DeviceOf(customer) with { Id = Guid.CreateVersion7() }] });
        await TakenAsync("inbox identifier", other, new Proposal { Rows = [new InboxRow { Id = Guid.CreateVersion7(), Identifier = "i-" + scene.Slug, Name = "W" }] });
        var clash = new Talk(Guid.CreateVersion7(), customer) { State = talk.State };
        await TakenAsync("display id", scene, scene.Opening(clash, agent));

        // In another tenant the same names are free.
        await other.AddCustomerAsync("crm-1");
        await other.AddAgentAsync("ann@example.com");
        var newest = await scene.NewestAsync();
        await Assert.ThrowsAsync<AppendFailedException>(() => scene.AppendAsync(
            new Proposal { Rows = [new ContactRow { Id = Guid.CreateVersion7(), Identifier = "crm-1", CreatedAt = DateTimeOffset.UnixEpoch }] }, Post(talk, customer, "beside it")));
        Assert.Equal(newest, await scene.NewestAsync());

        static async Task TakenAsync(string what, Scene scene, Proposal proposal)
        {
            var newest = await scene.NewestAsync();
            var batch = await scene.AppendAsync(proposal);
            Assert.Equal((AppendVerdict.Taken, ErrorCode.Taken, what), (batch.Results[0].Verdict, batch.Results[0].Answer.Code, batch.Results[0].Answer.Detail));
            Assert.Equal((newest, newest), (batch.From, batch.To));
            Assert.Equal(newest, await scene.NewestAsync());
        }
    }

    [Fact]
    public async Task Within_a_proposal_audiences_are_numbered_first_then_items_and_departures_then_messages_then_marks()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var joining = await scene.AddAgentAsync();

        var batch = await scene.AcceptAsync(scene.Assigning(talk, joining) with
        {
            Messages = Post(talk, customer, "Hello").Messages, Marks = [new MarkAdvance(MarkKind.Read, talk.Id, customer.Id, 1, 0)],
        });

        Assert.Equal(
            [
                typeof(MembershipEntry), typeof(MembershipEntry), typeof(MembershipEntry), typeof(MembershipEntry), typeof(ItemEntry), typeof(ItemEntry), typeof(LeftEntry), typeof(MessageEntry),
                typeof(ItemEntry),
            ],
            batch.Entries.Select(e => e.GetType()));
        Assert.Equal(Enumerable.Range(1, 9).Select(i => batch.From + i), batch.Entries.Select(e => e.ModSeq));
        var position = new DevicePosition(batch.From, null);
        Assert.Equal([typeof(ItemEntry), typeof(ItemEntry), typeof(MessageEntry)], (await scene.PageAsync(joining, position)).Entries.Select(e => e.GetType()));
        Assert.Equal([typeof(LeftEntry)], (await scene.PageAsync(agent, position)).Entries.Select(e => e.GetType()));
    }

    [Fact, Trait("Catalogue", "INV-12")]
    public async Task Of_many_decisions_in_one_batch_no_more_take_an_agents_capacity_than_it_has()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        await scene.OpenAsync(await scene.AddCustomerAsync(), agent);
        List<Proposal> claims = [];
        for (var i = 0; i < 6; i++)
        {
            var talk = await scene.OpenAsync(await scene.AddCustomerAsync());
            var assigning = scene.Assigning(talk, agent);

            // An offer takes a place as well as an assignment.
            var row = assigning.Rows.OfType<ConversationRow>().Single();
            claims.Add(assigning with
            {
                Claims = [new CapacityClaim(agent.Id, 3)],
                Rows = i % 2 == 0 ? assigning.Rows : assigning.Rows.Replace(row, row with { AssigneeId = null, OfferedTo = agent.Id }),
            });
        }

        var results = (await scene.AppendAsync(claims)).Results;

        Assert.Equal(
            [AppendVerdict.Accepted, AppendVerdict.Accepted, AppendVerdict.Full, AppendVerdict.Full, AppendVerdict.Full, AppendVerdict.Full],
            results.Select(result => result.Verdict));
        Assert.All(results.Skip(2), result => Assert.Equal(Contracts.ErrorCode.Conflict, result.Answer.Code));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task A_batch_of_posts_is_one_statement_and_inserts_only(int posts)
    {
        var (scene, _, agent, _) = await OpenOneAsync(fixture.Stores);
        List<Talk> talks = [];
        for (var i = 0; i < posts; i++)
        {
            talks.Add(await scene.OpenAsync(await scene.AddCustomerAsync(), agent));
        }

        List<string> statements = [];
        using var root = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == root.TraceId)
                {
                    statements.Add(activity.OperationName);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var counted = await fixture.CountAsync(async server =>
        {
            await server.Log.AppendAsync(scene.Tenant, [Post(talks[0], agent, "warm", number: 1)], default);
            talks[0].Seq[Lane.Public]++;
            statements.Clear();
            var batch = await server.Log.AppendAsync(scene.Tenant, [.. talks.Select(t => Post(t, t.Customer, "counted", number: 1))], default);
            Assert.All(batch.Results, r => Assert.Equal(AppendVerdict.Accepted, r.Verdict));
            Assert.Single(statements);
        });

        Assert.Equal((posts + 1 + 2, posts + 1 + 2, 0, 0), (counted.Inserted, counted.LogRowsInserted, counted.Updated, counted.Deleted));
    }
}
