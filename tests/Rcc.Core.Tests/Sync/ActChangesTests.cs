using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Sync;

/// <summary>What the action record keeps of what an act changed.</summary>
public sealed class ActChangesTests
{
    [Fact]
    public void Only_what_differs_is_kept_with_what_it_was_and_is()
    {
        Guid? none = null;
        var team = Guid.NewGuid();
        var changes = ActChanges.Of("name", "Old", "New")
            .And("slug", "same", "same")
            .And("team_id", none, team)
            .And("capacity", 3, (int?)null)
            .And("archived", false, (bool?)true)
            .And("role", (Role?)Role.Agent, Role.MasterAgent)
            .And("controls", (Controls?)(Controls.Hold | Controls.AddParticipants), Controls.Hold)
            .And("skills", ["a"], ["a", "b"])
            .And("origins", Array.Empty<string>(), [])
            .ToImmutable();

        Assert.Equal(
            [
                new("name", "\"Old\"", "\"New\""), new("team_id", null, $"\"{team}\""), new("capacity", "3", null), new("archived", "false", "true"),
                new("role", "\"agent\"", "\"master_agent\""), new("controls", """["hold","add_participants"]""", """["hold"]"""), new("skills", """["a"]""", """["a","b"]"""),
            ],
            changes);
    }

    [Fact]
    public void States_are_compared_member_by_member_in_the_words_of_the_public_api()
    {
        var master = Guid.NewGuid();
        var before = new GroupState { Name = "Sales", MasterAgentId = master };

        var change = Assert.Single(ActChanges.Of(before, before with { SupervisorIds = [master] }, ContractJson.Default.GroupState).ToImmutable());

        Assert.Equal(("supervisor_ids", $"[\"{master}\"]"), (change.Member, change.To));
        Assert.Equal(["policies.name", "policies.master_agent_id"], ActChanges.None.And(before, null, ContractJson.Default.GroupState, "policies").ToImmutable().Take(2).Select(one => one.Member));
    }

    [Fact]
    public void Of_what_must_not_be_seen_is_kept_that_it_changed_and_nothing_else()
    {
        Assert.Equal([new("password", null, null)], ActChanges.None.AndUnseen("password", true).AndUnseen("secret", false).ToImmutable());
    }

    [Fact]
    public void What_is_too_long_is_cut_and_what_fits_beside_it_is_kept()
    {
        var act = new Act("agent", Guid.NewGuid(), "update")
        {
            Changes = ActChanges.Of("name", "A", "B").And("skills", [], [new string('x', 100)]).And("capacity", 1, 2).ToImmutable(),
        };

        var kept = act.Within(20);

        Assert.Equal([new("name", "\"A\"", "\"B\""), new("skills", null, null) { IsCut = true }, new("capacity", "1", "2")], kept.Changes);
        Assert.Same(act, act.Within(1_000));
    }
}
