using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using Rcc.Postgres.Access;
using Rcc.Postgres.Agents;
using Rcc.Postgres.Conversations;
using Rcc.Postgres.Customers;
using Rcc.Postgres.Routing;
using Rcc.Postgres.Schema;
using Rcc.Postgres.Sync;
using Rcc.Postgres.Tenants;

namespace Rcc.Postgres;

/// <summary>Puts the rooms' stores on PostgreSQL.</summary>
public static class PostgresRegistration
{
    /// <summary>Registers all stores. At start the server's settings are checked and the schema is brought up to this build, before anything registered later starts.</summary>
    public static IServiceCollection AddRccPostgres(this IServiceCollection services, Action<PostgresOptions> configure)
    {
        services.AddOptions<PostgresOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresOptions>, PostgresOptionsValidator>());
        services.AddSingleton<Database>();
        services.AddSingleton<ILogStore, LogStore>();
        services.AddSingleton<ISyncStore, SyncStore>();
        services.AddSingleton<INodeStore, NodeStore>();
        services.AddSingleton<IConversationStore, ConversationStore>();
        services.AddSingleton<IDeskStore, DeskStore>();
        services.AddSingleton<IAgentStore, AgentStore>();
        services.AddSingleton<IShortcutStore, ShortcutStore>();
        services.AddSingleton<ITenantStore, TenantStore>();
        services.AddSingleton<IActStore, ActStore>();
        services.AddSingleton<ITermsStore, TermsStore>();
        services.AddSingleton<IErasureStore, ErasureStore>();
        services.AddSingleton<IArchiveStore, ArchiveStore>();
        services.AddSingleton<ICustomerStore, CustomerStore>();
        services.AddSingleton<IAgentContextStore, AgentContextStore>();
        services.AddSingleton<IRoutingStore, RoutingStore>();
        services.AddSingleton<IQueueStore, QueueStore>();
        services.AddSingleton<ICredentialStore, CredentialStore>();
        services.AddSingleton<IOperatorStore, OperatorStore>();
        services.AddSingleton<Retention>();
        services.AddHostedService<SchemaStart>();
        services.AddHostedService<RetentionLoop>();
        return services;
    }
}

/// <summary>Before the first statement: is the server safe, is the schema this build's.</summary>
sealed class SchemaStart(IOptions<PostgresOptions> options, ILogger<SchemaStart> logger) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await Durability.CheckAsync(options.Value, logger, cancellationToken);
        await Migrations.ApplyAsync(options.Value.ConnectionString, logger, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
