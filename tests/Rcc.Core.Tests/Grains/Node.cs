using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Rcc.Core.Access;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Grains;

/// <summary>One server's rooms on the engine, over a store it may share with others: two of them have two live copies of every grain.</summary>
sealed class Node : IAsyncDisposable
{
    /// <summary>All nodes seal with one key.</summary>
    static readonly string Key = SealedSecrets.MakeKey();

    readonly IHost host;
    bool isGone;

    Node(IHost host) => this.host = host;

    public ConversationDoor Conversations => Get<ConversationDoor>();

    public ControlDoor Controls => Get<ControlDoor>();

    public AgentDoor Agents => Get<AgentDoor>();

    public GroupDoor Groups => Get<GroupDoor>();

    public AccountDoor Accounts => Get<AccountDoor>();

    public QueueDoor Queues => Get<QueueDoor>();

    public ContactDoor Contacts => Get<ContactDoor>();

    public PlatformDoor Platform => Get<PlatformDoor>();

    public FaultyLog Log => Get<FaultyLog>();

    public T Get<T>()
        where T : notnull => host.Services.GetRequiredService<T>();

    public static async Task<Node> StartAsync(IStage stage, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("Rcc:Routing:LookRoundInterval", "00:00:00.05"), new("Rcc:Secrets:Key", Key)]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddLogging();
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<SyncMetrics>();

        builder.Services.AddRccRooms(builder.Configuration);
        stage.AddStores(builder.Services);
        Decorate(builder.Services);
        Engine.Add(builder);
        var node = new Node(builder.Build());
        await node.host.StartAsync();
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        if (!isGone)
        {
            isGone = true;
            await host.StopAsync();
            host.Dispose();
        }
    }

    /// <summary>Puts the faults in front of whatever log store the stage has.</summary>
    static void Decorate(IServiceCollection services)
    {
        var log = services.Last(service => service.ServiceType == typeof(ILogStore));
        services.Remove(log);
        services.AddSingleton(provider => new FaultyLog((ILogStore)(log.ImplementationInstance ?? ActivatorUtilities.CreateInstance(provider, log.ImplementationType!))));
        services.AddSingleton<ILogStore>(provider => provider.GetRequiredService<FaultyLog>());
    }
}
