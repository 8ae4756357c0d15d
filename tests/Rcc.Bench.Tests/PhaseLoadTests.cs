using Rcc.Bench.Load;

namespace Rcc.Bench.Tests;

public class PhaseLoadTests
{
    [Fact]
    public void A_plan_is_read_in_order()
    {
        Assert.Equal([new PhaseLoad(false, 32), new PhaseLoad(true, 4000)], PhaseLoad.ParsePlan("closed:32, open:4000"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("closed")]
    [InlineData("closed:0")]
    [InlineData("open:-1")]
    [InlineData("shut:1")]
    [InlineData("closed:1:2")]
    public void A_wrong_plan_is_refused(string plan)
    {
        Assert.Throws<FormatException>(() => PhaseLoad.ParsePlan(plan));
    }

    [Fact]
    public void The_error_names_the_wrong_part()
    {
        Assert.Contains("'opn:5'", Assert.Throws<FormatException>(() => PhaseLoad.ParsePlan("closed:1,opn:5")).Message, StringComparison.Ordinal);
    }
}
