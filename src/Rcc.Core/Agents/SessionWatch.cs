using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Core.Devices;

namespace Rcc.Core.Agents;

/// <summary>
/// Signs out what is signed in for longer than tenants' policies allow. That no credential of it is good the store says by itself, at once; this ends its connections and tells the person's other devices.
/// What is connected here is in use, and that is kept; where no device can connect there are no links. Runs on every node.
/// </summary>
internal sealed class SessionWatch(IAgentStore store, IGrainFactory grains, TimeProvider clock, IOptions<AgentOptions> options, ILogger<SessionWatch> logger, DeviceLinks? links = null)
    : Rounds(options.Value.SessionInterval, clock)
{
    static readonly TimeSpan KeepUsedEvery = TimeSpan.FromMinutes(20);

    DateTimeOffset keepUsedAt;

    protected override async Task GoRoundAsync(CancellationToken stoppingToken)
    {
        if (links is not null && Clock.GetUtcNow() >= keepUsedAt)
        {
            foreach (var devices in links.Synchronized.Select(link => (link.Caller.Tenant, link.Caller.DeviceId)).Distinct().Chunk(options.Value.MaxSessionsPerLook))
            {
                await store.KeepUsedAsync(devices, stoppingToken);
            }

            keepUsedAt = Clock.GetUtcNow() + KeepUsedEvery;
        }

        foreach (var ended in await store.FindEndedSessionsAsync(options.Value.MaxSessionsPerLook, stoppingToken))
        {
            await grains.GetGrain<IAgentGrain>(ended.Tenant.KeyOf(ended.AgentId)).EndSessionsAsync(ended.Devices, stoppingToken);
        }
    }

    protected override void OnFailed(Exception failure) => logger.SessionRoundFailed(failure);
}
