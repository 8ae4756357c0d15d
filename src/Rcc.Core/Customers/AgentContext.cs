using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Customers;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>
/// The rules of an agent's context information (RCC-40). Pure. The agent itself and whoever manages it set it; what counts, expires and is disclosed follows the rules of customers' context, under <c>agent_context.…</c>.
/// It is told to the agent itself, and to who runs and who supervises its group.
/// </summary>
public static class AgentContext
{
    /// <summary>What is before the names of an agent's context information.</summary>
    public const string Path = "agent_context.";

    /// <summary>Sets a piece of context information.</summary>
    public static Decision<AgentDossier> Set(AgentDossier? now, Caller caller, NewContext context, DateTimeOffset at, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        if (Refuse(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (context.ConversationId is { } cause && !now!.OpenConversations.Contains(cause))
        {
            return Answer.Refused(ErrorCode.Conflict, "The agent takes part in no such open conversation.");
        }

        var (durable, fleeting) = ContextInformation.Set(now!.Record.Context, now.Volatile, context.ToEntry(caller.PersonId, at, options), context.IsVolatile);
        if (ContextInformationLimits.Refuse([.. fleeting, .. durable], options) is { } tooMuch)
        {
            return tooMuch;
        }

        // Should the cause end before this is committed, nothing else would say so.
        return Between(now, now with { Volatile = fleeting, Record = now.Record with { Context = durable } }, context.ConversationId is null ? null : at);
    }

    /// <summary>Takes away what a source says of a name; without <paramref name="source"/>: what all do.</summary>
    public static Decision<AgentDossier> Clear(AgentDossier? now, Caller caller, string name, ContextSource? source)
    {
        if (Refuse(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (now!.Revision == 0)
        {
            return Decision.Accept(now, new() { Answer = Answer.Done with { Id = now.Agent.Id } });
        }

        return Between(now, now with
        {
            Volatile = ContextInformation.Clear(now.Volatile, name, source),
            Record = now.Record with { Context = ContextInformation.Clear(now.Record.Context, name, source) },
        });
    }

    /// <summary>Drops what has expired or lost its cause, everything of an agent who was removed, and shows each viewer what it may see. <see cref="Contact.Settled"/> when everything is as it should be.</summary>
    public static Decision<AgentDossier> Look(AgentDossier? now, DateTimeOffset at)
    {
        if (now is null or { Revision: 0, PresenceRevision: 0 })
        {
            return Contact.Settled;
        }

        var decision = AgentPresence.EndLease(Between(now, AsOf(now, at)), now.Lease);
        return AgentPresence.ContextIsSettled(decision) && decision.Next!.Lease == now.Lease ? Contact.Settled : decision;
    }

    /// <summary>What counts of it.</summary>
    public static AgentDossier AsOf(AgentDossier now, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(now);
        return now.Agent.State.Removed
            ? now with { Record = now.Record with { Context = [] }, Volatile = [], Presence = now.Presence with { Devices = [] }, Viewers = now.Viewers.Clear() }
            : AgentPresence.AsOf(now) with
            {
                Record = now.Record with { Context = ContextInformation.Current(now.Record.Context, at, now.OpenConversations, []) },
                Volatile = ContextInformation.Current(now.Volatile, at, now.OpenConversations, []),
            };
    }

    /// <summary>What a viewer may see of it: the agent itself, and who runs or supervises its group, see all that no rule hides; colleagues nothing that no rule allows.</summary>
    public static AgentContextState Show(AgentDossier agent, Viewer viewer)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return new(Disclosure.ShowContext(agent.Rules, Path, agent.Record.Context, viewer));
    }

    /// <summary>As <see cref="Show"/>, of what is volatile.</summary>
    public static VolatileContextState ShowVolatile(AgentDossier agent, Viewer viewer)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return new(Disclosure.ShowContext(agent.Rules, Path, agent.Volatile, viewer));
    }

    /// <summary>When something expires next.</summary>
    public static DateTimeOffset? NextExpiry(AgentDossier agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return ContextInformation.NextExpiry(agent.Volatile.Concat(agent.Record.Context));
    }

    static Answer? Refuse(AgentDossier? now, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null or { Agent.State.Removed: true })
        {
            return Decision.NotFound("agent");
        }

        return caller.PersonId == now.Agent.Id || Agent.IsManagedBy(now.Agent, now.Group, caller)
            ? null
            : Answer.Refused(ErrorCode.Forbidden, "Only the agent itself and who manages it may do this.");
    }

    /// <summary>What must be committed to get from one state to the other. It holds only while the agent, its group and the rules are as they were: they say who may see it.</summary>
    internal static Decision<AgentDossier> Between(AgentDossier before, AgentDossier after, DateTimeOffset? looksAgainAt = null)
    {
        var id = before.Agent.Id;
        var items = new ViewItems(before.Views);

        // Of each there is a record from its first value on.
        var hasContext = before.Revision > 0 || !after.Record.Context.IsEmpty || !after.Volatile.IsEmpty;
        var hasPresence = before.PresenceRevision > 0 || !after.Presence.Devices.IsEmpty;
        after = after with
        {
            Record = hasContext ? after.Record with { Viewers = [.. after.Viewers.Keys] } : before.Record,
            Presence = hasPresence ? after.Presence with { Viewers = [.. after.Viewers.Keys] } : before.Presence,
        };
        var next = after with
        {
            Revision = items.AddRecord(RecordKey(id), before.Revision, before.Record.ToJson(), after.Record.ToJson()),
            PresenceRevision = items.AddRecord(AgentPresence.KeyOf(id), before.PresenceRevision, before.Presence.ToJson(), after.Presence.ToJson()),
            VolatileRevision = items.AddVolatile(id, before.VolatileRevision, before.Volatile, after.Volatile),
        };
        foreach (var (person, viewer) in next.Viewers)
        {
            var context = Show(next, viewer);
            items.Show(new(ItemKind.AgentContext, id, person), JsonSerializer.SerializeToUtf8Bytes(context, ContractJson.Default.AgentContextState), context.Context.Count == 0);
            items.ShowVolatile(id, person, ShowVolatile(next, viewer));
            var presence = AgentPresence.Show(next, viewer);
            items.Show(new(ItemKind.Presence, id, person), JsonSerializer.SerializeToUtf8Bytes(presence, ContractJson.Default.PresenceState), presence.Devices.Count == 0);
        }

        next = next with { Views = items.Views };
        ImmutableArray<ItemFence> fences =
        [
            new(new(ItemKind.Agent, id), before.Agent.Revision),
            new(ContactSettings.DisclosureKey, before.RulesRevision),
            .. before.Group is { } group ? [new ItemFence(new(ItemKind.Group, group.Id), group.Revision)] : Array.Empty<ItemFence>(),
            .. items.Writes(RecordKey(id)) ? Array.Empty<ItemFence>() : [new ItemFence(RecordKey(id), before.Revision)],
            .. items.Writes(AgentPresence.KeyOf(id)) ? Array.Empty<ItemFence>() : [new ItemFence(AgentPresence.KeyOf(id), before.PresenceRevision)],
            .. before.Agent.Devices.Where(device => next.Presence.Devices.Any(other => other.Id == device.Id)).Select(device => new ItemFence(new(ItemKind.Device, device.Id), device.Revision)),
        ];
        var expiry = NextExpiry(next);
        var due = looksAgainAt ?? (expiry == NextExpiry(before) ? null : expiry);
        return Decision.Accept(next, new()
        {
            Answer = Answer.Done with { Id = id, Revision = next.Revision },
            Fences = fences,
            Items = items.Items,
            Departures = items.DepartAllBut(next.Viewers.Keys),
            Rows = due is { } when ? [new ContextDueRow { PersonId = id, At = when }] : [],
        });
    }

    static ItemKey RecordKey(Guid agent) => new(ItemKind.AgentContextRecord, agent);
}

/// <summary>An agent with all that decisions about its context rest on: what is known of it, who is told of it, and what they were shown.</summary>
public sealed record AgentDossier
{
    public required AgentSnapshot Agent { get; init; }

    /// <summary>The group it works in.</summary>
    public GroupSnapshot? Group { get; init; }

    /// <summary>Of the record's item; 0: there never was any context.</summary>
    public int Revision { get; init; }

    public AgentContextRecord Record { get; init; } = new();

    public ImmutableArray<ContextEntry> Volatile { get; init; } = [];

    /// <summary>Of the volatile record's item; 0: there never was any.</summary>
    public int VolatileRevision { get; init; }

    public PresenceRecord Presence { get; init; } = new();

    /// <summary>Of the presence record's item; 0: there never was any.</summary>
    public int PresenceRevision { get; init; }

    /// <summary>Whether devices that are said to be connected still count as that.</summary>
    public PresenceLease Lease { get; init; }

    public bool AnyDeviceOpen => Presence.Devices.Any(device => device.Basic == Basic.Open);

    /// <summary>The open conversations it takes part in.</summary>
    public ImmutableArray<Guid> OpenConversations { get; init; } = [];

    /// <summary>Who is told of it.</summary>
    public ImmutableSortedDictionary<Guid, Viewer> Viewers { get; init; } = ImmutableSortedDictionary<Guid, Viewer>.Empty;

    /// <summary>What their devices were given.</summary>
    public ImmutableArray<StoredItem> Views { get; init; } = [];

    /// <summary>Who may see what.</summary>
    public DisclosureRecord Rules { get; init; } = new();

    public int RulesRevision { get; init; }

    /// <summary>Those who are told: the agent itself, and who runs and who supervises its group; outside of groups who made it.</summary>
    public static IReadOnlySet<Guid> ViewersOf(AgentSnapshot agent, GroupSnapshot? group)
    {
        ArgumentNullException.ThrowIfNull(agent);
        HashSet<Guid> viewers = [agent.Id];
        if (group is not null)
        {
            viewers.Add(group.State.MasterAgentId);
            viewers.UnionWith(group.State.SupervisorIds);
        }
        else if (agent.CreatedBy is { } maker)
        {
            viewers.Add(maker);
        }

        return viewers;
    }
}

/// <summary>All persistent context of one agent: the state of an item that no device gets.</summary>
public sealed record AgentContextRecord
{
    public ImmutableArray<ContextEntry> Context { get; init; } = [];

    /// <summary>Whose devices were given a view; see <see cref="ContactRecord.Viewers"/>.</summary>
    public ImmutableArray<Guid> Viewers { get; init; } = [];

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecordJson.Default.AgentContextRecord);

    public static AgentContextRecord OfJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, RecordJson.Default.AgentContextRecord) ?? throw new InvalidOperationException("An agent's context is stored without a state.");
}
