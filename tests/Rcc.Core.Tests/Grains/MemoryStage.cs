using Microsoft.Extensions.DependencyInjection;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using Rcc.Core.Tests.Tenants;

namespace Rcc.Core.Tests.Grains;

/// <summary>The stage without a database.</summary>
sealed class MemoryStage : IStage
{
    public MemoryStore Store { get; } = new();

    public void AddStores(IServiceCollection services)
    {
        services.AddSingleton<ILogStore>(Store);
        services.AddSingleton<ISyncStore>(Store);
        services.AddSingleton<INodeStore>(Store);
        services.AddSingleton<IConversationStore>(Store);
        services.AddSingleton<IAgentStore>(Store);
        services.AddSingleton<ITenantStore>(Store);
        services.AddSingleton<ICustomerStore>(Store);
        services.AddSingleton<IAgentContextStore>(Store);
        services.AddSingleton<IContextSource, NobodyToAsk>();
        services.AddSingleton<IActStore, NoActs>();
        services.AddSingleton<ITermsStore, AllTerms>();
        services.AddSingleton<IErasureStore, NoErasure>();
        services.AddSingleton<IArchiveStore, MemoryArchiveStore>();
        services.AddSingleton<IRoutingStore>(Store);
        services.AddSingleton<IQueueStore>(Store);
        services.AddSingleton<ICredentialStore, NoCredentials>();
        services.AddSingleton<IOperatorStore, NoOperators>();
    }
}

/// <summary>No tenant has a server of its own here.</summary>
sealed class NobodyToAsk : IContextSource
{
    public LookupOrigin Origin => LookupOrigin.Server;

    public Task<LookupResult> LookUpAsync(LookupQuestion question, CancellationToken cancellationToken) => throw new NotSupportedException();
}
