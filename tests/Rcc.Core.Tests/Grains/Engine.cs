using Microsoft.Extensions.Hosting;
#if ORLEANS
using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;
#else
using Rcc.LocalSilo;
#endif

namespace Rcc.Core.Tests.Grains;

/// <summary>The engine this build is for.</summary>
static class Engine
{
#if ORLEANS
    public static void Add(HostApplicationBuilder builder) => builder.UseOrleans(silo =>
    {
        // Each node is a cluster of its own: what would be one grain in one cluster is live in both.
        silo.UseLocalhostClustering(FreePort(), FreePort(), serviceId: "rcc", clusterId: Guid.NewGuid().ToString("N"));
        silo.Configure<GrainCollectionOptions>(options => options.CollectionAge = TimeSpan.FromMinutes(5));
    });

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
#else
    public static void Add(HostApplicationBuilder builder) => builder.Services.AddLocalSilo(options => options.Assemblies.Add(typeof(RoomsRegistration).Assembly));
#endif
}
