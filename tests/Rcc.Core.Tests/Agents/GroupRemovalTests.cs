using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Agents;

/// <summary>The rules of removing a group, by example.</summary>
public class GroupRemovalTests
{
    static readonly Caller Master = Callers.Master();

    static readonly GroupSnapshot Day = new(Guid.CreateVersion7(), 3, new() { Name = "Day", MasterAgentId = Master.PersonId });

    [Fact]
    public void A_group_goes_when_nobody_works_in_it_and_every_device_is_told()
    {
        Assert.Equal(ErrorCode.Conflict, Group.Remove(Callers.Tenant, Day, Master, [Guid.NewGuid()], null).Refusal!.Code);
        Assert.Equal(ErrorCode.Forbidden, Group.Remove(Callers.Tenant, Day, Callers.Master(), [], null).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Group.Remove(Callers.Tenant, null, Master, [], null).Refusal!.Code);

        Assert.Contains("Night shift", Group.Remove(Callers.Tenant, Day, Master, [], "Night shift").Refusal!.Detail, StringComparison.Ordinal);

        var change = Group.Remove(Callers.Tenant, Day, Master, [], null).Change!;
        var departure = Assert.Single(change.Departures);
        Assert.Equal((new ItemKey(ItemKind.Group, Day.Id), LeftReason.Deleted, true), (departure.Key, departure.Reason, departure.Delete));
        Assert.Equal([Audience.OfAgents(Callers.Tenant)], departure.Tell);
        Assert.True(Assert.Single(change.Rows.OfType<GroupRow>()).IsRemoved);
        Assert.Equal([new(Master.PersonId, Audience.OfGroup(Day.Id), MembershipState.Left)], change.Audiences);
        Assert.Equal(("team", "remove"), (change.Act!.ObjectType, change.Act.Action));
    }

    [Fact]
    public void Who_joins_rests_on_the_group_being_there_and_on_no_other_who_joins()
    {
        var ann = Guid.CreateVersion7();
        var made = Agent.Create(Callers.Tenant, ann, null, Master, new("Ann", "ann@example.com", Role.Agent, Day.Id, "hash"), Day);
        var moved = Agent.Edit(Callers.Tenant, made.Next! with { State = made.Next!.State with { GroupId = null } }, Master, new() { GroupId = Day.Id }, null, Day, Callers.Noon);
        foreach (var join in new[] { made, moved })
        {
            Assert.Contains(new(new(ItemKind.Group, Day.Id), ItemFence.AnyRevision), join.Change!.Fences);
            Assert.All(join.Change.Items, item => Assert.Equal(ann, item.Key.Id));
        }

        Assert.DoesNotContain(
            Agent.Edit(Callers.Tenant, made.Next!, Master, new() { GroupId = Day.Id, Name = "Anna" }, Day, Day, Callers.Noon).Change!.Fences, fence => fence.Key.Kind == ItemKind.Group);
    }

    [Fact]
    public void What_must_be_there_may_be_in_any_state()
    {
        var there = Group.There(Day.Id);
        Assert.Equal((false, true, true), (there.Holds(0), there.Holds(1), there.Holds(9)));
        var exact = new ItemFence(there.Key, 3);
        Assert.Equal((false, true, false), (exact.Holds(0), exact.Holds(3), exact.Holds(4)));
    }

    [Fact]
    public void What_a_group_keeps_is_handed_over_by_who_keeps_both()
    {
        var night = new GroupSnapshot(Guid.CreateVersion7(), 1, new() { Name = "Night", MasterAgentId = Master.PersonId });
        var thanks = new ShortcutSnapshot(Guid.CreateVersion7(), ItemKind.CannedResponse, 2, new() { Scope = ShortcutScope.Group, OwnerId = Day.Id, Name = "thanks", Text = "Thank you!" });
        var next = Shortcut.HandOver(Callers.Tenant, thanks, Master, Day, night).Next!;
        Assert.Equal((night.Id, "Thank you!", 3), (next.State.OwnerId!.Value, next.State.Text, next.Revision));
        Assert.Equal(ErrorCode.Forbidden, Shortcut.HandOver(Callers.Tenant, thanks, Master, Day, night with { State = night.State with { MasterAgentId = Guid.NewGuid() } }).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Shortcut.HandOver(Callers.Tenant, thanks, Callers.Master(), Day, night).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Shortcut.HandOver(Callers.Tenant, thanks, Master, Day, null).Refusal!.Code);
    }
}
