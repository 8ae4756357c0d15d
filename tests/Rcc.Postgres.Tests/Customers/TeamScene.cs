using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Customers;

/// <summary>An agent in a group that somebody runs, and what is known of it.</summary>
static class TeamScene
{
    public static async Task<(Scene Scene, Somebody Agent, Somebody Master, Guid Group)> MakeTeamAsync(this StoreFixture fixture)
    {
        var scene = await OnboardAsync(fixture.Stores);
        var (agent, master, group) = (await scene.AddAgentAsync(), await scene.AddAgentAsync(), Guid.CreateVersion7());
        await scene.SetGroupAsync(group, 1, master);
        await scene.ChangeAgentAsync(agent, 2, group);
        return (scene, agent, master, group);
    }

    public static async Task SetGroupAsync(this Scene scene, Guid group, int revision, Somebody master) => await scene.AcceptAsync(new Proposal
    {
        Items = [Item(new(ItemKind.Group, group), revision, Json(new GroupState { Name = "Day", MasterAgentId = master.Id }, ContractJson.Default.GroupState), scene.Agents)],
        Rows = [new GroupRow { Id = group, Name = "Day", MasterAgentId = master.Id }],
    });

    public static async Task ChangeAgentAsync(this Scene scene, Somebody agent, int revision, Guid? group, Role role = Role.Agent)
    {
        var state = new AgentState { Name = "Ann", Role = role, Availability = Availability.Online, GroupId = group };
        await scene.AcceptAsync(new Proposal
        {
            Items = [Item(new(ItemKind.Agent, agent.Id), revision, Json(state, ContractJson.Default.AgentState), scene.Agents)],
            Rows = [new AgentRow { Id = agent.Id, Email = $"{agent.Id}@example.com", Name = "Ann", Role = role, PasswordHash = "hash", Availability = Availability.Online, GroupId = group }],
        });
    }

    /// <summary>What decisions about the agent's context rest on; with a viewer whom nobody knows.</summary>
    public static async Task<AgentDossier> LoadAgentAsync(this StoreFixture fixture, Scene scene, Somebody agent)
    {
        var snapshot = (await fixture.Stores.Agents.LoadAsync(scene.Tenant, agent.Id, default))!;
        var group = snapshot.State.GroupId is { } named ? await fixture.Stores.Agents.LoadGroupAsync(scene.Tenant, named, default) : null;
        return await fixture.Stores.AgentContexts.LoadAsync(scene.Tenant, snapshot, group, [.. AgentDossier.ViewersOf(snapshot, group), Guid.NewGuid()], default);
    }
}
