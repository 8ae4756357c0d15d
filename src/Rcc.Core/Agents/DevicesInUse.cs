using System.Collections.Immutable;
using Rcc.Contracts.Agents;
using Rcc.Core.Devices;

namespace Rcc.Core.Agents;

/// <summary>
/// What the nodes have said of an agent's connections, and what follows from it: the most available one counts. Pure but for what it remembers, and that is only memory: after a new beginning the agent counts
/// as just seen, until the nodes have said again what there is.
/// </summary>
public sealed class DevicesInUse(DateTimeOffset begunAt)
{
    readonly DateTimeOffset begunAt = begunAt;
    readonly Dictionary<Guid, (ActivityReport Said, DateTimeOffset Until)> connections = [];
    readonly Dictionary<Guid, DeviceThere> there = [];
    DateTimeOffset lastActive = begunAt;
    TimeSpan? longestGoodFor;

    /// <summary>When something that was said is not to be believed any more unless it is said again.</summary>
    public DateTimeOffset? NextExpiry => connections.Count == 0 ? null : connections.Values.Min(connection => connection.Until);

    public void Report(ActivityReport report, DateTimeOffset at)
    {
        Look(at);
        longestGoodFor = report.GoodFor > longestGoodFor ? report.GoodFor : longestGoodFor ?? report.GoodFor;
        if (report.Use == DeviceUse.Gone)
        {
            connections.Remove(report.Connection);
        }
        else
        {
            connections[report.Connection] = (report, at + report.GoodFor);
        }

        Look(at);
        Weigh(report.DeviceId, report.Use == DeviceUse.Gone, at);
    }

    /// <summary>Online while a connection is in use, and for <paramref name="awayAfter"/> after the last one was; then away.</summary>
    public Availability Infer(DateTimeOffset at, TimeSpan awayAfter)
    {
        Look(at);
        return lastActive + awayAfter > at ? Availability.Online : Availability.Away;
    }

    /// <summary>Which devices are there, by id, and which have gone since <see cref="ForgetGone"/>. Nothing is said of one whose node fell silent: nobody knows. They are all there are once every node has had time to say what it has.</summary>
    public (ImmutableArray<DeviceThere> Devices, bool AreAll) There(DateTimeOffset at)
    {
        Look(at);
        return ([.. there.Values.OrderBy(device => device.DeviceId)], begunAt + longestGoodFor <= at);
    }

    /// <summary>That they have gone is known elsewhere now.</summary>
    public void ForgetGone()
    {
        foreach (var gone in there.Values.Where(device => !device.IsOpen).ToList())
        {
            there.Remove(gone.DeviceId);
        }
    }

    void Look(DateTimeOffset at)
    {
        foreach (var (connection, (said, until)) in connections)
        {
            if (said.Use == DeviceUse.Active)
            {
                lastActive = new[] { lastActive, until < at ? until : at }.Max();
            }

            if (until <= at)
            {
                connections.Remove(connection);
                Weigh(said.DeviceId, isGone: false, at);
            }
        }
    }

    /// <summary>Several connections may be of one device: it is as much in use as the one that is most.</summary>
    void Weigh(Guid device, bool isGone, DateTimeOffset at)
    {
        var said = connections.Values.Select(connection => connection.Said).Where(other => other.DeviceId == device).ToList();
        if (said.Count == 0 && !isGone)
        {
            there.Remove(device);
            return;
        }

        var isIdle = said.Count > 0 && said.TrueForAll(other => other.Use == DeviceUse.Idle);
        var latest = isIdle ? said.MaxBy(other => other.LastInput ?? DateTimeOffset.MinValue) : default;
        var now = new DeviceThere(device, said.Count > 0, isIdle, latest.LastInput, latest.IdleThresholdSeconds, at);
        if (there.GetValueOrDefault(device) is not { } before || before with { At = at } != now)
        {
            there[device] = now;
        }
    }
}
