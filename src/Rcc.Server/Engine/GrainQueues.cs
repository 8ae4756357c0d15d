using Rcc.Core.Sync;

namespace Rcc.Server.Engine;

/// <summary>What requests wait in at a grain, whichever engine hosts it.</summary>
internal static class GrainQueues
{
    /// <summary>
    /// Refuses to start when fewer requests may wait at a grain than a tenant's log has at most. The rule is the log's, checked with its other limits: a rule of the engine's settings that
    /// read the log's would fail with them, and every wrong limit of the log would be told twice.
    /// </summary>
    /// <param name="services">The program's.</param>
    /// <param name="section">Where the engine's settings are.</param>
    /// <param name="maxEnqueuedRequests">What they say.</param>
    public static void RequireRoomForLogs(this IServiceCollection services, string section, int maxEnqueuedRequests) => services.AddOptions<LogOptions>().Validate(
        log => maxEnqueuedRequests > log.MaxAppends, $"{section}:MaxEnqueuedRequests must be above Rcc:Log:MaxWaiting and MaxBatchProposals together.");
}
