using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Routing;

/// <summary>Lets happen what is due in one tenant, and gives what waits to its available agents. Rules are in <see cref="Assignment.Pick"/>; the store is all it remembers.</summary>
[GrainType("routing")]
internal sealed class RoutingGrain(IRoutingStore store, TimeProvider clock, IOptions<RoutingOptions> options, ILogger<RoutingGrain> logger) : Grain, IRoutingGrain
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
                var next = await TickDueAsync(cancellationToken);
                var snapshot = await store.LoadAsync(tenant, options.Value.MaxConversationsPerLook, cancellationToken);
                var given = await GiveAsync(Assignment.Pick(snapshot), cancellationToken);

                // Without progress another look would only find the same.
                again |= given > 0 && snapshot.Waiting.Count == options.Value.MaxConversationsPerLook;
                if (!again && next is { } at)
                {
                    LookAgainAt(at);
                }
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

    /// <summary>Answers when the next will be due.</summary>
    async Task<DateTimeOffset?> TickDueAsync(CancellationToken cancellationToken)
    {
        var due = await store.FindDueAsync(tenant, options.Value.MaxConversationsPerLook, cancellationToken);
        foreach (var conversation in due.Due)
        {
            await GrainFactory.GetGrain<IAssignable>(tenant.KeyOf(conversation)).TickAsync(cancellationToken);
        }

        again |= due.Due.Count == options.Value.MaxConversationsPerLook;
        return due.NextAt;
    }

    /// <summary>A look-round would come by as well, but not on the second.</summary>
    void LookAgainAt(DateTimeOffset at)
    {
        again = true;
        var wait = at - clock.GetUtcNow();
        look.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
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
