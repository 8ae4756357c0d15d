using Microsoft.Extensions.Logging;

namespace Rcc.Core.Agents;

/// <summary>Tells an agent's grain that the agent answers. Should it not arrive, one miss more may be counted.</summary>
internal static class OfferAnswers
{
    public static void TellOfAnswer(this IGrainFactory grains, TenantId tenant, Guid agent, ILogger logger) => _ = TellAsync(grains.GetGrain<IAgentGrain>(tenant.KeyOf(agent)), tenant, agent, logger);

    static async Task TellAsync(IAgentGrain grain, TenantId tenant, Guid agent, ILogger logger)
    {
        try
        {
            await grain.AnswerOfferAsync(CancellationToken.None);
        }
        catch (Exception failure)
        {
            logger.AnswerNotTold(failure, tenant, agent);
        }
    }
}
