using Rcc.Core;
using Rcc.LocalSilo;

namespace Rcc.Server.Engine;

/// <summary>Hosts the grains with the embedded engine: one process, no packages.</summary>
internal static class GrainEngine
{
    public const string Name = "local";

    const string Section = "Rcc:Engine";

    public static void AddGrainEngine(this WebApplicationBuilder builder, string connectionString)
    {
        _ = connectionString;
        builder.Services.AddLocalSilo(options =>
        {
            builder.Configuration.GetSection(Section).Bind(options);
            options.Assemblies.Add(typeof(Caller).Assembly);
        });
        var settings = builder.Configuration.GetSection(Section).Get<LocalSiloOptions>() ?? new();
        builder.Services.RequireRoomForLogs(Section, settings.MaxEnqueuedRequests);
    }
}
