using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Tests.Customers;

/// <summary>Agents' context in the store: what is read back, and when an agent is due to be looked at.</summary>
[Trait("Catalogue", "RCC-40")]
public class AgentContextStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    static readonly CustomerOptions Options = new();

    [Fact]
    public async Task What_was_set_is_read_back_and_is_on_the_devices_of_its_viewers_alone()
    {
        var (scene, agent, master, group) = await fixture.MakeTeamAsync();
        var stranger = await scene.AddAgentAsync();
        await SetAsync(scene, agent, "crm:mood", "\"glad\"", isVolatile: false);
        await SetAsync(scene, agent, "crm:desk", "7", isVolatile: true);

        var known = await fixture.LoadAgentAsync(scene, agent);
        Assert.Equal(("crm:mood", "\"glad\""), Assert.Single(known.Record.Context.Select(entry => (entry.Name, entry.Json))));
        Assert.Equal(("crm:desk", "7"), Assert.Single(known.Volatile.Select(entry => (entry.Name, entry.Json))));
        Assert.Equal(new[] { agent.Id, master.Id }.Order(), known.Viewers.Keys);
        Assert.Equal(4, known.Views.Length);
        Assert.Equal(group, known.Group!.Id);
        foreach (var viewer in new[] { agent, master })
        {
            Assert.Equal([(ItemKind.AgentContext, agent.Id.ToString()), (ItemKind.VolatileContext, agent.Id.ToString())], await ItemsOfAsync(scene, viewer));
        }

        Assert.Empty(await ItemsOfAsync(scene, stranger));
        Assert.Equal(0L, await fixture.ScalarAsync("SELECT count(*) FROM item WHERE tenant = $1 AND position('crm:desk'::bytea IN state) > 0", scene.Tenant.Value));
    }

    [Fact]
    public async Task An_agent_with_context_is_due_when_its_group_the_rules_or_what_it_serves_change_and_no_other_is()
    {
        var (scene, agent, master, group) = await fixture.MakeTeamAsync();
        var other = await scene.AddAgentAsync();
        var customer = await scene.AddCustomerAsync();
        await NotDueAsync("nothing is known of it");
        await SetAsync(scene, agent, "crm:mood", "1", isVolatile: false);
        await NotDueAsync("nothing expires");

        await scene.SetGroupAsync(group, 2, other);
        await DueAsync("who runs its group");
        await scene.ChangeAgentAsync(agent, 3, null);
        await DueAsync("its group");
        await scene.ChangeAgentAsync(agent, 4, null);
        await NotDueAsync("what has nothing to do with it");
        await scene.AcceptAsync(new Proposal { Rows = [new ContactSettingsRow()] });
        await DueAsync("the rules");
        var talk = await scene.OpenAsync(customer, agent);
        await DueAsync("it takes part");
        await scene.TurnAsync(talk, ConversationStatus.Resolved);
        await DueAsync("the conversation ends");
        await scene.OpenAsync(customer, other);
        await NotDueAsync("another's conversation");
        Assert.Null(await fixture.Stores.Customers.FindDueAsync(scene.Tenant, other.Id, default));
        Assert.NotNull(master);

        async Task DueAsync(string why)
        {
            Assert.True((await fixture.Stores.Customers.ListDueAsync(10_000, default)).Contains(new DuePerson(scene.Tenant, agent.Id, IsAgent: true)), why);
            var due = await fixture.Stores.Customers.FindDueAsync(scene.Tenant, agent.Id, default);
            await fixture.Stores.Customers.SettleAsync(scene.Tenant, agent.Id, due!.Stamp, null, default);
        }

        async Task NotDueAsync(string why) => Assert.True(await fixture.Stores.Customers.FindDueAsync(scene.Tenant, agent.Id, default) is null, why);
    }

    [Fact]
    public async Task A_decision_on_a_group_that_has_changed_is_fenced()
    {
        var (scene, agent, master, group) = await fixture.MakeTeamAsync();
        var known = await fixture.LoadAgentAsync(scene, agent);
        await scene.SetGroupAsync(group, 2, master);
        Assert.Equal(AppendVerdict.Fenced, await scene.JudgeAsync(Set(known, "crm:mood", "1", isVolatile: false)));
        Assert.Equal(AppendVerdict.Accepted, await scene.JudgeAsync(Set(await fixture.LoadAgentAsync(scene, agent), "crm:mood", "1", isVolatile: false)));
    }

    async Task SetAsync(Scene scene, Somebody agent, string name, string json, bool isVolatile) => await scene.AcceptAsync(Set(await fixture.LoadAgentAsync(scene, agent), name, json, isVolatile));

    static Proposal Set(AgentDossier agent, string name, string json, bool isVolatile)
    {
        var self = new Caller { Tenant = new(Guid.NewGuid()), PersonId = agent.Agent.Id, DeviceId = Guid.NewGuid(), Role = Role.Agent };
        return AgentContext.Set(agent, self, new() { Name = name, Json = json, Source = ContextSource.Manual, IsVolatile = isVolatile }, DateTimeOffset.UtcNow, Options).Change! with { Rows = [] };
    }

    static async Task<IEnumerable<(ItemKind, string)>> ItemsOfAsync(Scene scene, Somebody person) => (await scene.PageAsync(person, null)).Entries.OfType<ItemEntry>()
        .Where(item => item.Key.Kind is ItemKind.AgentContext or ItemKind.VolatileContext or ItemKind.AgentContextRecord or ItemKind.VolatileRecord).Select(item => (item.Key.Kind, item.Key.WireId)).Order();
}
