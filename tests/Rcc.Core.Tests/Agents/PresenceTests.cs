using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Devices;

namespace Rcc.Core.Tests.Agents;

/// <summary>Which devices are there, from what the nodes say of connections; and what an agent's presence says of the person and of what it offers.</summary>
[Trait("Catalogue", "RCC-48")]
public class PresenceTests
{
    static readonly Guid Desk = Guid.CreateVersion7();
    static readonly Guid Phone = Guid.CreateVersion7();
    static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(2);

    readonly DevicesInUse devices = new(At(0));

    [Fact]
    public void A_device_is_there_with_its_first_connection_and_has_gone_with_its_last()
    {
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        Report(one, Desk, DeviceUse.Active, 1);
        Report(two, Desk, DeviceUse.Active, 2);
        Assert.Equal((true, At(1)), Single(2));
        Report(one, Desk, DeviceUse.Gone, 3);
        Assert.Equal((true, At(1)), Single(3));
        Report(two, Desk, DeviceUse.Gone, 3.5);
        Assert.Equal((false, At(3.5)), Single(3.5));
        devices.ForgetGone();
        Assert.Empty(devices.There(At(4)).Devices);

        (bool, DateTimeOffset) Single(double minute) => Assert.Single(devices.There(At(minute)).Devices) is var there ? (there.IsOpen, there.At) : default;
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public void Of_a_device_whose_node_fell_silent_nothing_is_known_and_it_has_not_gone()
    {
        Report(Desk, Desk, DeviceUse.Active, 1);
        Report(Phone, Phone, DeviceUse.Active, 1);
        Report(Phone, Phone, DeviceUse.Active, 2);
        Assert.Equal(At(3), devices.NextExpiry);
        Assert.Equal(2, devices.There(At(2.9)).Devices.Length);
        Assert.Equal(Phone, Assert.Single(devices.There(At(3)).Devices).DeviceId);
    }

    [Fact]
    public void It_is_idle_when_all_its_connections_are_since_it_was_used_last()
    {
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        Report(one, Desk, DeviceUse.Idle, 1, lastInput: 0.5, threshold: 30);
        Report(two, Desk, DeviceUse.Active, 1);
        Assert.False(Assert.Single(devices.There(At(1)).Devices).IsIdle);
        Report(two, Desk, DeviceUse.Idle, 2, lastInput: 1, threshold: 60);
        Assert.Equal(new(Desk, IsOpen: true, IsIdle: true, At(1), 60, At(2)), Assert.Single(devices.There(At(2)).Devices));

        // Said again it is the same, also by the clock.
        Report(two, Desk, DeviceUse.Idle, 2.5, lastInput: 1, threshold: 60);
        Assert.Equal(At(2), Assert.Single(devices.There(At(2.5)).Devices).At);
        Report(one, Desk, DeviceUse.Active, 2.6);
        Assert.Equal(new(Desk, IsOpen: true, IsIdle: false, null, null, At(2.6)), Assert.Single(devices.There(At(2.6)).Devices));
    }

    [Fact]
    public void They_are_all_there_are_only_when_every_node_has_had_time_to_say_so()
    {
        Assert.False(devices.There(At(60)).AreAll);
        var late = new DevicesInUse(At(0));
        late.Report(new(Desk, DeviceUse.Active, GoodFor) { DeviceId = Desk }, At(1));
        Assert.False(late.There(At(1.9)).AreAll);
        Assert.True(late.There(At(2)).AreAll);
    }

    [Fact]
    public void What_an_agent_offers_is_open_while_it_takes_conversations_and_its_activity_is_what_it_has_said()
    {
        Assert.Equal((Basic.Open, ""), Of(new() { Name = "Ann", Role = Role.Agent, Availability = Availability.Online }));
        Assert.Equal((Basic.Open, ""), Of(new() { Name = "Ann", Role = Role.Agent, Availability = Availability.TransferOnly }));
        Assert.Equal((Basic.Closed, ""), Of(new() { Name = "Ann", Role = Role.Agent, Availability = Availability.Offline }));
        Assert.Equal((Basic.Closed, "busy"), Of(new() { Name = "Ann", Role = Role.Agent, Availability = Availability.Busy }));
        Assert.Equal((Basic.Closed, "away other"), Of(new() { Name = "Ann", Role = Role.Agent, Availability = Availability.Away, AvailabilityLabel = "Lunch" }));

        static (Basic, string) Of(AgentState state)
        {
            var document = PresenceDocument.Of(Callers.Tenant.Value, Desk, state, []);
            return (Assert.Single(document.Services).Basic, string.Join(' ', document.Person!.Activities));
        }
    }

    [Fact]
    public void A_document_says_who_since_when_until_when_and_why()
    {
        var state = new AgentState
        {
            Name = "Ann", Role = Role.Agent, Availability = Availability.Away, AvailabilityLabel = "Lunch", AvailabilityNote = "Back at one", AvailabilitySince = At(0), AvailabilityUntil = At(60), AvailabilityInferred = true,
        };
        var device = new DevicePresence { Id = Phone, Name = "Phone", Basic = Basic.Closed, Timestamp = At(1) };
        var document = PresenceDocument.Of(Callers.Tenant.Value, Desk, state, [device]);
        Assert.Equal($"pres:{Desk}@{Callers.Tenant.Value}", document.Entity);
        var person = document.Person!;
        Assert.Equal(("Lunch", "Back at one", At(0), At(60), true), (person.Other, person.Note, person.Timestamp, person.Until, person.Inferred));
        Assert.Equal(new(PresenceDocument.Messaging, Basic.Closed, At(0)), Assert.Single(document.Services));
        Assert.Equal(device, Assert.Single(document.Devices));

        foreach (var absent in new[] { state with { Suspended = true }, state with { Removed = true }, state with { Invited = true } })
        {
            var nothing = PresenceDocument.Of(Callers.Tenant.Value, Desk, absent, [device]);
            Assert.Null(nothing.Person);
            Assert.Empty(nothing.Services);
            Assert.Empty(nothing.Devices);
        }
    }

    void Report(Guid connection, Guid device, DeviceUse use, double minute, double? lastInput = null, int? threshold = null) =>
        devices.Report(new(connection, use, GoodFor) { DeviceId = device, LastInput = lastInput is { } input ? At(input) : null, IdleThresholdSeconds = threshold }, At(minute));

    static DateTimeOffset At(double minute) => Callers.Noon.AddMinutes(minute);
}
