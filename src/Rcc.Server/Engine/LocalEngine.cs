using Microsoft.Extensions.Options;
using Rcc.Core;
using Rcc.Core.Sync;
using Rcc.LocalSilo;

namespace Rcc.Server.Engine;

/// <summary>Hosts the grains with the embedded engine: one process, no packages.</summary>
internal static class GrainEngine
{
    public const string Name = "local";

    public static void AddGrainEngine(this WebApplicationBuilder builder, string connectionString)
    {
        _ = connectionString;
        builder.Services.AddLocalSilo(options =>
        {
            builder.Configuration.GetSection("Rcc:Engine").Bind(options);
            options.Assemblies.Add(typeof(Caller).Assembly);
        });
        builder.Services.AddOptions<LocalSiloOptions>().Validate<IOptions<LogOptions>>(
            (silo, log) => silo.MaxEnqueuedRequests > log.Value.MaxAppends, "Rcc:Engine:MaxEnqueuedRequests must be above Rcc:Log:MaxWaiting and MaxBatchProposals together.");
    }
}
