using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Agents;

/// <summary>What agents are in the account, and under which address.</summary>
[Trait("Catalogue", "RCC-35")]
public sealed class StandingTests
{
    static readonly Caller Administrator = Callers.Administrator();

    [Theory]
    [InlineData(Role.Agent, Role.MasterAgent)]
    [InlineData(Role.Agent, Role.Administrator)]
    [InlineData(Role.MasterAgent, Role.Agent)]
    [InlineData(Role.Administrator, Role.Agent)]
    public void An_administrator_makes_another_of_an_agent_and_signs_it_out_everywhere(Role from, Role to)
    {
        var group = from == Role.Agent ? Guid.CreateVersion7() : (Guid?)null;
        var before = Known(from) with { State = Known(from).State with { GroupId = group, Controls = from == Role.Administrator ? null : Controls.Hold } };

        var decision = Agent.SetRole(Callers.Tenant, before, Administrator, to, Callers.Noon);

        var next = decision.Next!;
        Assert.Equal((to, before.Revision + 1, 0), (next.State.Role, next.Revision, next.Devices.Count));
        Assert.Null(next.State.GroupId);
        Assert.Equal(to == Role.Administrator || from == Role.Administrator ? null : Controls.Hold, next.State.Controls);
        Assert.Contains(new(new(ItemKind.SignIns, before.Id), before.SignIns), decision.Change!.Fences);
        Assert.Equal([before.Devices[0].Id], decision.Change.Rows.OfType<DeviceSignOutRow>().Select(row => row.Id));
        Assert.Equal("role", decision.Change.Act!.Changes[0].Member);
        Assert.Equal(group is null ? [] : [new AudienceChange(before.Id, Audience.OfGroup(group.Value), MembershipState.Left)], decision.Change.Audiences);
    }

    [Fact]
    public void Nobody_but_an_administrator_decides_on_roles_and_never_on_its_own_so_that_the_last_one_stays()
    {
        var master = Known(Role.MasterAgent);
        foreach (var caller in new[] { Callers.Master(), Callers.Master(master.Id), Callers.Agent(), Callers.Application(Scopes.AgentsWrite) })
        {
            Assert.Equal(ErrorCode.Forbidden, Agent.SetRole(Callers.Tenant, master, caller, Role.Agent, Callers.Noon).Refusal!.Code);
        }

        var last = Known(Role.Administrator);
        Assert.Equal(ErrorCode.Forbidden, Agent.SetRole(Callers.Tenant, last, Callers.Administrator(last.Id), Role.Agent, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.Malformed, Agent.SetRole(Callers.Tenant, master, Administrator, Role.Customer, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Agent.SetRole(Callers.Tenant, master with { State = master.State with { Removed = true } }, Administrator, Role.Agent, Callers.Noon).Refusal!.Code);
        Assert.Empty(Agent.SetRole(Callers.Tenant, master, Administrator, Role.MasterAgent, Callers.Noon).Change!.Items);
    }

    [Fact]
    public void Who_manages_an_agent_gives_it_another_address_and_nobody_itself()
    {
        var master = Callers.Master();
        var sub = Known(Role.Agent) with { CreatedBy = master.PersonId };
        var changed = Agent.SetEmail(Callers.Tenant, sub, master, null, "new@example.com");
        Assert.Equal("new@example.com", changed.Next!.Email);
        Assert.Equal([new ActChange("email", "\"old@example.com\"", "\"new@example.com\"")], changed.Change!.Act!.Changes);
        Assert.NotEmpty(changed.Next.Devices);

        Assert.Equal(ErrorCode.Forbidden, Agent.SetEmail(Callers.Tenant, sub, Callers.Agent(sub.Id), null, "x@example.com").Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Agent.SetEmail(Callers.Tenant, sub, Callers.Master(), null, "x@example.com").Refusal!.Code);
        var administrator = Known(Role.Administrator);
        Assert.Equal(ErrorCode.Forbidden, Agent.SetEmail(Callers.Tenant, administrator, Callers.Administrator(administrator.Id), null, "x@example.com").Refusal!.Code);

        // A key that got another's address to itself could sign in by the provider as who it is.
        var application = Callers.Application(Scopes.AgentsWrite);
        Assert.Equal(ErrorCode.Forbidden, Agent.SetEmail(Callers.Tenant, Known(Role.MasterAgent), application, null, "x@example.com").Refusal!.Code);
        Assert.Null(Agent.SetEmail(Callers.Tenant, sub, application, null, "x@example.com").Refusal);
    }

    [Fact]
    public void An_invitation_that_went_to_the_address_before_is_good_no_more()
    {
        var invited = Known(Role.Agent) with { Invitation = new([1], Callers.Noon.AddHours(1)), Devices = [] };
        invited = invited with { State = invited.State with { Invited = true } };
        var changed = Agent.SetEmail(Callers.Tenant, invited, Administrator, null, "new@example.com");
        Assert.Null(changed.Next!.Invitation);
        Assert.Null(changed.Change!.Rows.OfType<AgentRow>().Single().Invitation);
        Assert.True(changed.Next.State.Invited);
    }

    static AgentSnapshot Known(Role role) => new(
        Guid.CreateVersion7(),
        4,
        new() { Name = "Ann", Role = role, Availability = Availability.Online },
        "old@example.com",
        "hash",
        CreatedBy: null,
        OpenConversationRevision: 0,
        SignIns: 2,
        [new(Guid.CreateVersion7(), 1, "Desk", Callers.Noon)]);
}
