using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Routing;

/// <summary>Gives what waits in one tenant to its available agents. Rules are in <see cref="Assignment.Pick"/>; the store is all it remembers.</summary>
[GrainType("routing")]
internal sealed class RoutingGrain(IRoutingStore store, IOptions<RoutingOptions> options, ILogger<RoutingGrain> logger) : Grain, IRoutingGrain
{
    TenantId tenant;
    IGrainTimer look = null!;      // set in OnActivateAsync, before any call arrives
    bool isLooking;
    bool again;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        tenant = TenantId.Parse(this.GetPrimaryKeyString());

        // A timer's turn has no caller: a conversation may make routing look and be given away by it.
        look = this.RegisterGrainTimer(LookRoundAsync, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });
        return Task.CompletedTask;
    }

    public Task LookAsync(CancellationToken cancellationToken)
    {
        again = true;
        if (!isLooking)
        {
            look.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        return Task.CompletedTask;
    }

    async Task LookRoundAsync(CancellationToken cancellationToken)
    {
        isLooking = true;
        try
        {
            while (again)
            {
                again = false;
                var snapshot = await store.LoadAsync(tenant, options.Value.MaxConversationsPerLook, cancellationToken);
                var given = await GiveAsync(Assignment.Pick(snapshot), cancellationToken);

                // Without progress another look would only find the same.
                again |= given > 0 && snapshot.Waiting.Count == options.Value.MaxConversationsPerLook;
            }
        }
        catch (Exception failure)
        {
            logger.LookFailed(failure, tenant);
        }
        finally
        {
            isLooking = false;
        }
    }

    async Task<int> GiveAsync(IReadOnlyList<Assignment> assignments, CancellationToken cancellationToken)
    {
        var given = 0;
        foreach (var (conversation, agent) in assignments)
        {
            var taken = await GrainFactory.GetGrain<IAssignable>(tenant.KeyOf(conversation)).GiveAsync(agent, cancellationToken);
            logger.Given(tenant, conversation, agent, taken);
            given += taken ? 1 : 0;
        }

        return given;
    }
}
