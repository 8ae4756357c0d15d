using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Agents;

/// <summary>Whether an agent takes conversations: what is set by hand, what follows from the devices, and which of the two counts.</summary>
public class AvailabilityTests
{
    static readonly TimeSpan AwayAfter = TimeSpan.FromMinutes(5);

    static readonly AvailabilityLabel[] Labels = [new("Lunch", Availability.Away), new("Second line", Availability.TransferOnly)];

    readonly AgentSnapshot agent = Agent.SignIn(
        Callers.Tenant,
        Agent.Create(Callers.Tenant, Guid.CreateVersion7(), null, null, new("Ben", "ben@example.com", Role.Agent, null, "hash"), null).Next,
        new(Guid.CreateVersion7(), "Desk", [1], Callers.Noon),
        new("hash"),
        default,
        new()).Next!;

    [Fact]
    [Trait("Catalogue", "RCC-44")]
    public void What_is_set_by_hand_wins_until_it_expires()
    {
        var set = Set(agent, new(Availability.Busy, Note: "Counting", Until: At(30)), 0);
        Assert.Equal((Availability.Busy, false, "Counting", At(0), At(30)), Said(set));
        Assert.NotNull(Infer(set, Availability.Online, 29).Refusal);
        var expired = Infer(set, Availability.Online, 30).Next!;
        Assert.Equal((Availability.Online, true, null, At(30), null), Said(expired));
    }

    [Fact]
    [Trait("Catalogue", "RCC-44")]
    public void What_is_set_by_hand_without_an_end_wins_until_it_is_cleared()
    {
        var set = Set(agent, new(Availability.TransferOnly), 0);
        Assert.NotNull(Infer(set, Availability.Away, 10_000).Refusal);
        var left = Set(set, new(null), 1);
        Assert.Equal((Availability.Online, true, null, At(1), null), Said(left));
    }

    [Fact]
    [Trait("Catalogue", "RCC-45")]
    public void What_is_left_to_the_devices_follows_them_and_says_nothing_twice()
    {
        var left = Set(agent, new(null), 0);
        Assert.NotNull(Infer(left, Availability.Online, 1).Refusal);
        var away = Infer(left, Availability.Away, 2).Next!;
        Assert.Equal((Availability.Away, true, null, At(2), null), Said(away));
        Assert.Equal(Availability.Online, Infer(away, Availability.Online, 3).Next!.State.Availability);
        Assert.Equal(Availability.Offline, Infer(away with { Devices = [] }, Availability.Online, 3).Next!.State.Availability);
        Assert.NotNull(Infer(away with { State = away.State with { Suspended = true } }, Availability.Online, 3).Refusal);
    }

    [Fact]
    public void A_label_stands_for_an_availability_and_must_be_one_of_the_tenants()
    {
        Assert.Equal(ErrorCode.NotFound, Agent.SetAvailability(Callers.Tenant, agent, Self, new(null, "Siesta"), Labels, At(0)).Refusal!.Code);
        var lunch = Set(agent, new(null, "lunch", "Back at one"), 0);
        Assert.Equal((Availability.Away, "Lunch", false), (lunch.State.Availability, lunch.State.AvailabilityLabel, lunch.State.AvailabilityInferred));
        var away = Set(lunch, new(Availability.Away, Note: "Back at one"), 5);
        Assert.Equal((null, At(5)), (away.State.AvailabilityLabel, away.State.AvailabilitySince));
        Assert.Equal(At(5), Set(away, new(Availability.Away, Note: "Back at two"), 6).State.AvailabilitySince);
    }

    [Fact]
    public void Suspension_forgets_what_was_set()
    {
        var lunch = Set(agent, new(null, "Lunch", "Back at one", At(30)), 0);
        var suspended = Agent.SetSuspended(Callers.Tenant, lunch, Callers.Administrator(), null, suspended: true, At(1)).Next!;
        Assert.Equal((Availability.Offline, false, null, null), (suspended.State.Availability, suspended.State.AvailabilityInferred, suspended.State.AvailabilityLabel, suspended.State.AvailabilityUntil));
    }

    [Fact]
    public void The_row_says_when_it_runs_out()
    {
        var change = Agent.SetAvailability(Callers.Tenant, agent, Self, new(Availability.Busy, Until: At(30)), [], At(0)).Change!;
        Assert.Equal((false, At(30)), Assert.Single(change.Rows.OfType<AgentRow>()) is var row ? (row.AvailabilityInferred, row.AvailabilityUntil!.Value) : default);
    }

    [Fact]
    [Trait("Catalogue", "RCC-45")]
    public void The_most_available_connection_counts()
    {
        var devices = new DevicesInUse(At(0));
        var (desk, phone) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        devices.Report(new(desk, DeviceUse.Active, TimeSpan.FromHours(9)), At(0));
        devices.Report(new(phone, DeviceUse.Active, TimeSpan.FromHours(9)), At(0));
        devices.Report(new(desk, DeviceUse.Idle, TimeSpan.FromHours(9)), At(10));
        Assert.Equal(Availability.Online, devices.Infer(At(60), AwayAfter));
        devices.Report(new(phone, DeviceUse.Idle, TimeSpan.FromHours(9)), At(60));
        Assert.Equal(Availability.Online, devices.Infer(At(64), AwayAfter));
        Assert.Equal(Availability.Away, devices.Infer(At(65), AwayAfter));
        devices.Report(new(desk, DeviceUse.Active, TimeSpan.FromHours(9)), At(70));
        Assert.Equal(Availability.Online, devices.Infer(At(70), AwayAfter));
    }

    [Fact]
    [Trait("Catalogue", "RCC-8")]
    public void Who_has_left_too_many_offers_unanswered_is_away_until_it_says_otherwise_and_begins_anew()
    {
        var online = Set(agent, new(null), 0);
        Assert.NotNull(Agent.GoAway(Callers.Tenant, online, new(agent.Id, 7, 2), 3, At(1)).Refusal);
        Assert.NotNull(Agent.GoAway(Callers.Tenant, online, new(agent.Id, 7, 9), 0, At(1)).Refusal);
        var away = Agent.GoAway(Callers.Tenant, online, new(agent.Id, 7, 3), 3, At(1));
        Assert.Equal((Availability.Away, false, null, At(1), null), Said(away.Next!));
        Assert.NotNull(Infer(away.Next!, Availability.Online, 2).Refusal);
        var count = Assert.Single(away.Change!.Items, item => item.Key == MissedOffers.Key(agent.Id));
        Assert.Equal((8, 0), (count.Revision, MissedOffers.Read(agent.Id, new(count.Key, count.Revision, count.State)).Count));

        // Who is busy already stays so; the count ends all the same.
        var busy = Agent.GoAway(Callers.Tenant, Set(agent, new(Availability.Busy), 0), new(agent.Id, 7, 3), 3, At(1));
        Assert.Equal((Availability.Busy, count.Key), (busy.Next!.State.Availability, Assert.Single(busy.Change!.Items).Key));
    }

    [Fact]
    public void Who_has_gone_away_was_last_seen_when_it_went()
    {
        var devices = new DevicesInUse(At(0));
        var desk = Guid.CreateVersion7();
        devices.Report(new(desk, DeviceUse.Active, TimeSpan.FromHours(9)), At(0));
        devices.Report(new(desk, DeviceUse.Gone, TimeSpan.FromHours(9)), At(20));
        Assert.Equal(Availability.Online, devices.Infer(At(24), AwayAfter));
        Assert.Equal(Availability.Away, devices.Infer(At(25), AwayAfter));
    }

    [Fact]
    public void A_node_that_died_is_believed_as_long_as_it_said_and_a_new_beginning_counts_as_seen()
    {
        var devices = new DevicesInUse(At(0));
        devices.Report(new(Guid.CreateVersion7(), DeviceUse.Active, TimeSpan.FromMinutes(2)), At(1));
        Assert.Equal(Availability.Online, devices.Infer(At(7), AwayAfter));
        Assert.Equal(Availability.Away, devices.Infer(At(8), AwayAfter));
        Assert.Equal(Availability.Online, new DevicesInUse(At(100)).Infer(At(104), AwayAfter));
    }

    Caller Self => Callers.Agent(agent.Id);

    AgentSnapshot Set(AgentSnapshot from, AvailabilityChoice choice, int minute) => Agent.SetAvailability(Callers.Tenant, from, Self, choice, Labels, At(minute)).Next!;

    static Decision<AgentSnapshot> Infer(AgentSnapshot from, Availability inferred, int minute) => Agent.Infer(Callers.Tenant, from, inferred, At(minute));

    static DateTimeOffset At(int minute) => Callers.Noon.AddMinutes(minute);

    static (Availability, bool, string?, DateTimeOffset?, DateTimeOffset?) Said(AgentSnapshot from) =>
        (from.State.Availability, from.State.AvailabilityInferred, from.State.AvailabilityNote, from.State.AvailabilitySince, from.State.AvailabilityUntil);
}
