using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Rcc.Contracts;

namespace Rcc.Bench.BareHub;

/// <summary>The process of the bare hub.</summary>
static class BareHubProgram
{
    /// <summary>Names the database; absent: nothing is stored.</summary>
    public const string ConnectionVariable = "RCC_BENCH_DATABASE";

    public const string Path = "/hub";

    /// <summary>As many as the product lets a connection have.</summary>
    const int ParallelInvocations = 4;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSignalR(options => options.MaximumParallelInvocationsPerClient = ParallelInvocations)
            .AddJsonProtocol(options =>
            {
                options.PayloadSerializerOptions.TypeInfoResolverChain.Add(ContractJson.Default);
                options.PayloadSerializerOptions.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
            });
        builder.Services.AddSingleton<FanOut>();
        if (Environment.GetEnvironmentVariable(ConnectionVariable) is { Length: > 0 } connectionString)
        {
            builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
            builder.Services.AddSingleton<GroupCommit>();
            builder.Services.AddSingleton<IPostLog>(services => services.GetRequiredService<GroupCommit>());
            builder.Services.AddHostedService(services => services.GetRequiredService<GroupCommit>());
        }
        else
        {
            builder.Services.AddSingleton<IPostLog, NoStore>();
        }

        await using var app = builder.Build();
        app.MapHub<PostHub>(Path);
        await app.StartAsync(cancellationToken);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await Console.Out.WriteLineAsync($"Listening on {address}");
        await ((IHost)app).WaitForShutdownAsync(cancellationToken);
    }
}
