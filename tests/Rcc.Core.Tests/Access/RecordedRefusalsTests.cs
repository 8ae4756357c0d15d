using Rcc.Core.Access;

namespace Rcc.Core.Tests.Access;

/// <summary>Which refusals the action record takes of one person.</summary>
public sealed class RecordedRefusalsTests
{
    static readonly DateTimeOffset Start = new(2026, 5, 4, 9, 0, 59, TimeSpan.Zero);

    [Fact]
    public void One_of_each_operation_a_minute_is_recorded_whatever_the_clock_shows()
    {
        var refusals = new RecordedRefusals(perHour: 10);
        Assert.True(Take(refusals, "transfer", 0));
        Assert.True(Take(refusals, "createInbox", 1));
        Assert.False(Take(refusals, "transfer", 2));
        Assert.False(Take(refusals, "transfer", 59));
        Assert.Equal(2, refusals.LeftOut);
        Assert.True(Take(refusals, "transfer", 60));
        Assert.Equal(0, refusals.LeftOut);
    }

    [Fact]
    public void Whoever_asks_for_everything_all_the_time_leaves_no_more_than_the_limit_in_any_hour()
    {
        var refusals = new RecordedRefusals(perHour: 5);
        var recorded = new List<int>();
        for (var second = 0; second < 3 * 3_600; second++)
        {
            if (Take(refusals, $"operation {second % 7}", second))
            {
                recorded.Add(second);
            }
        }

        Assert.Equal(15, recorded.Count);
        Assert.All(recorded.Skip(5).Zip(recorded), pair => Assert.True(pair.First - pair.Second >= 3_600));
    }

    [Fact]
    public void What_could_not_be_written_is_due_still()
    {
        var refusals = new RecordedRefusals(perHour: 1);
        Assert.True(refusals.IsDue("transfer", Start));
        Assert.True(refusals.IsDue("transfer", Start));
    }

    static bool Take(RecordedRefusals refusals, string operation, int second)
    {
        var at = Start.AddSeconds(second);
        if (!refusals.IsDue(operation, at))
        {
            return false;
        }

        refusals.Record(operation, at);
        return true;
    }
}
