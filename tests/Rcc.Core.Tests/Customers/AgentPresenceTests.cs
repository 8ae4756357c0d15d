using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Customers;

/// <summary>The rules of which of an agent's devices are there: by example, and by random reports to two live copies of the agent's grain.</summary>
[Trait("Catalogue", "RCC-48")]
public class AgentPresenceTests
{
    static readonly Guid Ann = Guid.CreateVersion7();
    static readonly Caller Master = Callers.Master();
    static readonly Guid Supervisor = Guid.CreateVersion7();
    static readonly Guid Day = Guid.CreateVersion7();
    static readonly DeviceSnapshot Desk = new(new(1, 0, 0, new byte[8]), 1, "Desk", Callers.Noon);
    static readonly DeviceSnapshot Phone = new(new(2, 0, 0, new byte[8]), 3, "Phone", Callers.Noon);
    static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(10);

    [Fact]
    public void What_is_reported_is_shown_to_the_agent_and_to_who_runs_and_supervises_its_group()
    {
        var decision = AgentPresence.Take(Dossier(), Report(Open(Desk), Open(Phone, isIdle: true)));
        foreach (var viewer in new[] { Ann, Master.PersonId, Supervisor })
        {
            var shown = Shown(decision.Change!, viewer)!;
            Assert.Equal(["Desk", "Phone"], shown.Devices.Select(device => device.Name));
            Assert.Equal((Basic.Open, InputState.Active, InputState.Idle), (shown.Devices[0].Basic, shown.Devices[0].UserInput!.State, shown.Devices[1].UserInput!.State));
            Assert.Equal((At(0), 60), (shown.Devices[1].UserInput!.LastInput, shown.Devices[1].UserInput!.IdleThresholdSeconds));
        }

        Assert.Equal(new PresenceLeaseRow { AgentId = Ann, GoodFor = GoodFor }, Assert.Single(decision.Change!.Rows));

        // Who has no other context has no record of any: what makes context due is not asked for it.
        Assert.DoesNotContain(decision.Change.Items, item => item.Key.Kind is ItemKind.AgentContextRecord or ItemKind.VolatileRecord or ItemKind.AgentContext or ItemKind.VolatileContext);
    }

    [Fact]
    public void A_report_that_says_nothing_new_changes_nothing_whoever_makes_it()
    {
        var known = Taken(Dossier(), Report(Open(Desk), Open(Phone, isIdle: true)));
        Assert.Same(Contact.Settled, AgentPresence.Take(known, Report(Open(Desk), Open(Phone, isIdle: true))).Refusal);

        // A copy that has just begun knows since when it does, and not more.
        Assert.Same(Contact.Settled, AgentPresence.Take(known, Report(Open(Desk, minute: 30)) with { AreAll = false }).Refusal);
        var idle = AgentPresence.Take(known, Report(Open(Desk, isIdle: true, minute: 31), Open(Phone, isIdle: true)));
        Assert.Equal(At(31), idle.Next!.Presence.Devices[0].Timestamp);
        Assert.Equal(known.Presence.Devices[1], idle.Next.Presence.Devices[1]);
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public void That_a_device_has_gone_stays_known_and_that_one_is_there_only_while_somebody_would_say_so()
    {
        var known = Taken(Dossier(), Report(Open(Desk), Open(Phone)));
        var gone = Taken(known, Report(Open(Desk), Gone(Phone)));
        Assert.Equal((Basic.Closed, null), (gone.Presence.Devices[1].Basic, gone.Presence.Devices[1].UserInput));
        Assert.Equal(gone.Presence.Devices, Taken(gone, Report(Open(Desk)), isSettled: true).Presence.Devices);

        // Who cannot know of all leaves the others as they are; who knows of all and does not know this one makes it unknown, not closed.
        Assert.Same(Contact.Settled, AgentPresence.Take(gone, Report() with { AreAll = false }).Refusal);
        var lost = AgentPresence.Take(gone, Report());
        Assert.Equal(Phone.Id, Assert.Single(lost.Next!.Presence.Devices).Id);
        Assert.Equal(new PresenceLeaseRow { AgentId = Ann }, Assert.Single(lost.Change!.Rows));
        Assert.Same(Contact.Settled, AgentPresence.Take(lost.Next, Report()).Refusal);
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public void When_nobody_says_it_again_it_lapses_and_what_is_said_again_in_time_does_not()
    {
        var known = Taken(Dossier(), Report(Open(Desk), Gone(Phone)));
        Assert.Same(Contact.Settled, AgentContext.Look(known, At(60)).Refusal);
        var over = known with { Lease = PresenceLease.Over };
        Assert.Equal(Phone.Id, Assert.Single(AgentPresence.Show(AgentContext.AsOf(over, At(60)), new(Role.MasterAgent, null, Serves: true)).Devices).Id);
        var lapsed = AgentContext.Look(over, At(60));
        Assert.Equal(["Phone"], Shown(lapsed.Change!, Supervisor)!.Devices.Select(device => device.Name));
        Assert.Equal(new PresenceLeaseRow { AgentId = Ann }, Assert.Single(lapsed.Change!.Rows));
        Assert.Same(Contact.Settled, AgentContext.Look(lapsed.Next, At(61)).Refusal);

        // Said again before anybody has looked: it is there as before, for as long again.
        var again = AgentPresence.Take(over, Report(Open(Desk)));
        Assert.Empty(again.Change!.Items);
        Assert.Equal(new PresenceLeaseRow { AgentId = Ann, GoodFor = GoodFor }, Assert.Single(again.Change.Rows));
    }

    [Fact]
    [Trait("Catalogue", "RCC-45")]
    [Trait("Catalogue", "RCC-39")]
    public void Nothing_is_left_of_a_device_that_is_signed_out_or_of_an_agent_who_is_suspended_or_removed()
    {
        var known = Taken(Dossier(), Report(Open(Desk), Open(Phone)));
        var signedOut = AgentContext.Look(With(known, agent => agent with { Devices = [Phone] }), At(1));
        Assert.Equal(["Phone"], Shown(signedOut.Change!, Ann)!.Devices.Select(device => device.Name));
        Assert.Empty(signedOut.Change!.Rows);

        var suspended = With(known, agent => agent with { State = agent.State with { Suspended = true } });
        Assert.Empty(AgentContext.Look(suspended, At(1)).Next!.Presence.Devices);
        Assert.Empty(AgentPresence.Take(suspended, Report(Open(Desk))).Next!.Presence.Devices);

        var removed = With(known, agent => agent with { State = agent.State with { Removed = true }, Devices = [] });
        var end = AgentContext.Look(removed, At(1));
        Assert.Equal(3, end.Change!.Departures.Count(departure => departure.Key.Kind == ItemKind.Presence));
        Assert.Equal((true, PresenceLease.None), (end.Next!.Presence.Devices.IsEmpty, end.Next.Lease));
        Assert.Equal(ErrorCode.NotFound, AgentPresence.Take(removed, Report(Open(Desk))).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, AgentPresence.Take(null, Report(Open(Desk))).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-53")]
    public void Colleagues_see_no_devices_until_a_rule_allows_it_and_a_rule_can_hide_them_from_supervisors_too()
    {
        var colleague = new Viewer(Role.Agent, Day, Serves: false);
        var known = Taken(Dossier(), Report(Open(Desk)));
        Assert.Empty(AgentPresence.Show(known, colleague).Devices);
        var allowing = known with { Rules = new() { Rules = [new() { Pattern = AgentPresence.Path, GroupId = Day, Handling = DisclosureHandling.Allow }] } };
        Assert.Single(AgentPresence.Show(allowing, colleague).Devices);
        Assert.True(Disclosure.IsPattern(AgentPresence.Path));

        var hiding = known with { Rules = new() { Rules = [new() { Pattern = "agent_context.pidf:*", Role = Role.Agent, Handling = DisclosureHandling.Hide }] }, RulesRevision = 1 };
        var change = AgentContext.Look(hiding, At(1)).Change!;
        Assert.Empty(Shown(change, Supervisor)!.Devices);
        Assert.Null(Shown(change, Master.PersonId));
    }

    [Fact]
    public void A_decision_holds_only_while_nobody_else_has_decided_and_no_device_of_it_was_signed_out()
    {
        var first = AgentPresence.Take(Dossier(), Report(Open(Phone))).Change!;
        Assert.Contains(new(new(ItemKind.Device, Phone.Id), Phone.Revision), first.Fences);
        Assert.DoesNotContain(first.Fences, fence => fence.Key.Id == Desk.Id);
        var known = Taken(Dossier(), Report(Open(Phone)));
        var context = AgentContext.Set(known, Master, new() { Name = "crm:mood", Json = "1", Source = ContextSource.Manual }, At(1), new()).Change!;
        Assert.Contains(new(new(ItemKind.PresenceRecord, Ann), known.PresenceRevision), context.Fences);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    /// <summary>
    /// Devices connect, idle, go and vanish with their nodes; each report reaches one of two copies of the grain, or none, sometimes twice or late. Each copy tells what it makes of it. Once one copy hears everything
    /// again, what is kept is what there is, and then nothing is written any more.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whichever_copy_hears_what_in_the_end_it_is_known_what_there_is(int seed)
    {
        var random = new Random(seed);
        var signedIn = Enumerable.Range(0, 4).Select(i => new DeviceSnapshot(Guid.CreateVersion7(), 1, $"Device {i}", Callers.Noon)).ToImmutableArray();
        var store = With(Dossier(), agent => agent with { Devices = signedIn });
        var until = DateTimeOffset.MinValue;
        var at = Callers.Noon;
        DevicesInUse[] copies = [new(at), new(at)];
        var toldBy = new PresenceReport?[2];
        Dictionary<Guid, ActivityReport> connected = [];
        var (written, vanished) = (0, 0);
        for (var step = 0; step < 400; step++)
        {
            at += TimeSpan.FromSeconds(random.Next(30));
            Act();
            foreach (var report in connected.Values)
            {
                for (var times = random.Next(10) == 0 ? random.Next(3) : 1; times > 0; times--)
                {
                    copies[random.Next(2)].Report(report, at);
                }
            }

            if (random.Next(40) == 0)
            {
                var begun = random.Next(2);
                (copies[begun], toldBy[begun]) = (new(at), null);
            }

            Tell(random.Next(2));
            if (random.Next(5) == 0)
            {
                Look();
            }

            Assert.True(store.Presence.Devices.All(device => device.Basic == Basic.Closed) || store.Lease != PresenceLease.None, "what is there lasts for some time");
        }

        Assert.InRange(written, 20, 400);
        Assert.InRange(vanished, 3, 400);
        for (var round = 0; round < 30; round++)
        {
            at += TimeSpan.FromSeconds(30);
            foreach (var report in connected.Values)
            {
                copies[0].Report(report, at);
            }

            Tell(0);
            Look();
            if (round == 25)
            {
                written = 0;
            }
        }

        Assert.Equal(connected.Values.GroupBy(report => report.DeviceId).Select(same => (same.Key, same.All(report => report.Use == DeviceUse.Idle))).Order(),
            AgentContext.AsOf(store, at).Presence.Devices.Where(device => device.Basic == Basic.Open).Select(device => (device.Id, device.UserInput!.State == InputState.Idle)).Order());
        Assert.Equal(0, written);

        void Act()
        {
            var device = signedIn[random.Next(signedIn.Length)].Id;
            var connection = connected.Keys.Where(key => connected[key].DeviceId == device).Order().FirstOrDefault();
            switch (random.Next(6))
            {
                case 0 or 1:
                    var other = Guid.CreateVersion7();
                    connected[other] = new(other, DeviceUse.Active, TimeSpan.FromSeconds(90)) { DeviceId = device };
                    break;
                case 2 when connection != default:
                    connected[connection] = connected[connection] with { Use = DeviceUse.Idle, LastInput = at.AddSeconds(-60), IdleThresholdSeconds = 60 };
                    break;
                case 3 when connection != default:
                    copies[random.Next(2)].Report(connected[connection] with { Use = DeviceUse.Gone }, at);
                    connected.Remove(connection);
                    break;
                case 4 when connection != default:
                    vanished++;
                    connected.Remove(connection);
                    break;
                default:
                    break;
            }
        }

        // As the grain does: what is new, and what was not said for half of its time.
        void Tell(int copy)
        {
            Age();
            var (devices, areAll) = copies[copy].There(at);
            var report = new PresenceReport(devices, areAll, GoodFor);
            if (toldBy[copy] is { } before && report.Says(before) && !(report.AnyOpen && until - at < GoodFor / 2))
            {
                return;
            }

            Take(AgentPresence.Take(store, report));
            toldBy[copy] = report with { Devices = [.. devices.Where(device => device.IsOpen)] };
            copies[copy].ForgetGone();
            until = report.AnyOpen ? at + GoodFor : until;
        }

        void Look()
        {
            Age();
            Take(AgentContext.Look(store, at));
        }

        void Age() => store = store with { Lease = store.Lease == PresenceLease.None ? PresenceLease.None : until > at ? PresenceLease.Good : PresenceLease.Over };

        void Take(Decision<AgentDossier> decision)
        {
            if (decision.Change is { } change)
            {
                written += change.Items.IsEmpty ? 0 : 1;
                store = decision.Next!;
                until = change.Rows.OfType<PresenceLeaseRow>().SingleOrDefault()?.GoodFor is { } goodFor ? at + goodFor : until;
            }
            else
            {
                Assert.Same(Contact.Settled, decision.Refusal);
            }
        }
    }

    static AgentDossier Dossier()
    {
        var group = new GroupSnapshot(Day, 2, new() { Name = "Day", MasterAgentId = Master.PersonId, SupervisorIds = [Supervisor] });
        var agent = new AgentSnapshot(Ann, 5, new() { Name = "Ann", Role = Role.Agent, Availability = Availability.Online, GroupId = Day }, "ann@example.com", "-", Master.PersonId, 0, 0, [Desk, Phone]);
        return new()
        {
            Agent = agent,
            Group = group,
            Viewers = AgentDossier.ViewersOf(agent, group)
                .ToImmutableSortedDictionary(person => person, person => person == Master.PersonId ? new Viewer(Role.MasterAgent, null, Serves: true) : new Viewer(Role.Agent, Day, Serves: true)),
        };
    }

    static AgentDossier With(AgentDossier now, Func<AgentSnapshot, AgentSnapshot> change) => now with { Agent = change(now.Agent) };

    static AgentDossier Taken(AgentDossier now, PresenceReport report, bool isSettled = false)
    {
        var decision = AgentPresence.Take(now, report);
        Assert.Equal(isSettled, decision.Refusal == Contact.Settled);
        return decision.Next ?? now;
    }

    static PresenceReport Report(params DeviceThere[] devices) => new([.. devices], AreAll: true, GoodFor);

    static DeviceThere Open(DeviceSnapshot device, bool isIdle = false, int minute = 0) => new(device.Id, IsOpen: true, isIdle, isIdle ? At(0) : null, isIdle ? 60 : null, At(minute));

    static DeviceThere Gone(DeviceSnapshot device) => new(device.Id, IsOpen: false, IsIdle: false, null, null, At(5));

    static PresenceState? Shown(Proposal change, Guid viewer) => change.Items.SingleOrDefault(item => item.Key == new ItemKey(ItemKind.Presence, Ann, viewer)) is { } item
        ? JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.PresenceState)
        : null;

    static DateTimeOffset At(int minute) => Callers.Noon.AddMinutes(minute);
}
