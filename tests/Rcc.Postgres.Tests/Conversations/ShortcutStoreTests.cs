using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Conversations;

public class ShortcutStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task Lists_hold_what_all_are_told_of_and_what_is_the_persons_own_by_id()
    {
        var store = fixture.Stores.Shortcuts;
        var scene = await OnboardAsync(fixture.Stores);
        var (agent, colleague) = (await scene.AddAgentAsync(), await scene.AddAgentAsync());
        var shared = await KeepAsync(scene, ItemKind.CannedResponse, Audience.OfAgents(scene.Tenant));
        var own = await KeepAsync(scene, ItemKind.CannedResponse, Audience.OfPerson(agent.Id));
        await KeepAsync(scene, ItemKind.CannedResponse, Audience.OfPerson(colleague.Id));
        var later = await KeepAsync(scene, ItemKind.CannedResponse, Audience.OfAgents(scene.Tenant));
        await KeepAsync(scene, ItemKind.Macro, Audience.OfAgents(scene.Tenant));
        await KeepAsync(await OnboardAsync(fixture.Stores), ItemKind.CannedResponse, Audience.OfAgents(scene.Tenant));

        Assert.Equal([shared, own, later], await ListAsync(agent.Id, null, 10));
        Assert.Equal([shared, later], await ListAsync(null, null, 10));
        Assert.Equal([shared, own], await ListAsync(agent.Id, null, 2));
        Assert.Equal([later], await ListAsync(agent.Id, own, 2));
        Assert.Equal("hi", (await store.ListAsync(scene.Tenant, ItemKind.CannedResponse, null, null, 1, default))[0].State.Name);
        Assert.Equal((2, 1), (await store.CountAsync(scene.Tenant, ItemKind.CannedResponse, null, default), await store.CountAsync(scene.Tenant, ItemKind.CannedResponse, agent.Id, default)));

        async Task<IEnumerable<Guid>> ListAsync(Guid? person, Guid? after, int limit) =>
            (await store.ListAsync(scene.Tenant, ItemKind.CannedResponse, person, after, limit, default)).Select(one => one.Id);
    }

    static async Task<Guid> KeepAsync(Scene scene, ItemKind kind, Audience home)
    {
        var id = Guid.CreateVersion7();
        var state = JsonSerializer.SerializeToUtf8Bytes(new ShortcutState { Scope = ShortcutScope.Account, Name = "hi", Text = "Hello!" }, ContractJson.Default.ShortcutState);
        await scene.AcceptAsync(new Proposal { Items = [new(new(kind, id), 1, [.. state], home, [home])] });
        return id;
    }
}
