using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rcc.Core.Conversations;
using Rcc.Core.Delivery;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.LocalSilo;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Sync;

/// <summary>
/// Nodes on one store. Each has an engine of its own, so each has a live log of every tenant, as after a partition; a node subscribes to the logs of all of them. What is told passes through <see cref="Tell"/>,
/// where a test may lose, hold, double or reorder it.
/// </summary>
sealed class Network(ModelStore store, ManualClock clock) : IAsyncDisposable
{
    readonly List<Node> nodes = [];

    public ModelStore Store => store;

    public ManualClock Clock => clock;

    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>A commit on its way to a node.</summary>
    public Func<Node, LogBatch, Func<Task>, Task> Tell { get; set; } = (_, _, deliver) => deliver();

    /// <summary>The log cannot reach the node to ask what it has passed.</summary>
    public Func<Node, bool> IsCutOff { get; set; } = _ => false;

    /// <summary>An append on its way to a log.</summary>
    public Func<Proposal, Task> Appending { get; set; } = _ => Task.CompletedTask;

    /// <summary>A subscription on its way to the logs.</summary>
    public Func<CancellationToken, Task> Subscribing { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether the first node reaches the log of the second: engines of their own do not meet.</summary>
    public Func<Node, Node, bool> Subscribes { get; set; } = (_, _) => true;

    public ConcurrentQueue<string> Errors { get; } = new();

    public async Task<Node> StartNodeAsync(Action<IServiceCollection>? configure = null)
    {
        var node = new Node(this, configure);
        nodes.Add(node);
        await node.StartAsync();
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }
}

/// <summary>One server: engine, tails, connections.</summary>
sealed class Node : IAsyncDisposable
{
    readonly IHost host;

    public Node(Network network, Action<IServiceCollection>? configure)
    {
        Network = network;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(network.Clock);
        builder.Services.AddSingleton<IGrainFactory>(provider => new Wire(this, provider.GetRequiredService<IClusterClient>()));
        builder.Services.AddLocalSilo(options => options.Assemblies.Add(typeof(LogOptions).Assembly));
        builder.Services.AddSingleton<ILogStore>(network.Store);
        builder.Services.AddSingleton<ISyncStore>(network.Store);
        builder.Services.AddSingleton<INodeStore>(network.Store);
        builder.Services.AddSingleton<ILoggerProvider>(new ErrorLog(network));
        builder.Services.AddOptions<ConversationOptions>();
        builder.Services.AddRccSync();
        configure?.Invoke(builder.Services);
        host = builder.Build();
    }

    public Network Network { get; }

    public DeviceLinks Links => host.Services.GetRequiredService<DeviceLinks>();

    public NodeTails Tails => host.Services.GetRequiredService<NodeTails>();

    public ConfirmationBuffer Confirmations => host.Services.GetRequiredService<ConfirmationBuffer>();

    public SyncTokens Tokens => host.Services.GetRequiredService<SyncTokensSource>().Tokens;

    public Task StartAsync() => host.StartAsync();

    /// <summary>The tenant's log as this node hosts it.</summary>
    public ILogGrain LogOf(TenantId tenant) => host.Services.GetRequiredService<IClusterClient>().GetGrain<ILogGrain>(tenant.Key);

    /// <summary>A reference to a node's tails, as a log gets it.</summary>
    public ITailObserver ObserverOf(NodeTails tails) => host.Services.GetRequiredService<IClusterClient>().CreateObjectReference<ITailObserver>(tails);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    /// <summary>The way from this node to the logs.</summary>
    sealed class Wire(Node node, IClusterClient own) : IGrainFactory
    {
        public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
            where TGrainInterface : IGrainWithStringKey =>
            typeof(TGrainInterface) == typeof(ILogGrain)
                ? (TGrainInterface)(object)new WiredLog(node, TenantId.Parse(primaryKey))
                : own.GetGrain<TGrainInterface>(primaryKey, grainClassNamePrefix);

        public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
            where TGrainObserverInterface : IGrainObserver => own.CreateObjectReference<TGrainObserverInterface>(obj);

        public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
            where TGrainObserverInterface : IGrainObserver => own.DeleteObjectReference<TGrainObserverInterface>(obj);
    }

    sealed class WiredLog(Node node, TenantId tenant) : ILogGrain
    {
        public async Task<AppendResult> AppendAsync(Proposal proposal, CancellationToken cancellationToken)
        {
            await node.Network.Appending(proposal);
            return await node.LogOf(tenant).AppendAsync(proposal, cancellationToken);
        }

        public async Task<long> SubscribeAsync(Guid subscriber, ITailObserver observer, CancellationToken cancellationToken)
        {
            await node.Network.Subscribing(cancellationToken);
            var newest = 0L;
            foreach (var other in node.Network.Nodes.Where(other => node.Network.Subscribes(node, other)))
            {
                newest = Math.Max(newest, await other.LogOf(tenant).SubscribeAsync(subscriber, other.ReferenceTo(node, observer), cancellationToken));
            }

            return newest;
        }

        public Task TellAsync(EphemeralEvent fact, CancellationToken cancellationToken) => node.LogOf(tenant).TellAsync(fact, cancellationToken);

        public Task WaitUntilPassedAsync(long modSeq, CancellationToken cancellationToken) => node.LogOf(tenant).WaitUntilPassedAsync(modSeq, cancellationToken);
    }

    readonly ConcurrentDictionary<Node, (WiredObserver Object, ITailObserver Reference)> observers = new();

    ITailObserver ReferenceTo(Node subscriber, ITailObserver observer) => observers.GetOrAdd(subscriber, _ =>
    {
        // Held here: the engine holds it weakly.
        var wired = new WiredObserver(subscriber, observer);
        return (wired, host.Services.GetRequiredService<IClusterClient>().CreateObjectReference<ITailObserver>(wired));
    }).Reference;

    sealed class WiredObserver(Node subscriber, ITailObserver observer) : ITailObserver
    {
        public Task CommittedAsync(LogBatch batch) => subscriber.Network.Tell(subscriber, batch, () => observer.CommittedAsync(batch));

        public Task HappenedAsync(EphemeralEvent fact) => observer.HappenedAsync(fact);

        public Task PassedAsync(TenantId tenant, long modSeq) =>
            subscriber.Network.IsCutOff(subscriber) ? Task.FromException(new TimeoutException("The node cannot be reached.")) : observer.PassedAsync(tenant, modSeq);
    }

    /// <summary>What is logged as an error: tests that expect none look.</summary>
    sealed class ErrorLog(Network network) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                network.Errors.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
