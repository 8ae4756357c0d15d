using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Agents;

/// <summary>The rules of who signs in by its tenant's OpenID provider.</summary>
public class IdentityTests
{
    const string Issuer = "https://login.example";

    static readonly IdentityClaim Ben = new(Issuer, "ben") { VerifiedEmail = "Ben@Example.com", Name = "Ben B." };

    readonly AgentSnapshot agent = Agent.Create(
        Callers.Tenant, Guid.CreateVersion7(), null, null, new("Ben", "ben@example.com", Role.Agent, null, "hash"), null).Next!;

    readonly AgentSnapshot invited = Agent.Create(
        Callers.Tenant, Guid.CreateVersion7(), null, null, new("ida", "ida@example.com", Role.Agent, null, "") { Invitation = new([1, 2, 3], Callers.Noon.AddHours(1)) }, null).Next!;

    [Fact]
    public void A_verified_address_links_the_identity_once_and_from_then_on_the_identity_is_enough()
    {
        var first = SignIn(agent, Ben, default);
        var link = Assert.Single(first.Change!.Items, item => item.Key == Identity.Key(Issuer, "ben"));
        Assert.Equal((1, Audience.OfNobody), (link.Revision, link.Home));
        Assert.Equal("link_identity", first.Change.Act!.Action);
        Assert.Equal(agent.State.Name, first.Next!.State.Name);
        Assert.Single(first.Next.Devices);

        var again = SignIn(first.Next, Ben with { VerifiedEmail = null }, new(1, agent.Id));
        Assert.DoesNotContain(again.Change!.Items, item => item.Key.Kind == ItemKind.Identity);
        Assert.Equal("sign_in", again.Change.Act!.Action);
        Assert.Equal(2, again.Next!.Devices.Count);
    }

    [Fact]
    public void No_other_address_and_nobody_elses_identity_signs_in()
    {
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(agent, Ben with { VerifiedEmail = null }, default).Refusal!.Code);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(agent, Ben with { VerifiedEmail = "eve@example.com" }, default).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, SignIn(agent, Ben, new(1, Guid.CreateVersion7())).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, SignIn(null, Ben, default).Refusal!.Code);
        var suspended = Agent.SetSuspended(Callers.Tenant, agent, Callers.Administrator(), null, suspended: true, Callers.Noon).Next!;
        Assert.Equal(ErrorCode.Suspended, SignIn(suspended, Ben, new(1, agent.Id)).Refusal!.Code);
    }

    [Fact]
    public void The_identity_of_a_removed_agent_is_linked_anew_after_the_revision_it_has()
    {
        var again = SignIn(agent, Ben, new(4, null));
        Assert.Equal(5, Assert.Single(again.Change!.Items, item => item.Key.Kind == ItemKind.Identity).Revision);
    }

    [Fact]
    public void An_invitation_is_used_up_by_who_comes_with_it_or_by_the_address_it_was_sent_to()
    {
        var withInvitation = new IdentityClaim(Issuer, "ida") { InvitationHash = [1, 2, 3], Name = "Ida I." };
        foreach (var claim in new[] { withInvitation, new IdentityClaim(Issuer, "ida") { VerifiedEmail = "ida@example.com", Name = "Ida I." } })
        {
            var come = SignIn(invited, claim, default);
            Assert.Equal(("Ida I.", false, null), (come.Next!.State.Name, come.Next.State.Invited, come.Next.Invitation));
            Assert.Equal("accept_invitation", come.Change!.Act!.Action);
            Assert.Contains(come.Change.Items, item => item.Key.Kind == ItemKind.Agent && item.Revision == invited.Revision + 1);
        }

        Assert.Equal(ErrorCode.Unauthenticated, SignIn(invited, withInvitation with { InvitationHash = [1, 2, 4] }, default).Refusal!.Code);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(invited, withInvitation, default, Callers.Noon.AddHours(1)).Refusal!.Code);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(agent, withInvitation, default).Refusal!.Code);
        Assert.Equal(ErrorCode.Unauthenticated, SignIn(invited, new(Issuer, "ida"), new(1, invited.Id)).Refusal!.Code);
    }

    [Fact]
    public void Unlinking_is_the_agents_own_and_its_managers_to_do_and_lets_nobody_in_by_the_old_link()
    {
        var identity = new Identity(Issuer, "ben", agent.Id).ToItem(3);
        StoredItem[] linked = [new(identity.Key, identity.Revision, identity.State)];
        foreach (var caller in new[] { Callers.Agent(agent.Id), Callers.Administrator(), Callers.Application(Scopes.AgentsWrite) })
        {
            var change = Agent.UnlinkIdentities(agent, caller, null, linked).Change!;
            Assert.Equal(("unlink_identity", $"issuers: {Issuer}"), (change.Act!.Action, change.Act.Detail));
            var departure = Assert.Single(change.Departures);
            Assert.Equal((identity.Key, true), (departure.Key, departure.Delete));
            Assert.Empty(departure.Tell);
            Assert.Contains(new(identity.Key, 3), change.Fences);
        }

        Assert.Equal(ErrorCode.Forbidden, Agent.UnlinkIdentities(agent, Callers.Agent(), null, linked).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Agent.UnlinkIdentities(agent, Callers.Master(), null, linked).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Agent.UnlinkIdentities(null, Callers.Administrator(), null, []).Refusal!.Code);
        Assert.Null(Agent.UnlinkIdentities(agent, Callers.Agent(agent.Id), null, []).Change!.Act);
        Assert.Contains(new(identity.Key, 3), SignIn(agent, Ben with { VerifiedEmail = null }, new(3, agent.Id)).Change!.Fences);
    }

    [Fact]
    public void Issuer_and_subject_together_are_who_it_is()
    {
        Assert.NotEqual(Identity.Key(Issuer, "ben"), Identity.Key("https://other.example", "ben"));
        Assert.NotEqual(Identity.Key(Issuer, "ben"), Identity.Key(Issuer, "Ben"));
        Assert.Equal(Identity.Key(Issuer, "ben"), Identity.Key(Issuer, "ben"));
    }

    static Decision<AgentSnapshot> SignIn(AgentSnapshot? now, IdentityClaim claim, IdentityLink link, DateTimeOffset? at = null) =>
        Agent.SignInByIdentity(Callers.Tenant, now, new NewDevice(Guid.CreateVersion7(), "Desk", [1], at ?? Callers.Noon), claim, link, new());
}
