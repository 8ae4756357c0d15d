using Rcc.Contracts.Agents;
using Rcc.Core.Devices;

namespace Rcc.Core.Agents;

/// <summary>
/// What the nodes have said of an agent's connections, and what follows from it: the most available one counts. Pure but for what it remembers, and that is only memory: after a new beginning the agent counts
/// as just seen, until the nodes have said again what there is.
/// </summary>
public sealed class DevicesInUse(DateTimeOffset begunAt)
{
    readonly Dictionary<Guid, (bool IsActive, DateTimeOffset Until)> connections = [];
    DateTimeOffset lastActive = begunAt;

    public void Report(ActivityReport report, DateTimeOffset at)
    {
        Look(at);
        if (report.Use == DeviceUse.Gone)
        {
            connections.Remove(report.Connection);
        }
        else
        {
            connections[report.Connection] = (report.Use == DeviceUse.Active, at + report.GoodFor);
        }

        Look(at);
    }

    /// <summary>Online while a connection is in use, and for <paramref name="awayAfter"/> after the last one was; then away.</summary>
    public Availability Infer(DateTimeOffset at, TimeSpan awayAfter)
    {
        Look(at);
        return lastActive + awayAfter > at ? Availability.Online : Availability.Away;
    }

    void Look(DateTimeOffset at)
    {
        foreach (var (connection, (isActive, until)) in connections)
        {
            if (isActive)
            {
                lastActive = new[] { lastActive, until < at ? until : at }.Max();
            }

            if (until <= at)
            {
                connections.Remove(connection);
            }
        }
    }
}
