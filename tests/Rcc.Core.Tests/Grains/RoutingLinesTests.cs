using Rcc.Contracts.Agents;

namespace Rcc.Core.Tests.Grains;

/// <summary>What routing asks of the store to tell customers where they stand.</summary>
public class RoutingLinesTests
{
    [Fact]
    public async Task Who_waits_in_which_queue_is_asked_only_where_somebody_waits()
    {
        var stage = new MemoryStage();
        await using var node = await Node.StartAsync(stage, ("Rcc:Routing:PlacesInterval", "00:00:00.05"));
        var company = await Company.FoundAsync(node);
        var agent = await company.HireAsync(Availability.Online);
        for (var times = 0; times < 3; times++)
        {
            var before = stage.Store.Looks;
            await company.SetAvailabilityAsync(agent, Availability.Busy);
            await company.SetAvailabilityAsync(agent, Availability.Online);
            await Company.UntilAsync(() => Task.FromResult(stage.Store.Looks > before), "routing looks");
        }

        Assert.Equal(0, stage.Store.LinesAsked);
        await company.SetAvailabilityAsync(agent, Availability.Busy);
        await company.OpenAsync(await company.VisitAsync());
        await Company.UntilAsync(() => Task.FromResult(stage.Store.LinesAsked > 2), "the lines are asked for again and again");
    }
}
