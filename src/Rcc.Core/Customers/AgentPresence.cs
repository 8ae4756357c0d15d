using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts.Agents;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>
/// The rules of which of an agent's devices are there (RCC-48). Pure. It is volatile context of the agent that the server infers by itself: kept where that is, shown to the same people under
/// <see cref="Path"/>, and good for as long as somebody says it again.
/// </summary>
public static class AgentPresence
{
    /// <summary>What rules of disclosure call it.</summary>
    public const string Path = "agent_context.pidf:devices";

    /// <summary>Keeps what is new in a report; <see cref="Contact.Settled"/> when nothing is, and what is kept lasts.</summary>
    public static Decision<AgentDossier> Take(AgentDossier? now, PresenceReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (now is null or { Agent.State.Removed: true })
        {
            return Decision.NotFound("agent");
        }

        var decision = AgentContext.Between(now, AsOf(now) with { Presence = now.Presence with { Devices = Merge(now, report) } });
        var anyOpen = decision.Next!.AnyDeviceOpen;
        return ContextIsSettled(decision) && (anyOpen ? now.Lease == PresenceLease.Good : now.Lease == PresenceLease.None)
            ? Contact.Settled
            : WithLease(decision, anyOpen ? report.GoodFor : null);
    }

    /// <summary>What counts of it: of the devices that are signed in still, and those that are connected only for as long as somebody says so.</summary>
    public static AgentDossier AsOf(AgentDossier now)
    {
        ArgumentNullException.ThrowIfNull(now);
        return now with { Presence = now.Presence with { Devices = [.. Current(now)] } };
    }

    /// <summary>What a viewer may see of it.</summary>
    public static PresenceState Show(AgentDossier agent, Viewer viewer)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return new(Disclosure.IsDisclosed(agent.Rules, Path, viewer) ? agent.Presence.Devices : []);
    }

    /// <summary>Ends the time for which devices count as connected with the last one that does.</summary>
    internal static Decision<AgentDossier> EndLease(Decision<AgentDossier> decision, PresenceLease lease) =>
        lease != PresenceLease.None && !decision.Next!.AnyDeviceOpen ? WithLease(decision, null) : decision;

    internal static bool ContextIsSettled(Decision<AgentDossier> decision) => decision.Change is { Items.IsEmpty: true, Departures.IsEmpty: true };

    internal static ItemKey KeyOf(Guid agent) => new(ItemKind.PresenceRecord, agent);

    static Decision<AgentDossier> WithLease(Decision<AgentDossier> decision, TimeSpan? goodFor)
    {
        var next = decision.Next!;
        return Decision.Accept(
            next with { Lease = goodFor is null ? PresenceLease.None : PresenceLease.Good },
            decision.Change! with { Rows = decision.Change.Rows.Add(new PresenceLeaseRow { AgentId = next.Agent.Id, GoodFor = goodFor }) });
    }

    static IEnumerable<DevicePresence> Current(AgentDossier now) => now.Agent.State.Suspended
        ? []
        : now.Presence.Devices.Where(device => (device.Basic == Basic.Closed || now.Lease == PresenceLease.Good) && now.Agent.Devices.Any(signedIn => signedIn.Id == device.Id));

    /// <summary>What is reported, for the rest what was known: that a device has gone stays true, that it is there only until who would know says nothing of it.</summary>
    static ImmutableArray<DevicePresence> Merge(AgentDossier now, PresenceReport report)
    {
        var known = Current(now).ToDictionary(device => device.Id);
        return now.Agent.State.Suspended ? [] : [.. now.Agent.Devices.OrderBy(device => device.Id).Select(MergeOne).OfType<DevicePresence>()];

        DevicePresence? MergeOne(Devices.DeviceSnapshot device)
        {
            var before = known.GetValueOrDefault(device.Id);
            if (report.Devices.FirstOrDefault(other => other.DeviceId == device.Id) is not { } said)
            {
                return before is { Basic: Basic.Open } && report.AreAll ? null : before;
            }

            var after = new DevicePresence
            {
                Id = device.Id,
                Name = device.Name,
                Basic = said.IsOpen ? Basic.Open : Basic.Closed,
                UserInput = !said.IsOpen ? null : new() { State = said.IsIdle ? InputState.Idle : InputState.Active, LastInput = said.LastInput, IdleThresholdSeconds = said.IdleThresholdSeconds },
                Timestamp = said.At,
            };
            return before is not null && before with { Timestamp = after.Timestamp } == after ? before : after;
        }
    }
}

/// <summary>All that is known of an agent's devices: the state of an item that no device gets, and that is not durable.</summary>
public sealed record PresenceRecord
{
    public ImmutableArray<DevicePresence> Devices { get; init; } = [];

    /// <summary>Whose devices were given a view; see <see cref="ContactRecord.Viewers"/>. Absent once it is lost.</summary>
    public ImmutableArray<Guid> Viewers { get; init => field = value.IsDefault ? [] : value; } = [];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.PresenceRecord);

    public static PresenceRecord OfJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, RecordJson.Default.PresenceRecord) ?? throw new InvalidOperationException("An agent's presence is stored without a state.");
}

/// <summary>For how long an agent's devices count as connected.</summary>
public enum PresenceLease
{
    /// <summary>None of them does.</summary>
    None = 0,

    /// <summary>They do.</summary>
    Good,

    /// <summary>Nobody has said so again in time: none of them does.</summary>
    Over,
}

/// <summary>Until when an agent's devices count as connected. It is made to last without a change of the log, and is lost when the database crashes, as they are.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.PresenceLeaseRow")]
public sealed record PresenceLeaseRow : RowWrite
{
    [Id(0)] public required Guid AgentId { get; init; }

    /// <summary>How long, by the store's clock; null: none of them is.</summary>
    [Id(1)] public TimeSpan? GoodFor { get; init; }
}
