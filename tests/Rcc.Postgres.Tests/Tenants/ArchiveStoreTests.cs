using System.Text;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Tenants;

[Trait("Catalogue", "RCC-32")]
public class ArchiveStoreTests(ArchiveStoreTests.Two databases) : IClassFixture<ArchiveStoreTests.Two>
{
    static readonly Guid Operator = Guid.CreateVersion7();

    /// <summary>Tables to which taking in adds a row, and the tenant's own row, whose floor it raises.</summary>
    static readonly string[] Added = ["tenant", "log_batch", "act"];

    Stores Here => databases.Here.Stores;

    Stores There => databases.There.Stores;

    [Fact]
    public async Task A_tenant_that_is_taken_in_elsewhere_has_the_same_rows_and_its_devices_the_same_state()
    {
        var (scene, customer, agent, talk) = await BusyAsync();
        var old = new DevicePosition(await scene.NewestAsync(), null);
        var archive = await ReadAsync(Here, scene.Tenant);

        Assert.Equal(scene.Tenant.Value, (await TakeInAsync(There, archive)).Id);

        var taken = await ReadAsync(There, scene.Tenant);
        Assert.True(archive.Rows.Count(table => table.Value.Count > 0) >= 12, "too few tables hold rows to prove anything");
        Assert.Single(archive.Rows["contact_subscription"]);
        Assert.Equal(archive.Rows.Keys, taken.Rows.Keys);
        Assert.All(archive.Rows.Where(table => !Added.Contains(table.Key)), table => Assert.Equal(table.Value, taken.Rows[table.Key]));
        Assert.Equal(archive.Rows["act"], taken.Rows["act"].SkipLast(1));
        Assert.Contains("\"import\"", taken.Rows["act"][^1], StringComparison.Ordinal);
        foreach (var person in new[] { customer, agent })
        {
            Assert.Equal(PageVerdict.BelowFloor, (await PageAsync(There, scene, person, old)).Verdict);
            var (before, after) = (await PageAsync(Here, scene, person, null), await PageAsync(There, scene, person, null));
            Assert.NotEmpty(before.Entries);
            Assert.Equal(before.Entries.Select(Show), after.Entries.Select(Show));
            Assert.Equal(before.Audiences.ToHashSet(), after.Audiences.ToHashSet());
            Assert.NotNull(await There.Credentials.FindAsync(person.CredentialHash, default));
        }

        // And it lives on.
        var batch = await There.Log.AppendAsync(scene.Tenant, [Post(talk, customer, "Hello again")], default);
        Assert.Equal(AppendVerdict.Accepted, batch.Results[0].Verdict);
        Assert.IsType<MessageEntry>(Assert.Single((await PageAsync(There, scene, agent, new(batch.From, null))).Entries));
        await There.Terms.CountAsync(default);
        Assert.Equal((await Here.Terms.ReadUsageAsync(scene.Tenant, default))!.Messages + 1, (await There.Terms.ReadUsageAsync(scene.Tenant, default))!.Messages);
    }

    [Fact]
    public async Task An_archive_is_of_one_instant_whatever_is_written_while_it_is_read()
    {
        var (scene, customer, _, talk) = await BusyAsync();
        await using var source = (await Here.Archives.OpenAsync(scene.Tenant, default))!;

        await scene.PostAsync(talk, customer, 5);
        await scene.AddAgentAsync();
        var archive = await ReadAsync(source);

        var usual = await ReadAsync(Here, scene.Tenant);
        Assert.Equal(usual.Rows["message"].Count - 5, archive.Rows["message"].Count);
        Assert.Equal(usual.Rows["agent"].Count - 1, archive.Rows["agent"].Count);
    }

    [Fact]
    public async Task Where_it_is_or_where_something_of_it_is_anothers_it_is_refused_and_nothing_of_it_is_left()
    {
        var (scene, _, _, _) = await BusyAsync();
        var archive = await ReadAsync(Here, scene.Tenant);

        var there = await TakeInAsync(Here, archive);
        Assert.Equal(ErrorCode.Taken, there.Code);
        Assert.Contains("on this server already", there.Detail, StringComparison.Ordinal);

        var namesake = new TenantId(Guid.CreateVersion7());
        await There.Log.AppendAsync(namesake, [new() { EvenIfSuspended = true, Rows = [new TenantRow { Name = "Namesake", Slug = scene.Slug }] }], default);
        Assert.Contains($"slug {scene.Slug}", (await TakeInAsync(There, archive)).Detail, StringComparison.Ordinal);
        await There.Log.AppendAsync(namesake, [new() { Rows = [new InboxRow { Id = Guid.CreateVersion7(), Identifier = "i-" + scene.Slug, Name = "Web" }] }], default);
        var inbox = await TakeInAsync(There, archive, "another-" + scene.Slug);
        Assert.Equal(ErrorCode.Taken, inbox.Code);
        Assert.Contains("inbox_identifier", inbox.Detail, StringComparison.Ordinal);

        Assert.Null(await There.Archives.OpenAsync(scene.Tenant, default));
        Assert.Equal(0L, await databases.There.ScalarAsync("SELECT count(*) FROM message WHERE tenant = $1", scene.Tenant.Value));
    }

    [Fact]
    public async Task A_copy_beside_its_original_has_all_of_it_names_it_nowhere_and_lets_nobody_of_it_in()
    {
        var (scene, customer, agent, talk) = await BusyAsync();
        var key = NewSomebody(Role.Application);
        var inAccount = scene.Tenant.Value;
        await scene.AcceptAsync(new Proposal
        {
            Items = [DeviceItem(key, 1, null)],
            Rows = [DeviceOf(key)],
            Act = new("account", inAccount, "update") { OperatorId = Operator },
        });
        var state = Encoding.UTF8.GetBytes($"{{\"queueId\":\"{inAccount}\",\"text\":\"of {inAccount}\"}}");
        var handling = ItemKey.OfHandling(talk.Id);
        await scene.AcceptAsync(new Proposal { Items = [Item(handling, 2, state, scene.Agents)] });
        var archive = await ReadAsync(Here, scene.Tenant);
        var copy = new TenantId(Guid.CreateVersion7());

        Assert.Equal(copy.Value, (await TakeInAsync(Here, archive, "copy-of-" + scene.Slug, copy)).Id);

        var taken = await ReadAsync(Here, copy);
        Assert.All(archive.Rows.Where(table => !Added.Contains(table.Key)), table => Assert.Equal(table.Value.Count, taken.Rows[table.Key].Count));
        Assert.Equal(archive.Rows["message"], taken.Rows["message"]);
        Assert.Contains($"\"queueId\":\"{copy.Value}\",\"text\":\"of {inAccount}\"", Encoding.UTF8.GetString((await Here.Sync.FindItemAsync(copy, handling, default))!.State.AsSpan()), StringComparison.Ordinal);

        // Beyond what people wrote, only the action record says what it is a copy of.
        await Here.Log.AppendAsync(copy, [new() { Items = [Item(handling, 3, "{}"u8.ToArray(), Audience.OfAgents(copy))] }], default);
        Assert.Equal(["act"], await TablesWithAsync(copy, scene.Tenant));
        Assert.Empty(await TablesWithAsync(scene.Tenant, copy));
        Assert.Equal(["import"], (await Here.Acts.ListOfOperatorsAsync(copy.Value, new() { Limit = 10 }, null, default)).Select(act => act.Action));

        // Credentials are the original's, whose devices go on.
        foreach (var person in new[] { customer, agent, key })
        {
            Assert.Equal(scene.Tenant, (await Here.Credentials.FindAsync(person.CredentialHash, default))!.Caller.Tenant);
        }

        Assert.Equal(0L, await databases.Here.ScalarAsync("SELECT count(*) FROM device WHERE tenant = $1 AND signed_out_at IS NULL AND id <> $2", copy.Value, key.Device));
        Assert.Equal(0L, await databases.Here.ScalarAsync("SELECT count(*) FROM device d JOIN item i ON i.tenant = d.tenant AND i.kind = 8 AND i.id = d.id WHERE d.tenant = $1 AND (d.signed_out_at IS NULL) <> (convert_from(i.state, 'UTF8')::jsonb -> 'signedOutAt' IS NULL)", copy.Value));
        Assert.Equal(0L, await databases.Here.ScalarAsync("SELECT count(*) FROM inbox a JOIN inbox b USING (id) WHERE a.tenant = $1 AND b.tenant = $2 AND a.identifier = b.identifier", copy.Value, inAccount));

        // Both live on, apart.
        var newest = await scene.NewestAsync();
        var batch = await Here.Log.AppendAsync(copy, [Post(talk, customer, "Not to the original", seq: talk.Seq[Lane.Public] + 1) with { By = null, Command = null }], default);
        Assert.Equal(AppendVerdict.Accepted, batch.Results[0].Verdict);
        Assert.Equal(newest, await scene.NewestAsync());
        Assert.Equal(PageVerdict.BelowFloor, (await Here.Sync.ReadPageAsync(
            new() { Tenant = copy, PersonId = key.Id, DeviceId = key.Device, Filter = new(), Position = new(newest, null), MaxItems = 10 }, default)).Verdict);
    }

    /// <summary>The tables in which rows of a tenant name another tenant, as text or as bytes.</summary>
    async Task<List<string>> TablesWithAsync(TenantId tenant, TenantId other)
    {
        List<string> found = [];
        foreach (var table in ((string)(await databases.Here.ScalarAsync("SELECT 'tenant ' || string_agg(t, ' ' ORDER BY t) FROM tenant_tables() AS t"))!).Split(' '))
        {
            var owner = table == "tenant" ? "id" : "tenant";
            var count = (long)(await databases.Here.ScalarAsync(
                $"""
                SELECT count(*) FROM "{table}" x WHERE x.{owner} = $1
                    AND (x::text LIKE '%' || $2 || '%' OR x::text LIKE '%' || encode(convert_to($2, 'UTF8'), 'hex') || '%' OR x::text LIKE '%' || replace($2, '-', '') || '%')
                """,
                tenant.Value,
                other.Value.ToString()))!;
            if (count > 0)
            {
                found.Add(table);
            }
        }

        return found;
    }

    [Fact]
    public async Task It_is_taken_in_by_another_name_and_is_not_to_be_deleted_even_if_it_was()
    {
        var scene = await OnboardAsync(Here);
        await scene.AddAgentAsync();
        var change = scene.TenantChange(suspended: false);
        var state = Json(new Contracts.Agents.AccountState { Name = "Acme", DeletesAt = DateTimeOffset.UnixEpoch }, ContractJson.Default.AccountState);
        await scene.AcceptAsync(change with
        {
            Items = [Item(change.Items[0].Key, 2, state, scene.Agents)],
            Rows = [(TenantRow)change.Rows[0] with { Deletion = new(DateTimeOffset.UnixEpoch, Operator) }],
        });

        Assert.True((await TakeInAsync(There, await ReadAsync(Here, scene.Tenant), "other-" + scene.Slug)).IsOk);

        var taken = (await There.Tenants.LoadAsync(scene.Tenant, default))!;
        Assert.Equal(("other-" + scene.Slug, null, 2), (taken.Slug, taken.Deletion, taken.Revision));
        var item = (await There.Sync.FindItemAsync(scene.Tenant, new(ItemKind.Account, scene.Tenant.Value), default))!;
        Assert.DoesNotContain("deletesAt", Encoding.UTF8.GetString(item.State.AsSpan()), StringComparison.Ordinal);
        Assert.Contains("Acme", Encoding.UTF8.GetString(item.State.AsSpan()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_tenant_that_is_taken_in_again_knows_no_position_of_its_first_life()
    {
        var (scene, customer, agent, talk) = await BusyAsync();
        var archive = await ReadAsync(Here, scene.Tenant);

        // What was written after the archive is lost; positions of that time must not be taken for those of the new one.
        await scene.PostAsync(talk, customer, 30);
        var late = new DevicePosition(await scene.NewestAsync(), null);
        var end = scene.TenantChange(suspended: true);
        await scene.AcceptAsync(end with { Act = new("account", scene.Tenant.Value, "delete") { OperatorId = Operator }, Rows = [(TenantRow)end.Rows[0] with { Ended = true, Deletion = new(DateTimeOffset.UnixEpoch, Operator) }] });
        while (await Here.Erasure.EraseAsync(scene.Tenant, 1_000, default) > 0)
        {
        }

        Assert.True((await TakeInAsync(Here, archive)).IsOk);

        Assert.Equal(PageVerdict.BelowFloor, (await PageAsync(Here, scene, agent, late)).Verdict);
        await Here.Log.AppendAsync(scene.Tenant, [Post(talk, customer, "After", seq: archive.Rows["message"].Count + 1)], default);
        Assert.Equal(PageVerdict.BelowFloor, (await PageAsync(Here, scene, agent, late)).Verdict);
        Assert.Equal(["import", "erase", "delete"], (await Here.Acts.ListOfOperatorsAsync(scene.Tenant.Value, new() { Limit = 10 }, null, default)).Select(act => act.Action).Where(action => action != "create"));
    }

    [Fact]
    public async Task An_archive_of_a_newer_server_or_with_rows_that_fit_nowhere_is_refused()
    {
        var scene = await OnboardAsync(Here);
        var archive = await ReadAsync(Here, scene.Tenant);
        var tables = archive.Manifest.Tables;

        await RefusedAsync(archive with { Manifest = archive.Manifest with { Tables = [.. tables, new("hologram", ["a"])] } }, "no table hologram");
        await RefusedAsync(archive with { Manifest = archive.Manifest with { Tables = [new(tables[0].Name, [.. tables[0].Columns, "aura"]), .. tables.Skip(1)] } }, "no column aura of the table tenant");
        await RefusedAsync(archive with { Manifest = archive.Manifest with { Tables = [.. tables.Skip(1)] } }, "first table");
        await RefusedAsync(archive with { Rows = new(archive.Rows, StringComparer.Ordinal) { ["tenant"] = [] } }, "no account");
        await RefusedAsync(archive with { Rows = new(archive.Rows, StringComparer.Ordinal) { ["tenant"] = ["{\"name\":null}"] } }, "23502");
        await RefusedAsync(archive with { Rows = new(archive.Rows, StringComparer.Ordinal) { ["tenant"] = ["{\"created_at\":\"never\"}"] } }, "table tenant");

        async Task RefusedAsync(Archive changed, string what)
        {
            var answer = await TakeInAsync(There, changed);
            Assert.Equal(ErrorCode.Malformed, answer.Code);
            Assert.Contains(what, answer.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain("never", answer.Detail, StringComparison.Ordinal);
            Assert.Null(await There.Archives.OpenAsync(scene.Tenant, default));
        }
    }

    /// <summary>A tenant with something of everything.</summary>
    async Task<(Scene Scene, Somebody Customer, Somebody Agent, Talk Talk)> BusyAsync()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(Here);
        await scene.PostAsync(talk, customer, 3);
        await scene.PostAsync(talk, agent, 2, Lane.Notes);
        await scene.AcceptAsync(new Proposal
        {
            By = agent.Author,
            Command = Command(7),
            Marks = [new(MarkKind.Read, talk.Id, agent.Id, 2, 1)],
            Act = new("team", talk.Id, "update", "name: Zoë \"quoted\" \\ \n"),
            Rows =
            [
                new Core.Agents.GroupRow { Id = Guid.CreateVersion7(), Name = "Team", MasterAgentId = agent.Id },
                new Core.Customers.SubscriptionRow
                {
                    ContactId = customer.Id,
                    Subscriptions = [new() { Name = "subscription:tv", Service = "tv", Plan = "Gold \"é\"", Status = Contracts.Customers.SubscriptionStatus.Active, BeginsAt = DateTimeOffset.UnixEpoch, EndsAt = DateTimeOffset.MaxValue }],
                },
            ],
        });
        await Here.Terms.CountAsync(default);
        return (scene, customer, agent, talk);
    }

    static Task<DevicePage> PageAsync(Stores stores, Scene scene, Somebody person, DevicePosition? position) => stores.Sync.ReadPageAsync(
        new() { Tenant = scene.Tenant, PersonId = person.Id, DeviceId = person.Device, Filter = new(), Position = position, MaxItems = 1_000 }, default);

    static string Show(LogEntry entry) => entry is ItemEntry item
        ? $"{item.Key} {item.Revision} {item.ModSeq} {Encoding.UTF8.GetString(item.State.AsSpan())} {string.Join(' ', item.Audiences)}"
        : entry.ToString();

    static async Task<Archive> ReadAsync(Stores stores, TenantId tenant)
    {
        await using var source = (await stores.Archives.OpenAsync(tenant, default))!;
        return await ReadAsync(source);
    }

    static async Task<Archive> ReadAsync(IArchiveSource source)
    {
        Dictionary<string, List<string>> rows = new(StringComparer.Ordinal);
        foreach (var table in source.Manifest.Tables)
        {
            rows[table.Name] = [];
            await foreach (var line in source.ReadAsync(table, default))
            {
                rows[table.Name].Add(Encoding.UTF8.GetString(line.Span));
            }
        }

        return new(source.Manifest, rows);
    }

    static async Task<Answer> TakeInAsync(Stores stores, Archive archive, string? slug = null, TenantId? copy = null)
    {
        await using var target = await stores.Archives.BeginAsync(archive.Manifest, copy ?? new(archive.Manifest.AccountId), slug, default);
        if (target.Refusal is { } refusal)
        {
            return refusal;
        }

        foreach (var table in archive.Manifest.Tables.Where(table => archive.Rows[table.Name].Count > 0))
        {
            if (await target.AddAsync(table, Encoding.UTF8.GetBytes($"[{string.Join(',', archive.Rows[table.Name])}]"), default) is { } refused)
            {
                return refused;
            }
        }

        return await target.CommitAsync(Operator, default);
    }

    sealed record Archive(ArchiveManifest Manifest, Dictionary<string, List<string>> Rows);

    /// <summary>Two installations.</summary>
    public sealed class Two(PostgresFixture postgres) : IAsyncLifetime
    {
        public StoreFixture Here { get; } = new(postgres);

        public StoreFixture There { get; } = new(postgres);

        public async ValueTask InitializeAsync()
        {
            await Here.InitializeAsync();
            await There.InitializeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Here.DisposeAsync();
            await There.DisposeAsync();
        }
    }
}
