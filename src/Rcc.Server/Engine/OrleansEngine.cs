using System.ComponentModel.DataAnnotations;
using System.Net;
using Orleans.Configuration;

namespace Rcc.Server.Engine;

/// <summary>How servers find each other and form one cluster.</summary>
internal sealed class ClusterSettings
{
    public const string Section = "Rcc:Cluster";

    /// <summary>Servers with the same id form one cluster; a new id for each deployment that must not mix with the old one. Default <c>rcc</c>.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public string ClusterId { get; set; } = "rcc";

    /// <summary>Names the product's data; never change it. Default <c>rcc</c>.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public string ServiceId { get; set; } = "rcc";

    /// <summary>The address other servers reach this one at. Default loopback: servers of one machine.</summary>
    [Required]
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>The port servers talk to each other on. Default 11111; servers on one machine need one each.</summary>
    [Range(1, 65535)]
    public int SiloPort { get; set; } = 11111;

    /// <summary>Listen on all addresses, not only on the advertised one: behind a container's address translation. Default no.</summary>
    public bool ListenOnAnyAddress { get; set; }

    /// <summary>How long a grain call may take. Default 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:00:30")]
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Requests that may wait at one grain before further ones are refused as busy. Default 12,000; more than a tenant's log has at most.</summary>
    [Range(1, 2_000_000)]
    public int MaxEnqueuedRequests { get; set; } = 12_000;
}

/// <summary>Hosts the grains with Microsoft Orleans: this server is one silo of a cluster that meets in PostgreSQL.</summary>
internal static class GrainEngine
{
    public const string Name = "orleans";

    const string Invariant = "Npgsql";

    public static void AddGrainEngine(this WebApplicationBuilder builder, string connectionString)
    {
        builder.Services.AddOptions<ClusterSettings>().BindConfiguration(ClusterSettings.Section).ValidateDataAnnotations()
            .Validate(s => IPAddress.TryParse(s.AdvertisedAddress, out _), $"{ClusterSettings.Section}:AdvertisedAddress must be an IP address.")
            .ValidateOnStart();
        var settings = builder.Configuration.GetSection(ClusterSettings.Section).Get<ClusterSettings>() ?? new();
        builder.Services.RequireRoomForLogs(ClusterSettings.Section, settings.MaxEnqueuedRequests);
        if (!IPAddress.TryParse(settings.AdvertisedAddress, out var address))
            throw new InvalidOperationException($"{ClusterSettings.Section}:AdvertisedAddress is '{settings.AdvertisedAddress}'; it must be an IP address.");

        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (settings.ClusterId, settings.ServiceId));

            // No client outside the cluster calls grains: without a gateway there is no such way in.
            silo.ConfigureEndpoints(address, settings.SiloPort, gatewayPort: 0, settings.ListenOnAnyAddress);
            silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, connectionString));
            silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (Invariant, connectionString));
            silo.AddAdoNetGrainStorageAsDefault(o => (o.Invariant, o.ConnectionString) = (Invariant, connectionString));
            silo.AddActivityPropagation();

            // A dead server is voted out within some ten seconds: three missed probes, two seconds apart.
            silo.Configure<ClusterMembershipOptions>(o =>
            {
                o.ProbeTimeout = TimeSpan.FromSeconds(2);
                o.NumMissedProbesLimit = 3;
                o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
                o.MaxJoinAttemptTime = TimeSpan.FromSeconds(60);
            });
            silo.Configure<SiloMessagingOptions>(o =>
            {
                o.ResponseTimeout = settings.ResponseTimeout;
                o.MaxEnqueuedRequestsSoftLimit = settings.MaxEnqueuedRequests;
                o.MaxEnqueuedRequestsHardLimit = settings.MaxEnqueuedRequests;
            });
        });
    }
}
