using Npgsql;
using Rcc.Core;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Tenants;

[Trait("Catalogue", "RCC-32")]
public class ErasureStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    static readonly Guid Operator = Guid.CreateVersion7();

    IErasureStore Store => fixture.Stores.Erasure;

    [Fact]
    public async Task A_tenant_is_due_when_its_deletion_has_waited()
    {
        var (due, waiting, other) = (await OnboardAsync(fixture.Stores), await OnboardAsync(fixture.Stores), await OnboardAsync(fixture.Stores));
        await AcceptAsync(due, row => row with { Deletion = new(DateTimeOffset.UtcNow.AddSeconds(-1), Operator) });
        await AcceptAsync(waiting, row => row with { Deletion = new(DateTimeOffset.UtcNow.AddHours(1), Operator) });

        var listed = await Store.ListDueAsync(1_000, default);

        Assert.Contains(new DueTenant(due.Tenant, HasEnded: false), listed);
        Assert.DoesNotContain(listed, tenant => tenant.Tenant == waiting.Tenant || tenant.Tenant == other.Tenant);
        Assert.Equal(Operator, (await fixture.Stores.Tenants.LoadAsync(waiting.Tenant, default))!.Deletion!.OperatorId);
        await Assert.ThrowsAsync<PostgresException>(() => Store.EraseAsync(due.Tenant, 10, default));
    }

    [Fact]
    public async Task Nothing_of_an_ended_tenant_resolves_and_nothing_is_appended_to_it_even_before_its_rows_are_gone()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        await EndAsync(scene);

        Assert.Null(await fixture.Stores.Credentials.FindAsync(agent.CredentialHash, default));
        Assert.Null(await fixture.Stores.Credentials.FindAsync(customer.CredentialHash, default));
        Assert.Null(await fixture.Stores.Agents.FindLoginAsync(scene.Slug, $"{agent.Id}@example.com", default));
        Assert.Null(await fixture.Stores.Tenants.FindInboxAsync("i-" + scene.Slug, default));
        Assert.Null(await fixture.Stores.Tenants.LoadAsync(scene.Tenant, default));
        Assert.Null(await fixture.Stores.Terms.ReadUsageAsync(scene.Tenant, default));
        Assert.Empty(await fixture.Stores.Terms.ReadAsync([scene.Tenant], default));
        Assert.Equal(AppendVerdict.Suspended, await scene.JudgeAsync(Post(talk, customer, "Late")));
        Assert.Equal(AppendVerdict.Suspended, await scene.JudgeAsync(new Proposal { EvenIfSuspended = true, Marks = [new(MarkKind.Read, talk.Id, agent.Id, 0, 0)] }));
        Assert.Equal(AppendVerdict.Suspended, await scene.JudgeAsync(scene.TenantChange(suspended: false)));
        Assert.Contains(new DueTenant(scene.Tenant, HasEnded: true), await Store.ListDueAsync(1_000, default));
    }

    [Fact]
    public async Task Erasing_goes_on_where_it_was_stopped_until_no_table_has_a_row_and_leaves_other_tenants_and_what_operators_did()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var (other, otherCustomer, _, otherTalk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 20);
        await scene.AcceptAsync(new Proposal { By = agent.Author, Command = Command(1), Act = new("team", talk.Id, "update") });
        await other.PostAsync(otherTalk, otherCustomer);
        await scene.AcceptAsync(new Proposal { Marks = [new(MarkKind.Read, talk.Id, agent.Id, 1, 0)] });
        await fixture.Stores.Terms.CountAsync(default);
        var kept = await CountAsync(other.Tenant);
        await EndAsync(scene);
        var before = await CountAsync(scene.Tenant);
        Assert.True(before.Count >= 14, $"too few tables hold rows to prove anything: {string.Join(' ', before.Keys)}");

        // Each step is a commit: whoever is killed has done some, and another server goes on.
        var steps = 0;
        long erased;
        for (var total = 0L; (erased = await Store.EraseAsync(scene.Tenant, 7, default)) > 0; total += erased, steps++)
        {
            Assert.InRange(erased, 1, 7);
            var left = (await CountAsync(scene.Tenant)).Values.Sum();
            Assert.True(left <= before.Values.Sum() - total, $"{left} rows are left after {total} were erased");
        }

        Assert.True(steps > 10);
        Assert.Equal([new("act", 2)], await CountAsync(scene.Tenant));
        Assert.Equal(["erase", "delete"], (await fixture.Stores.Acts.ListOfOperatorsAsync(scene.Tenant.Value, new() { Limit = 10 }, null, default)).Select(act => act.Action));
        Assert.DoesNotContain(await Store.ListDueAsync(1_000, default), tenant => tenant.Tenant == scene.Tenant);
        Assert.Equal(kept, await CountAsync(other.Tenant));
        Assert.Equal(AppendVerdict.Suspended, await scene.JudgeAsync(Post(talk, customer, "Later")));
    }

    [Fact]
    public async Task Several_servers_erase_one_tenant_at_once()
    {
        var (scene, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        await scene.PostAsync(talk, customer, 30);
        await EndAsync(scene);
        await using var another = fixture.Another();

        await Task.WhenAll(new[] { Store, another.Erasure }.Select(async store =>
        {
            while (await store.EraseAsync(scene.Tenant, 3, default) > 0)
            {
            }
        }));

        Assert.Equal([new("act", 2)], await CountAsync(scene.Tenant));
    }

    /// <summary>Rows of a tenant by table; the tables are asked of the database, so that a new one is not forgotten.</summary>
    async Task<SortedDictionary<string, long>> CountAsync(TenantId tenant)
    {
        await using var source = NpgsqlDataSource.Create(fixture.ConnectionString);
        List<string> tables = [];
        await using (var reader = await source.CreateCommand("SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant' AND table_name <> 'node_tail' AND table_schema = current_schema()").ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (table, column) in tables.Select(table => (table, "tenant")).Append(("tenant", "id")))
        {
            await using var count = source.CreateCommand($"SELECT count(*) FROM \"{table}\" WHERE {column} = $1");
            count.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
            if ((long)(await count.ExecuteScalarAsync())! is > 0 and var rows)
            {
                counts[table] = rows;
            }
        }

        return counts;
    }

    static Task EndAsync(Scene scene) => AcceptAsync(scene, row => row with { Suspended = true, Ended = true, Deletion = new(DateTimeOffset.UtcNow.AddSeconds(-1), Operator) }, new("account", scene.Tenant.Value, "delete") { OperatorId = Operator });

    static async Task AcceptAsync(Scene scene, Func<TenantRow, TenantRow> change, Act? act = null)
    {
        var proposal = scene.TenantChange(suspended: false);
        await scene.AcceptAsync(proposal with { Rows = [change((TenantRow)proposal.Rows[0])], Act = act });
    }
}
