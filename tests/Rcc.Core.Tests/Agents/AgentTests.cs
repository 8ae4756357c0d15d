using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Agents;

/// <summary>The rules of agents and groups, by example.</summary>
public class AgentTests
{
    static readonly Guid GroupId = Guid.CreateVersion7();

    readonly Caller master = Callers.Master();
    readonly Caller otherMaster = Callers.Master();
    readonly Guid id = Guid.CreateVersion7();

    [Fact]
    [Trait("Catalogue", "RCC-34")]
    public void A_master_agent_makes_a_sub_agent_in_a_group_it_runs()
    {
        var decision = Create(master, GroupId);

        Assert.Equal(master.PersonId, decision.Next!.CreatedBy);
        Assert.Equal(
            [Audience.OfAgents(Callers.Tenant), Audience.OfPerson(id), Audience.OfGroup(GroupId)],
            decision.Change!.Audiences.Select(change => change.Audience));
        Assert.All(decision.Change.Audiences, change => Assert.Equal((id, MembershipState.Reads), (change.PersonId, change.State)));
        Assert.Equal(Audience.OfAgents(Callers.Tenant), Assert.Single(decision.Change.Items, item => item.Key.Kind == ItemKind.Agent).Home);
        Assert.Equal(id, decision.Change.Answer.Id);
    }

    [Fact]
    public void Only_master_agents_applications_and_the_operator_make_agents()
    {
        Assert.Equal(ErrorCode.Forbidden, Create(Callers.Agent(), null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Create(Callers.Customer(), null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Create(master, null, Role.MasterAgent).Refusal!.Code);
        Assert.Null(Create(null, null, Role.MasterAgent).Refusal);
        Assert.Equal(ErrorCode.Forbidden, Create(Callers.Application(), null, Role.MasterAgent).Refusal!.Code);
        Assert.Null(Agent.Create(Callers.Tenant, id, null, Callers.Application(), new("Mia", "mia@example.com", Role.MasterAgent, null, "") { Invitation = new([1], Callers.Noon) }, null).Refusal);
        Assert.Equal(ErrorCode.Malformed, Create(null, null, Role.System).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-36")]
    public void A_master_agent_does_nothing_outside_its_own_groups()
    {
        var agent = Create(master, GroupId).Next!;
        Assert.Equal(ErrorCode.Forbidden, Create(otherMaster, GroupId).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Suspend(agent, otherMaster).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Edit(agent, otherMaster, new() { Name = "Eve" }).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Agent.SignOut(agent, otherMaster, RunBy(master), Guid.CreateVersion7(), Callers.Noon).Refusal!.Code);
        Assert.Null(Suspend(agent, master).Refusal);
        Assert.Null(Suspend(agent, Callers.Application()).Refusal);
    }

    [Fact]
    public void An_agent_without_group_is_managed_by_whoever_made_it()
    {
        var agent = Create(master, null).Next!;
        Assert.Null(Suspend(agent, master, null).Refusal);
        Assert.Equal(ErrorCode.Forbidden, Suspend(agent, otherMaster, null).Refusal!.Code);
    }

    [Fact]
    public void A_master_agent_is_managed_by_no_other()
    {
        var agent = Create(null, null, Role.MasterAgent).Next! with { CreatedBy = master.PersonId };
        Assert.Equal(ErrorCode.Forbidden, Suspend(agent, master, null).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-35")]
    public void Suspending_signs_out_every_device_in_the_same_commit()
    {
        var agent = SignedIn(SignedIn(Create(master, GroupId).Next!, 1), 2);
        var decision = Suspend(agent, master);

        Assert.True(decision.Next!.State.Suspended);
        Assert.Equal(Availability.Offline, decision.Next.State.Availability);
        Assert.Empty(decision.Next.Devices);
        Assert.Equal(agent.Devices.Select(device => device.Id), decision.Change!.Rows.OfType<DeviceSignOutRow>().Select(row => row.Id));
        Assert.Equal(3, decision.Change.Items.Length);
        Assert.Equal(ErrorCode.Suspended, Agent.SignIn(Callers.Tenant, decision.Next, Device(3), new(agent.PasswordHash), default, new()).Refusal!.Code);
    }

    [Fact]
    public void Suspending_twice_changes_nothing_and_is_ok()
    {
        var suspended = Suspend(Create(master, GroupId).Next!, master).Next!;
        var again = Suspend(suspended, master);
        Assert.Same(suspended, again.Next);
        Assert.Empty(again.Change!.Items);
    }

    [Fact]
    public void Signing_in_holds_only_while_the_agent_is_as_it_was()
    {
        var agent = Create(master, GroupId).Next!;
        var decision = Agent.SignIn(Callers.Tenant, agent, Device(1), new(agent.PasswordHash), default, new());

        Assert.Equal(new ItemFence(new(ItemKind.Agent, id), agent.Revision), Assert.Single(decision.Change!.Fences));
        Assert.Equal([Audience.OfNobody, Audience.OfPerson(id)], decision.Change.Items.Select(item => item.Home));
        Assert.Equal(Role.Agent, Assert.Single(decision.Change.Rows.OfType<DeviceRow>()).Role);
    }

    [Fact]
    public void One_device_too_many_signs_out_the_one_that_signed_in_first()
    {
        var agent = SignedIn(SignedIn(Create(master, GroupId).Next!, 2), 1);
        var decision = Agent.SignIn(Callers.Tenant, agent, Device(3), new(agent.PasswordHash), default, new() { MaxDevices = 2 });

        Assert.Equal(agent.Devices[1].Id, Assert.Single(decision.Change!.Rows.OfType<DeviceSignOutRow>()).Id);
        Assert.Equal(2, decision.Next!.Devices.Count);
    }

    [Fact]
    [Trait("Catalogue", "RCC-2")]
    public void Signing_out_ends_one_device_and_leaves_the_others()
    {
        var agent = SignedIn(SignedIn(Create(master, GroupId).Next!, 1), 2);
        var decision = Agent.SignOut(agent, Self(agent), null, agent.Devices[0].Id, Callers.Noon);

        Assert.Equal([agent.Devices[1]], decision.Next!.Devices);
        Assert.Equal(2, Assert.Single(decision.Change!.Items).Revision);
        Assert.Equal(ErrorCode.NotFound, Agent.SignOut(decision.Next, Self(agent), null, agent.Devices[0].Id, Callers.Noon).Refusal!.Code);
    }

    [Fact]
    public void A_session_that_is_over_is_signed_out_once_and_the_others_stay()
    {
        var agent = SignedIn(SignedIn(Create(master, GroupId).Next!, 1), 2);
        var ended = Agent.EndSessions(agent, [agent.Devices[0].Id, Guid.CreateVersion7()], Callers.Noon);
        Assert.Equal([agent.Devices[1]], ended.Next!.Devices);
        Assert.Equal(("end_session", $"devices: {agent.Devices[0].Id}"), (ended.Change!.Act!.Action, ended.Change.Act.Detail));
        var again = Agent.EndSessions(ended.Next, [agent.Devices[0].Id], Callers.Noon);
        Assert.Null(again.Change!.Act);
        Assert.Empty(again.Change.Items);
    }

    [Fact]
    public void A_new_password_signs_out_every_device_but_the_one_that_asked()
    {
        var agent = SignedIn(SignedIn(Create(master, GroupId).Next!, 1), 2);
        var own = Agent.Edit(Callers.Tenant, agent, Self(agent) with { DeviceId = agent.Devices[1].Id }, new() { PasswordHash = "new" }, null, null, Callers.Noon, new(agent.PasswordHash));
        Assert.Equal([agent.Devices[1]], own.Next!.Devices);
        Assert.Empty(Edit(agent, master, new() { PasswordHash = "new" }).Next!.Devices);
        Assert.Equal(2, Edit(agent, master, new() { Name = "New" }).Next!.Devices.Count);
    }

    [Fact]
    public void What_signs_out_all_devices_holds_only_while_no_other_signs_in()
    {
        var agent = SignedIn(SignedIn(Create(master, GroupId).Next!, 1), 2);
        var fence = new ItemFence(new(ItemKind.SignIns, id), 2);
        Assert.Contains(fence, Edit(agent, master, new() { PasswordHash = "new" }).Change!.Fences);
        Assert.Contains(fence, Suspend(agent, master).Change!.Fences);
        Assert.Empty(Edit(agent, master, new() { Name = "New" }).Change!.Fences);
    }

    [Fact]
    public void A_password_that_was_changed_since_it_was_compared_signs_nobody_in()
    {
        var agent = Create(master, GroupId).Next!;
        Assert.Equal(ErrorCode.Unauthenticated, Agent.SignIn(Callers.Tenant, agent, Device(1), new("old"), default, new()).Refusal!.Code);
    }

    [Fact]
    public void Who_manages_an_agent_decides_on_its_group()
    {
        var agent = Create(master, GroupId).Next!;
        Assert.Equal(ErrorCode.Forbidden, Edit(agent, Self(agent), new() { LeaveGroup = true }).Refusal!.Code);
        var decision = Edit(agent, master, new() { LeaveGroup = true });
        Assert.Equal([new(id, Audience.OfGroup(GroupId), MembershipState.Left)], decision.Change!.Audiences);
        Assert.Null(decision.Next!.State.GroupId);

        var other = new GroupSnapshot(Guid.CreateVersion7(), 1, new() { Name = "Night", MasterAgentId = master.PersonId });
        var moved = Agent.Edit(Callers.Tenant, agent, master, new() { GroupId = other.Id }, RunBy(master), other, Callers.Noon);
        Assert.Equal([(GroupId, MembershipState.Left), (other.Id, MembershipState.Reads)], moved.Change!.Audiences.Select(change => (change.Audience.Id, change.State)));
        var foreign = other with { State = other.State with { MasterAgentId = otherMaster.PersonId } };
        Assert.Equal(ErrorCode.Forbidden, Agent.Edit(Callers.Tenant, agent, master, new() { GroupId = other.Id }, RunBy(master), foreign, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Agent.Edit(Callers.Tenant, agent, master, new() { GroupId = other.Id }, RunBy(master), null, Callers.Noon).Refusal!.Code);
    }

    [Fact]
    public void Who_manages_an_agent_says_what_it_is_good_at_and_how_much_it_takes()
    {
        var agent = Create(master, GroupId).Next!;
        Assert.Equal(ErrorCode.Forbidden, Edit(agent, Self(agent), new() { Skills = ["French"] }).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Edit(agent, Self(agent), new() { Capacity = 9 }).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Edit(agent, Self(agent), new() { UseDefaultCapacity = true }).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Edit(agent, otherMaster, new() { Capacity = 9 }).Refusal!.Code);

        var decision = Edit(agent, master, new() { Skills = ["French", "Billing"], Capacity = 3 });
        var row = Assert.Single(decision.Change!.Rows.OfType<AgentRow>());
        Assert.Equal(["French", "Billing"], row.Skills);
        Assert.Equal(3, row.Capacity);
        var state = JsonSerializer.Deserialize(Assert.Single(decision.Change.Items).State.AsSpan(), ContractJson.Default.AgentState)!;
        Assert.Equal(["French", "Billing"], state.Skills);
        Assert.Equal(3, state.Capacity);

        var renamed = Edit(decision.Next!, Self(agent), new() { Name = "Benny" }).Next!;
        Assert.Equal((3, 2), (renamed.State.Capacity, renamed.State.Skills.Count));
        Assert.Null(Edit(renamed, master, new() { UseDefaultCapacity = true }).Next!.State.Capacity);
        Assert.Empty(Edit(renamed, master, new() { Skills = [] }).Next!.State.Skills);
    }

    [Fact]
    public void A_state_kept_by_an_earlier_version_has_no_skills_and_the_default_capacity()
    {
        var state = JsonSerializer.Deserialize("""{"name":"Ben","role":"agent","availability":"online"}""", ContractJson.Default.AgentState)!;
        Assert.Empty(state.Skills);
        Assert.Null(state.Capacity);
    }

    [Fact]
    public void Availability_is_the_agents_own_and_setting_it_again_changes_nothing()
    {
        var agent = Create(master, GroupId).Next!;
        Assert.Equal(ErrorCode.NotFound, Agent.SetAvailability(Callers.Tenant, agent, master, new(Availability.Online), [], Callers.Noon).Refusal!.Code);
        var online = Agent.SetAvailability(Callers.Tenant, agent, Self(agent), new(Availability.Online), [], Callers.Noon).Next!;
        Assert.Equal(agent.Revision + 1, online.Revision);
        Assert.Same(online, Agent.SetAvailability(Callers.Tenant, online, Self(agent), new(Availability.Online), [], Callers.Noon.AddHours(1)).Next);
    }

    [Fact]
    [Trait("Catalogue", "MMS-11")]
    public void A_draft_typed_on_an_older_one_is_refused_and_names_the_revision()
    {
        var agent = Create(master, GroupId).Next!;
        var refusal = Draft(agent, ifRevision: 2, stored: 3).Refusal!;
        Assert.Equal(ErrorCode.Conflict, refusal.Code);
        Assert.Contains("revision 3", refusal.Detail, StringComparison.Ordinal);
        Assert.Equal(4, Draft(agent, ifRevision: 3, stored: 3).Change!.Answer.Revision);
        Assert.Equal(4, Draft(agent, ifRevision: null, stored: 3).Change!.Answer.Revision);
        Assert.Equal(1, Draft(agent, ifRevision: 0, stored: 0).Change!.Answer.Revision);
    }

    [Fact]
    public void A_removed_draft_keeps_its_item_so_that_its_revision_goes_on_rising()
    {
        var agent = Create(master, GroupId).Next!;
        var change = Agent.SetDraft(agent, Self(agent), GroupId, new("", Lane.Notes), null, 7, sight: new(1, [])).Change!;
        var item = Assert.Single(change.Items);
        Assert.Equal((8, new ItemKey(ItemKind.Draft, GroupId, id), Audience.OfPerson(id)), (item.Revision, item.Key, item.Home));
        Assert.Equal(new DraftState("", Lane.Notes), JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.DraftState));
        Assert.Empty(change.Departures);
    }

    [Fact]
    public void A_draft_rests_on_the_conversation_as_it_was_seen_so_that_none_comes_behind_who_leaves_it()
    {
        var agent = Create(master, GroupId).Next!;
        Assert.Equal([new ItemFence(ItemKey.OfHandling(GroupId), 5)], Draft(agent, ifRevision: null, stored: 3).Change!.Fences);
    }

    [Fact]
    public void Drafts_and_the_open_conversation_need_a_conversation_the_agent_may_see()
    {
        var agent = Create(master, GroupId).Next!;
        Assert.Equal(ErrorCode.NotFound, Agent.SetDraft(agent, Self(agent), GroupId, new("x", Lane.Public), null, 0, sight: null).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Agent.SetOpenConversation(agent, Self(agent), GroupId, isVisible: false).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Agent.SetOpenConversation(agent, master, null, isVisible: false).Refusal!.Code);
        Assert.Equal(1, Agent.SetOpenConversation(agent, Self(agent), null, isVisible: false).Next!.OpenConversationRevision);
    }

    [Fact]
    [Trait("Catalogue", "RCC-33")]
    public void A_master_agent_makes_a_group_and_runs_it()
    {
        var decision = Group.Create(Callers.Tenant, GroupId, null, master, new("Day"), null);
        Assert.Equal(master.PersonId, decision.Next!.State.MasterAgentId);
        Assert.Equal([new(master.PersonId, Audience.OfGroup(GroupId), MembershipState.Reads)], decision.Change!.Audiences);
        Assert.Equal(ErrorCode.Forbidden, Group.Create(Callers.Tenant, GroupId, null, Callers.Agent(), new("Day"), null).Refusal!.Code);
        Assert.Equal(ErrorCode.Taken, Group.Create(Callers.Tenant, GroupId, decision.Next, master, new("Day"), null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Group.Edit(Callers.Tenant, decision.Next, otherMaster, new() { Name = "Night" }, null, []).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Group.Edit(Callers.Tenant, null, master, new() { Name = "Night" }, null, []).Refusal!.Code);
        Assert.Equal(2, Group.Edit(Callers.Tenant, decision.Next, master, new() { Name = "Night" }, null, []).Next!.Revision);
    }

    [Fact]
    public void An_administrator_hands_a_group_over_and_nobody_else_does()
    {
        var group = RunBy(master);
        var next = Create(null, null, Role.MasterAgent).Next! with { Id = otherMaster.PersonId };
        var handOver = new GroupChange { MasterAgentId = next.Id };
        Assert.Equal(ErrorCode.Forbidden, Group.Edit(Callers.Tenant, group, master, handOver, next, []).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Group.Edit(Callers.Tenant, group, otherMaster, handOver, next, []).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Group.Edit(Callers.Tenant, group, Callers.Administrator(), handOver, null, []).Refusal!.Code);
        var sub = Create(master, GroupId).Next! with { Id = next.Id };
        Assert.Equal(ErrorCode.Malformed, Group.Edit(Callers.Tenant, group, Callers.Administrator(), handOver, sub, []).Refusal!.Code);

        var decision = Group.Edit(Callers.Tenant, group, Callers.Administrator(), handOver, next, []);
        Assert.Equal(
            [(master.PersonId, MembershipState.Left), (next.Id, MembershipState.Reads)], decision.Change!.Audiences.Select(change => (change.PersonId, change.State)));
        Assert.Equal(new ItemFence(new(ItemKind.Agent, next.Id), next.Revision), Assert.Single(decision.Change.Fences));
        var agent = Create(master, GroupId).Next!;
        Assert.False(Agent.IsManagedBy(agent, decision.Next, master));
        Assert.True(Agent.IsManagedBy(agent, decision.Next, otherMaster));
    }

    [Fact]
    public void An_application_makes_a_group_for_a_master_agent_only()
    {
        var next = Create(null, null, Role.MasterAgent).Next! with { Id = otherMaster.PersonId };
        Assert.Equal(ErrorCode.Malformed, Group.Create(Callers.Tenant, GroupId, null, Callers.Application(), new("Day"), null).Refusal!.Code);
        Assert.Equal(next.Id, Group.Create(Callers.Tenant, GroupId, null, Callers.Application(), new("Day", next.Id), next).Next!.State.MasterAgentId);
        Assert.Equal(ErrorCode.Forbidden, Group.Create(Callers.Tenant, GroupId, null, master, new("Day", next.Id), next).Refusal!.Code);
    }

    [Fact]
    public void A_master_agent_makes_supervisors_of_its_own_agents_only()
    {
        var group = RunBy(master);
        var own = Create(master, GroupId).Next!;
        var foreign = Create(null, null).Next! with { Id = Guid.CreateVersion7(), CreatedBy = otherMaster.PersonId };
        Assert.Equal(ErrorCode.NotFound, Supervise(master, [own.Id]).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Supervise(master, [own.Id, foreign.Id], own, foreign).Refusal!.Code);
        Assert.Equal([own.Id, foreign.Id], Supervise(Callers.Administrator(), [own.Id, foreign.Id], own, foreign).Next!.State.SupervisorIds);

        var supervised = Supervise(master, [own.Id], own).Next!;
        Assert.True(Group.IsSupervisedBy(supervised, Self(own)));
        Assert.False(Group.IsSupervisedBy(supervised, Self(own) with { Controls = Controls.All & ~Controls.Supervise }));
        Assert.False(Group.IsSupervisedBy(supervised, Callers.Agent()));
        Assert.False(Group.IsSupervisedBy(supervised, otherMaster));
        Assert.True(Group.IsSupervisedBy(supervised, master));
        Assert.True(Group.IsSupervisedBy(supervised, Callers.Administrator()));
        Assert.Equal([own.Id], Group.Edit(Callers.Tenant, supervised, master, new() { Name = "Night" }, null, []).Next!.State.SupervisorIds);

        Decision<GroupSnapshot> Supervise(Caller caller, Guid[] ids, params AgentSnapshot[] known) => Group.Edit(
            Callers.Tenant, group, caller, new() { SupervisorIds = [.. ids] }, null, [.. known.Select(agent => (agent, agent.State.GroupId is null ? null : group))]);
    }

    [Fact]
    public void An_administrator_manages_everybody_and_nobody_manages_an_administrator_but_another()
    {
        var administrator = Callers.Administrator();
        var masterAgent = Create(null, null, Role.MasterAgent).Next!;
        Assert.Null(Suspend(masterAgent, administrator, null).Refusal);
        Assert.Null(Suspend(Create(master, GroupId).Next!, administrator).Refusal);

        Assert.Equal(ErrorCode.Forbidden, Create(Callers.Application(), null, Role.Administrator).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Create(master, null, Role.Administrator).Refusal!.Code);
        var made = Create(administrator, null, Role.Administrator).Next!;
        Assert.Null(Create(null, null, Role.Administrator).Refusal);
        Assert.Null(Suspend(made, administrator, null).Refusal);
        Assert.Equal(ErrorCode.Forbidden, Suspend(made, Callers.Application(), null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Suspend(made, master, null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Suspend(made, Callers.Administrator(made.Id), null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Edit(made, Callers.Application(), new() { PasswordHash = "new" }).Refusal!.Code);
        Assert.Equal(ErrorCode.Malformed, Edit(made, administrator, new() { Controls = Controls.Hold }).Refusal!.Code);
    }

    [Fact]
    public void An_invitation_is_accepted_once_and_in_time_with_what_was_sent_last()
    {
        var invitation = new Invitation([1, 2, 3], Callers.Noon.AddHours(1));
        var invited = Agent.Create(Callers.Tenant, id, null, master, new("ben@example.com", "ben@example.com", Role.Agent, null, "") { Invitation = invitation }, null).Next!;
        Assert.True(invited.State.Invited);
        Assert.Equal(ErrorCode.Unauthenticated, Agent.SignIn(Callers.Tenant, invited, Device(1), new(""), default, new()).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Accept(invited, [1, 2, 4], Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Accept(invited, [1, 2, 3], invitation.ExpiresAt).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Agent.Invite(Callers.Tenant, invited, otherMaster, null, invitation).Refusal!.Code);

        var again = Agent.Invite(Callers.Tenant, invited, master, null, new([4, 5, 6], invitation.ExpiresAt.AddHours(1))).Next!;
        Assert.Equal(ErrorCode.NotFound, Accept(again, [1, 2, 3], Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.Suspended, Accept(Suspend(again, master, null).Next!, [4, 5, 6], Callers.Noon).Refusal!.Code);
        var come = Accept(again, [4, 5, 6], invitation.ExpiresAt).Next!;
        Assert.Equal(("Ben", "hash", false), (come.State.Name, come.PasswordHash, come.State.Invited));
        Assert.Equal(ErrorCode.NotFound, Accept(come, [4, 5, 6], Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Agent.Invite(Callers.Tenant, come, master, null, invitation).Refusal!.Code);
        Assert.Null(Agent.SignIn(Callers.Tenant, come, Device(1), new("hash"), default, new()).Refusal);

        static Decision<AgentSnapshot> Accept(AgentSnapshot agent, byte[] hash, DateTimeOffset at) => Agent.Accept(Callers.Tenant, agent, [.. hash], "Ben", "hash", at);
    }

    [Fact]
    [Trait("Catalogue", "RCC-35")]
    public void A_removed_agent_is_gone_but_for_its_name()
    {
        var agent = SignedIn(Create(master, GroupId).Next!, 1);
        Assert.Equal(ErrorCode.Forbidden, Remove(agent, otherMaster).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Remove(agent, Self(agent)).Refusal!.Code);
        var decision = Remove(agent, master);
        var gone = decision.Next!;
        var row = Assert.Single(decision.Change!.Rows.OfType<AgentRow>());
        Assert.Equal((null, "", true, true, "Ben"), (row.Email, row.PasswordHash, row.Removed, row.Suspended, row.Name));
        Assert.Equal(agent.Devices.Select(device => device.Id), decision.Change.Rows.OfType<DeviceSignOutRow>().Select(signOut => signOut.Id));
        Assert.Equal(
            [Audience.OfAgents(Callers.Tenant), Audience.OfGroup(GroupId)], decision.Change.Audiences.Where(change => change.State == MembershipState.Left).Select(change => change.Audience));
        Assert.Contains("\"name\":\"Ben\"", System.Text.Encoding.UTF8.GetString(decision.Change.Items[0].State.AsSpan()), StringComparison.Ordinal);

        Assert.Equal(ErrorCode.NotFound, Edit(gone, master, new() { Name = "Bob" }).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Agent.SetSuspended(Callers.Tenant, gone, master, RunBy(master), suspended: false, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.Suspended, Agent.SignIn(Callers.Tenant, gone, Device(2), new(""), default, new()).Refusal!.Code);
        Assert.Contains(new(new(ItemKind.SignIns, agent.Id), agent.SignIns), decision.Change.Fences);
        Assert.Empty(Remove(gone, master).Change!.Items);

        Decision<AgentSnapshot> Remove(AgentSnapshot from, Caller caller) => Agent.Remove(Callers.Tenant, from, caller, RunBy(master), Callers.Noon);
    }

    [Fact]
    [Trait("Catalogue", "RCC-17")]
    public void Who_manages_an_agent_says_what_it_may_do_with_conversations()
    {
        var agent = Create(master, GroupId).Next!;
        Assert.Null(agent.State.Controls);
        Assert.Equal(ErrorCode.Forbidden, Edit(agent, Self(agent), new() { Controls = Controls.All }).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Edit(agent, otherMaster, new() { Controls = Controls.Hold }).Refusal!.Code);
        var decision = Edit(agent, master, new() { Controls = Controls.Hold | Controls.Resolve });
        Assert.Equal(Controls.Hold | Controls.Resolve, Assert.Single(decision.Change!.Rows.OfType<AgentRow>()).Controls);
        Assert.Null(Edit(decision.Next!, master, new() { Controls = Controls.All }).Next!.State.Controls);
        Assert.Equal(Controls.None, Edit(decision.Next!, master, new() { Controls = Controls.None }).Next!.State.Controls);

        var caller = Self(agent) with { Controls = Controls.Hold };
        Assert.True(caller.May(Controls.Hold));
        Assert.False(caller.May(Controls.Transfer));
        Assert.True(Callers.Application().May(Controls.Transfer));
    }

    [Fact]
    [Trait("Catalogue", "RCC-18")]
    public void A_control_of_a_later_version_is_kept_as_it_came()
    {
        const Controls Later = (Controls)(1 << 20);
        var state = JsonSerializer.Deserialize("""{"name":"Ben","role":"agent","availability":"online","controls":1048577}""", ContractJson.Default.AgentState)!;
        Assert.Equal(Later | Controls.Hold, state.Controls);
        var agent = Create(master, GroupId).Next! with { State = state };
        Assert.Equal(Later | Controls.Resolve, Edit(agent, master, new() { Controls = Controls.Resolve }).Next!.State.Controls);
        var renamed = Edit(agent, Self(agent), new() { Name = "Bob" });
        Assert.Contains("\"controls\":1048577", System.Text.Encoding.UTF8.GetString(renamed.Change!.Items[0].State.AsSpan()), StringComparison.Ordinal);
    }

    Decision<AgentSnapshot> Create(Caller? caller, Guid? group, Role role = Role.Agent) =>
        Agent.Create(Callers.Tenant, id, null, caller, new("Ben", "ben@example.com", role, group, "hash"), group is null ? null : RunBy(master));

    static GroupSnapshot RunBy(Caller master) => new(GroupId, 1, new() { Name = "Day", MasterAgentId = master.PersonId });

    Decision<AgentSnapshot> Suspend(AgentSnapshot agent, Caller caller) => Suspend(agent, caller, RunBy(master));

    static Decision<AgentSnapshot> Suspend(AgentSnapshot agent, Caller caller, GroupSnapshot? group) =>
        Agent.SetSuspended(Callers.Tenant, agent, caller, group, suspended: true, Callers.Noon);

    Decision<AgentSnapshot> Edit(AgentSnapshot agent, Caller caller, AgentChange edit) =>
        Agent.Edit(Callers.Tenant, agent, caller, edit, RunBy(master), null, Callers.Noon);

    static Decision<AgentSnapshot> Draft(AgentSnapshot agent, int? ifRevision, int stored) =>
        Agent.SetDraft(agent, Self(agent), GroupId, new("Dear", Lane.Public), ifRevision, stored, sight: new(5, []));

    static Caller Self(AgentSnapshot agent) => Callers.Agent(agent.Id);

    static AgentSnapshot SignedIn(AgentSnapshot agent, int minute) => Agent.SignIn(Callers.Tenant, agent, Device(minute), new(agent.PasswordHash), default, new()).Next!;

    static NewDevice Device(int minute) => new(Guid.CreateVersion7(), "Desk", [1, 2, 3], Callers.Noon.AddMinutes(minute));
}
