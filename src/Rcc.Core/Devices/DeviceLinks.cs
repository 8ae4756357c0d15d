using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Sync;
using Rcc.Core.Delivery;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>The live connections of this node.</summary>
public sealed class DeviceLinks
{
    readonly ConcurrentDictionary<DeviceLink, byte> links = new();
    readonly IGrainFactory grains;
    readonly SyncTokensSource tokens;

    internal DeviceLinks(
        IGrainFactory grains,
        NodeTails tails,
        ISyncStore store,
        SyncTokensSource tokens,
        ConfirmationBuffer confirmations,
        SyncMetrics metrics,
        TimeProvider clock,
        IOptions<DeviceOptions> options,
        SyncLimits limits,
        ILogger<DeviceLinks> logger)
    {
        this.grains = grains;
        this.tokens = tokens;
        Tails = tails;
        Store = store;
        Confirmations = confirmations;
        Metrics = metrics;
        Clock = clock;
        Options = options.Value;
        Logger = logger;
        Limits = limits;
    }

    /// <summary>Live connections.</summary>
    public int Count => links.Count;

    /// <summary>Whether the node can vouch for what devices see. One tenant's tail may be unconfirmed all the same: then that tenant's devices are not served (<see cref="DeviceLink.MayServe"/>).</summary>
    public bool MayServe => Tails.AreConfirmed;

    internal NodeTails Tails { get; }

    internal ISyncStore Store { get; }

    internal SyncTokens Tokens => tokens.Tokens;

    internal ConfirmationBuffer Confirmations { get; }

    internal SyncMetrics Metrics { get; }

    internal TimeProvider Clock { get; }

    internal DeviceOptions Options { get; }

    internal SyncLimits Limits { get; }

    internal ILogger Logger { get; }

    /// <summary>A device has connected; nothing is sent to it before it synchronises.</summary>
    public DeviceLink Connect(Caller caller, IDevicePort port)
    {
        var link = new DeviceLink(this, caller, port);
        links.TryAdd(link, 0);
        return link;
    }

    /// <summary>The connections of agents that have synchronised.</summary>
    internal IEnumerable<DeviceLink> Synchronized => links.Keys.Where(link => link.Caller.IsAgent && link.HasSynchronized);

    internal Task ReportAsync(Caller caller, ActivityReport report, CancellationToken cancellationToken) =>
        grains.GetGrain<IActivityListener>(caller.Tenant.KeyOf(caller.PersonId)).ReportAsync(report, cancellationToken);

    internal void Forget(DeviceLink link) => links.TryRemove(link, out _);

    internal Task TellAsync(EphemeralEvent fact, CancellationToken cancellationToken) =>
        grains.GetGrain<ILogGrain>(fact.Tenant.Key).TellAsync(fact, cancellationToken);
}
