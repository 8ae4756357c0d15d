using Rcc.Replay.Control;

namespace Rcc.Replay.Tests.Control;

public sealed class ControlPlanTests
{
    const int Turns = 500;

    [Fact]
    public void The_same_seed_plans_the_same() =>
        Assert.Equal(Acts(3), Acts(3));

    [Fact]
    public void Every_act_is_planned_and_most_turns_have_none()
    {
        var acts = Acts(5).Select(one => one.Act).ToArray();

        Assert.Equal(Enum.GetValues<ControlAct>().Order(), acts.Distinct().Order());
        Assert.InRange(acts.Count(act => act == ControlAct.None), Turns / 2, Turns * 9 / 10);
    }

    static PlannedAct[] Acts(int seed)
    {
        var plan = new ControlPlan(Turns, new Random(seed));
        return [.. Enumerable.Range(0, Turns).Select(plan.Before)];
    }
}
