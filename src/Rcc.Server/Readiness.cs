using Microsoft.Extensions.Diagnostics.HealthChecks;
using Rcc.Core.Access;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Server;

/// <summary>Whether this server can do its work: its store answers, and its tenants' logs were confirmed lately. The schema is this build's, or the server would not have started.</summary>
internal sealed class Readiness(PlatformDoor platform, DeviceLinks links) : IHealthCheck
{
    public const string Live = "/health/live";
    public const string Ready = "/health/ready";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await platform.HasOperatorAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
            return links.MayServe ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("A tenant's log is not confirmed.");
        }
        catch (Exception exception) when (exception is UnavailableException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("The store does not answer.");
        }
    }
}
