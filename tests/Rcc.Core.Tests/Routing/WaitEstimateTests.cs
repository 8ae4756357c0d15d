using Rcc.Core.Routing;

namespace Rcc.Core.Tests.Routing;

public class WaitEstimateTests
{
    [Fact]
    public void A_place_takes_as_long_as_the_queue_is_served_in_steps()
    {
        var everyTwoMinutes = Served(0, 2, 4, 6, 8);
        Assert.Equal(TimeSpan.FromMinutes(2), WaitEstimate.Of(1, everyTwoMinutes, Callers.Noon));
        Assert.Equal(TimeSpan.FromMinutes(10), WaitEstimate.Of(5, everyTwoMinutes, Callers.Noon));
    }

    [Fact]
    public void While_nobody_is_served_it_grows() =>
        Assert.Equal(TimeSpan.FromMinutes(7), WaitEstimate.Of(1, Served(0, 2, 4, 6, 8), Callers.Noon.AddMinutes(20)));

    [Fact]
    public void Too_few_or_too_old_ones_tell_nothing()
    {
        Assert.Null(WaitEstimate.Of(1, Served(0, 1), Callers.Noon));
        Assert.Null(WaitEstimate.Of(1, Served(0, 1, 60), Callers.Noon));
        Assert.NotNull(WaitEstimate.Of(1, Served(0, 1, 59), Callers.Noon));
    }

    [Fact]
    public void Only_the_newest_count() =>
        Assert.Equal(TimeSpan.FromMinutes(1), WaitEstimate.Of(1, [.. Enumerable.Range(0, 20).Select(i => Callers.Noon.AddMinutes(-i)), .. Served(40, 50, 55)], Callers.Noon));

    static DateTimeOffset[] Served(params int[] minutesAgo) => [.. minutesAgo.Select(minutes => Callers.Noon.AddMinutes(-minutes))];
}
