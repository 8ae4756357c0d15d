using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Sync;

public class RetentionTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    static readonly DateTimeOffset Long = DateTimeOffset.UtcNow.AddDays(-30);

    [Fact, Trait("Catalogue", "INV-6")]
    public async Task Cutting_entries_raises_the_floor_and_keeps_what_is_above_it()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 3);
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 1, 0));
        var old = await scene.NewestAsync();
        await AgeAsync(scene, old);
        await scene.AcceptAsync(Advance(talk, customer, MarkKind.Receipt, 1, 0));
        await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, 2, 0));

        await fixture.Stores.Retention.TrimAsync(Long, Long, default);

        Assert.Equal(old, await fixture.ScalarAsync("SELECT floor FROM tenant WHERE id = $1", scene.Tenant.Value));
        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM entry WHERE tenant = $1 AND modseq <= $2", scene.Tenant.Value, old));
        Assert.Equal(2L, await fixture.ScalarAsync("SELECT count(*) FROM entry WHERE tenant = $1", scene.Tenant.Value));
        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM membership_change WHERE tenant = $1", scene.Tenant.Value));
        Assert.Equal(PageVerdict.BelowFloor, (await scene.PageAsync(agent, new DevicePosition(old - 1, null))).Verdict);
        Assert.Equal(2, (await scene.PageAsync(agent, new DevicePosition(old, null))).Entries.Length);
        Assert.Null(await fixture.Stores.Sync.ReadGapAsync(scene.Tenant, old - 1, [], [], default));

        // Messages and states are no entries: they stay.
        Assert.Equal(3, (await fixture.Stores.Conversations.ReadMessagesAsync(scene.Tenant, talk.Id, Lane.Public, null, null, 10, default))!.Messages.Length);
        Assert.Contains((await scene.PageAsync(agent, null)).Entries, e => e is ItemEntry { Key.Kind: ItemKind.Receipt });
        Assert.Equal(default, await fixture.Stores.Retention.TrimAsync(Long, Long, default));
    }

    [Fact, Trait("Catalogue", "INV-1")]
    public async Task A_tenant_of_which_everything_was_cut_goes_on_with_the_next_number()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 3);
        await scene.AssignAsync(talk, null);
        var newest = await scene.NewestAsync();
        await AgeAsync(scene, newest);

        await fixture.Stores.Retention.TrimAsync(Long, Long, default);

        Assert.Equal(newest, await scene.NewestAsync());
        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM membership WHERE tenant = $1 AND state = 2", scene.Tenant.Value));
        Assert.NotEqual(0L, await fixture.ScalarAsync("SELECT count(*) FROM membership WHERE tenant = $1", scene.Tenant.Value));
        Assert.Equal(1L, await fixture.ScalarAsync("SELECT count(*) FROM log_batch WHERE tenant = $1", scene.Tenant.Value));
        var batch = await scene.AcceptAsync(Post(talk, customer, "next"));
        Assert.Equal((newest, newest + 1), (batch.From, batch.To));
        Assert.Single((await scene.PageAsync(customer, new DevicePosition(newest, null))).Entries);
        Assert.Empty((await scene.PageAsync(agent, new DevicePosition(newest, null))).Entries);
    }

    [Fact, Trait("Catalogue", "INV-8")]
    public async Task A_command_whose_answer_was_cut_is_too_old_and_never_carried_out_again()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        Proposal Numbered(long number) => new() { By = customer.Author, Command = Command(number), Answer = Answer.Done with { Revision = 1 } };
        await scene.AcceptAsync(Numbered(10));
        await scene.AcceptAsync(Numbered(12));
        await scene.AcceptAsync(Numbered(-5));
        await scene.AcceptAsync(Post(talk, customer, "kept with its message", number: 11));
        await AgeAsync(scene, await scene.NewestAsync());
        await scene.AcceptAsync(Numbered(5));

        var trimmed = await fixture.Stores.Retention.TrimAsync(Long, Long, default);

        Assert.Equal(3, trimmed.Answers);
        Assert.Equal(AppendVerdict.TooOld, await scene.JudgeAsync(Numbered(10)));
        Assert.Equal(AppendVerdict.TooOld, await scene.JudgeAsync(Numbered(12)));
        Assert.Equal(AppendVerdict.TooOld, await scene.JudgeAsync(Numbered(1)));
        Assert.Equal(AppendVerdict.Duplicate, await scene.JudgeAsync(Numbered(5)));
        Assert.Equal(AppendVerdict.Duplicate, await scene.JudgeAsync(Post(talk, customer, "kept with its message", number: 11)));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Numbered(13)));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Numbered(-5)));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Numbered(1) with { By = agent.Author }));
    }

    [Fact]
    public async Task Much_is_cut_in_small_statements()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostManyAsync(talk, customer, 50);
        for (var i = 1; i <= 25; i++)
        {
            await scene.AcceptAsync(Advance(talk, agent, MarkKind.Receipt, i, 0));
        }

        await AgeAsync(scene, await scene.NewestAsync());
        await using var small = fixture.Another(options => options.TrimRows = 4);

        await small.Retention.TrimAsync(Long, Long, default);

        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM entry WHERE tenant = $1", scene.Tenant.Value));
    }

    /// <summary>Makes everything up to a number, and all answers, sixty days old.</summary>
    async Task AgeAsync(Scene scene, long upTo)
    {
        foreach (var table in new[] { "entry SET at = at - interval '60 days' WHERE modseq", "log_batch SET at = at - interval '60 days' WHERE newest" })
        {
            await fixture.ScalarAsync($"UPDATE {table} <= $2 AND tenant = $1", scene.Tenant.Value, upTo);
        }

        await fixture.ScalarAsync("UPDATE command SET at = at - interval '60 days' WHERE tenant = $1", scene.Tenant.Value);
    }
}
