using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Tenants;

[Trait("Catalogue", "RCC-21")]
public class TermsStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    ITermsStore Store => fixture.Stores.Terms;

    [Fact]
    public async Task What_was_agreed_is_read_as_it_was_written()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var terms = new Terms { Plan = "small", Quotas = new() { Agents = 3, StorageBytes = 1L << 40 }, Services = Services.Transfers | Services.Export, Share = new() { RequestsPerSecond = 5 } };
        var looks = new Branding { Name = "Acme", PrimaryColor = "#102030", LogoUrl = "https://acme.example/logo.png" };
        await SetAsync(scene, terms, looks, new() { AuditRetentionDays = 90 });

        Assert.Equal(terms, Assert.Single(await Store.ReadAsync([scene.Tenant, new(Guid.CreateVersion7())], default)).Terms);
        var loaded = (await fixture.Stores.Tenants.LoadAsync(scene.Tenant, default))!;
        Assert.Equal((terms, looks, 90), (loaded.Terms, loaded.Branding, loaded.Policies.AuditRetentionDays));
    }

    [Fact]
    public async Task A_tenant_of_which_nothing_was_agreed_has_everything()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var terms = Assert.Single(await Store.ReadAsync([scene.Tenant], default)).Terms;
        Assert.Equal(new Terms(), terms);
        Assert.True(terms.Has(Services.Queues));
    }

    [Fact]
    public async Task Under_a_quota_not_one_agent_more_is_made_by_many_at_once()
    {
        var scene = await OnboardAsync(fixture.Stores);
        await SetAsync(scene, new() { Quotas = new() { Agents = 5 } });
        await using var other = fixture.Another();
        var verdicts = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            var agent = NewSomebody(Role.Agent);
            var log = i % 2 == 0 ? fixture.Stores.Log : other.Log;
            return (await log.AppendAsync(scene.Tenant, [new Proposal { Rows = [RowOf(agent)] }], default)).Results[0].Verdict;
        }));

        Assert.Equal(5, verdicts.Count(verdict => verdict == AppendVerdict.Accepted));
        Assert.Equal(15, verdicts.Count(verdict => verdict == AppendVerdict.OverQuota));
        Assert.Equal(5, (await Store.ReadUsageAsync(scene.Tenant, default))!.Agents);
    }

    [Fact]
    public async Task What_there_is_may_change_when_the_quota_is_smaller_now_and_other_kinds_are_free()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        await SetAsync(scene, new() { Quotas = new() { Agents = 0, Keys = 1 } });

        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(new Proposal { Rows = [RowOf(agent) with { Name = "Renamed" }] }));
        Assert.Equal(AppendVerdict.OverQuota, await scene.JudgeAsync(new Proposal { Rows = [RowOf(NewSomebody(Role.Agent))] }));
        var key = NewSomebody(Role.Application);
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(new Proposal { Rows = [DeviceOf(key)] }));
        Assert.Equal(AppendVerdict.OverQuota, await scene.JudgeAsync(new Proposal { Rows = [DeviceOf(NewSomebody(Role.Application))] }));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(new Proposal { Rows = [DeviceOf(NewSomebody(Role.Customer))] }));

        // A revoked key makes room.
        await scene.AcceptAsync(new Proposal { Rows = [new Core.Devices.DeviceSignOutRow { Id = key.Device, SignedOutAt = DateTimeOffset.UtcNow }] });
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(new Proposal { Rows = [DeviceOf(NewSomebody(Role.Application))] }));
    }

    [Fact]
    public async Task Contacts_are_counted_as_they_come_and_are_erased_and_only_new_ones_beyond_the_quota_are_refused()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var kept = Row(Guid.CreateVersion7());
        await scene.AcceptAsync(new Proposal { Rows = [kept, Row(Guid.CreateVersion7())] });
        await scene.AcceptAsync(new Proposal { Rows = [kept with { Name = "Renamed", MergedInto = Guid.CreateVersion7() }] });
        Assert.Equal(2, (await Store.ReadUsageAsync(scene.Tenant, default))!.Contacts);
        await SetAsync(scene, new() { Quotas = new() { Contacts = 3 } });
        Assert.Equal(AppendVerdict.OverQuota, await scene.JudgeAsync(new Proposal { Rows = [Row(Guid.CreateVersion7()), Row(Guid.CreateVersion7())] }));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(new Proposal { Rows = [Row(Guid.CreateVersion7())] }));
        Assert.Equal(AppendVerdict.OverQuota, await scene.JudgeAsync(new Proposal { Rows = [Row(Guid.CreateVersion7())] }));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(new Proposal { Rows = [kept with { Name = "Again" }] }));
        Assert.Equal(3, (await Store.ReadUsageAsync(scene.Tenant, default))!.Contacts);

        // An erased one makes room, once.
        await scene.AcceptAsync(new Proposal { Rows = [kept with { Name = null, IsErased = true }] });
        await scene.AcceptAsync(new Proposal { Rows = [kept with { Name = null, IsErased = true }] });
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(new Proposal { Rows = [Row(Guid.CreateVersion7())] }));
        Assert.Equal(AppendVerdict.OverQuota, await scene.JudgeAsync(new Proposal { Rows = [Row(Guid.CreateVersion7())] }));
        Assert.Equal(3, (await Store.ReadUsageAsync(scene.Tenant, default))!.Contacts);

        static Core.Customers.ContactRow Row(Guid id) => new() { Id = id, Name = "Ada", CreatedAt = DateTimeOffset.UnixEpoch };
    }

    [Fact]
    public async Task Messages_and_bytes_are_counted_once_whoever_counts_and_refused_ones_are_not()
    {
        var (scene, customer, _, talk) = await OpenOneAsync(fixture.Stores);
        await SetAsync(scene, new() { Quotas = new() { StorageBytes = 1 } });
        await scene.PostAsync(talk, customer, 3);
        await using var other = fixture.Another();
        await Task.WhenAll(Store.CountAsync(default), other.Terms.CountAsync(default));
        await scene.PostAsync(talk, customer);
        await scene.AppendAsync(Post(talk, customer, "text x"), Post(talk, customer, "far too early", seq: 99));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? Store : other.Terms).CountAsync(default)));

        var agreed = Assert.Single(await Store.ReadAsync([scene.Tenant], default));
        Assert.Equal((5, 5 * "text 0".Length), (agreed.MessagesThisMonth, agreed.StorageBytes));
        var usage = (await Store.ReadUsageAsync(scene.Tenant, default))!;
        Assert.Equal((5, 5, 1, 1, 1, 1), (usage.Messages, usage.MessagesThisMonth, usage.Conversations, usage.Contacts, usage.Inboxes, usage.Agents));
    }

    static AgentRow RowOf(Somebody agent) => new()
    {
        Id = agent.Id, Email = $"{agent.Id}@example.org", Name = "Agent", Role = agent.Role, PasswordHash = "hash", Availability = default,
    };

    static async Task SetAsync(Scene scene, Terms terms, Branding? branding = null, TenantPolicies? policies = null)
    {
        var change = scene.TenantChange(suspended: false);
        await scene.AcceptAsync(change with { Items = [], Rows = [((TenantRow)change.Rows[0]) with { Terms = terms, Branding = branding ?? new(), Policies = policies ?? new() }] });
    }
}
