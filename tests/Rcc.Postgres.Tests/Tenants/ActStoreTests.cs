using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Tenants;

public class ActStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    IActStore Store => fixture.Stores.Acts;

    [Fact]
    public async Task An_act_is_kept_in_the_commit_of_what_it_did_and_says_who_did_it()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        var thing = Guid.CreateVersion7();

        var batch = await scene.AcceptAsync(new() { By = agent.Author, Act = new("inbox", thing, "create", "name: Web") });

        var act = Assert.Single(await Store.ListAsync(scene.Tenant, new() { Limit = 10 }, default));
        Assert.Equal((batch.To, "inbox", thing, "create", "name: Web", scene.Tenant), (act.Position, act.ObjectType, act.ObjectId, act.Action, act.Detail, act.Tenant));
        Assert.Equal((agent.Id, agent.Device, agent.Role), (act.Actor!.Id, act.Actor.DeviceId!.Value, act.Actor.Role!.Value));
        Assert.NotNull(act.Actor.Name);
        Assert.Equal(batch.Results[0].Answer.At, act.At);
    }

    [Fact]
    public async Task What_is_refused_leaves_no_act()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();

        await scene.AppendAsync(
            new Proposal { Act = new("agent", agent.Id, "suspend"), Fences = [new(new(ItemKind.Agent, agent.Id), 99)] },
            new Proposal { Act = new("agent", agent.Id, "resume") });

        Assert.Equal(["resume"], (await Store.ListAsync(scene.Tenant, new() { Limit = 10 }, default)).Select(act => act.Action));
    }

    [Fact]
    public async Task Acts_take_numbers_of_their_own_among_the_changes_of_a_commit()
    {
        var (scene, customer, agent, talk) = await OpenOneAsync(fixture.Stores);
        var before = await scene.NewestAsync();

        var batch = await scene.AppendAsync(
            new Proposal { Act = new("agent", agent.Id, "update"), Marks = [new(MarkKind.Read, talk.Id, agent.Id, 0, 0)] },
            Post(talk, customer, "Hello"),
            new Proposal { Act = new("agent", agent.Id, "suspend") });

        Assert.Equal(before + 3, Assert.IsType<MessageEntry>(Assert.Single(batch.Entries)).ModSeq);
        Assert.Equal(before + 3, Assert.Single((await scene.PageAsync(customer, new(before, null))).Entries).ModSeq);
        Assert.Equal([before + 4, before + 2], (await Store.ListAsync(scene.Tenant, new() { Limit = 10 }, default)).Select(act => act.Position));
        Assert.Equal(before + 4, batch.To);
    }

    [Fact]
    public async Task Acts_are_searched_by_who_what_which_and_when_page_by_page()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var other = await OnboardAsync(fixture.Stores);
        var (ann, ben) = (await scene.AddAgentAsync(), await scene.AddAgentAsync());
        var (inbox, team) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await scene.AcceptAsync(new() { By = ann.Author, Act = new("inbox", inbox, "create") });
        var second = await scene.AcceptAsync(new() { By = ben.Author, Act = new("inbox", inbox, "update") });
        await scene.AcceptAsync(new() { By = ann.Author, Act = new("team", team, "update") });
        await other.AcceptAsync(new() { Act = new("team", team, "update") });

        Assert.Equal(["update", "update", "create"], await ActionsAsync(new() { Limit = 10 }));
        Assert.Equal(["create", "update", "update"], await ActionsAsync(new() { Limit = 10, OldestFirst = true }));
        Assert.Equal(["update", "create"], await ActionsAsync(new() { Limit = 10, ActorId = ann.Id }));
        Assert.Equal(["update", "create"], await ActionsAsync(new() { Limit = 10, ObjectId = inbox }));
        Assert.Equal(["update"], await ActionsAsync(new() { Limit = 10, ObjectType = "team" }));
        Assert.Equal(["create"], await ActionsAsync(new() { Limit = 10, Action = "create" }));
        var at = second.Results[0].Answer.At!.Value;
        Assert.Equal(["update", "update"], await ActionsAsync(new() { Limit = 10, Since = at.ToOffset(TimeSpan.FromHours(2)) }));
        Assert.Equal(["create"], await ActionsAsync(new() { Limit = 10, Until = at }));
        var first = Assert.Single(await Store.ListAsync(scene.Tenant, new() { Limit = 1 }, default));
        Assert.Equal(["update", "create"], await ActionsAsync(new() { Limit = 10, After = first.Position }));

        async Task<IEnumerable<string>> ActionsAsync(ActQuery query) => (await Store.ListAsync(scene.Tenant, query, default)).Select(act => act.Action);
    }

    [Fact]
    public async Task Acts_are_kept_as_long_as_the_tenant_has_decided_and_those_of_operators_for_ever()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var other = await OnboardAsync(fixture.Stores);
        var policy = scene.TenantChange(suspended: false);
        await scene.AcceptAsync(policy with { Items = [], Rows = [((TenantRow)policy.Rows[0]) with { Policies = new() { AuditRetentionDays = 30 } }] });
        foreach (var each in new[] { scene, other })
        {
            await each.AcceptAsync(new() { Act = new("inbox", Guid.Empty, "old") });
            await each.AcceptAsync(new() { Act = new("inbox", Guid.Empty, "operators") { OperatorId = Guid.CreateVersion7() } });
            await fixture.ScalarAsync("UPDATE act SET at = now() - interval '31 days' WHERE tenant = $1", each.Tenant.Value);
            await each.AcceptAsync(new() { Act = new("inbox", Guid.Empty, "new") });
        }

        await fixture.Stores.Retention.TrimAsync(default);

        Assert.Equal(["new", "operators"], (await Store.ListAsync(scene.Tenant, new() { Limit = 10 }, default)).Select(act => act.Action));
        Assert.Equal(["new", "operators", "old"], (await Store.ListAsync(other.Tenant, new() { Limit = 10 }, default)).Select(act => act.Action));
    }

    [Fact]
    public async Task What_operators_did_is_listed_over_all_tenants_and_nothing_else()
    {
        var (scene, other) = (await OnboardAsync(fixture.Stores), await OnboardAsync(fixture.Stores));
        var @operator = Guid.CreateVersion7();
        await scene.AcceptAsync(new() { Act = new("account", scene.Tenant.Value, "suspend") { OperatorId = @operator } });
        await other.AcceptAsync(new() { Act = new("account", other.Tenant.Value, "suspend") { OperatorId = @operator } });
        await scene.AcceptAsync(new() { Act = new("account", scene.Tenant.Value, "nobody") });
        await scene.AcceptAsync(new() { Act = new("account", scene.Tenant.Value, "resume") { OperatorId = @operator } });

        var mine = (await Store.ListOfOperatorsAsync(null, new() { Limit = 1000 }, null, default)).Where(act => act.Actor!.Id == @operator).ToList();
        Assert.Equal(3, mine.Count);
        Assert.Equal(["resume", "suspend"], (await Store.ListOfOperatorsAsync(scene.Tenant.Value, new() { Limit = 10 }, null, default)).Select(act => act.Action));
        Assert.Equal(["suspend"], (await Store.ListOfOperatorsAsync(scene.Tenant.Value, new() { Limit = 10 }, mine[0].Id, default)).Select(act => act.Action));
        Assert.Null(mine[0].Actor!.Role);
    }
}
