using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Core.Sync;

namespace Rcc.Core.Routing;

/// <summary>Lets happen what is due in one tenant, and gives what waits to its available agents. Rules are in <see cref="RoutingPlan"/>; the store is all it remembers.</summary>
[GrainType("routing")]
internal sealed class RoutingGrain(IRoutingStore store, IQueueStore queues, TimeProvider clock, IOptions<RoutingOptions> options, ILogger<RoutingGrain> logger) : Grain, IRoutingGrain
{
    /// <summary>A timer takes no more than some weeks.</summary>
    static readonly TimeSpan MaxSleep = TimeSpan.FromHours(1);

    readonly PlaceNotices notices = new(options.Value.PlacesRepeat);

    /// <summary>What could not be dealt with in this look: it would take the place of what can.</summary>
    readonly HashSet<Guid> failed = [];

    TenantId tenant;

    // Set in OnActivateAsync, before any call arrives.
    IGrainTimer look = null!;
    IGrainTimer tell = null!;

    bool isLooking;
    bool again;
    bool takesBack;
    DateTimeOffset toldAt;
    bool tellsPlaces;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        tenant = TenantId.Parse(this.GetPrimaryKeyString());

        // A timer's turn has no caller: a conversation may make routing look and be given away by it.
        look = this.RegisterGrainTimer(LookRoundAsync, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });
        tell = this.RegisterGrainTimer(TellPlacesAsync, new() { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan });
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

    public Task TakeBackAsync(CancellationToken cancellationToken)
    {
        takesBack = true;
        return LookAsync(cancellationToken);
    }

    async Task LookRoundAsync(CancellationToken cancellationToken)
    {
        isLooking = true;
        failed.Clear();
        var hasLines = false;
        try
        {
            do
            {
                again = false;
                var failedBefore = failed.Count;
                await TakeBackHeldAsync(cancellationToken);
                var (at, due) = await TickDueAsync(cancellationToken);
                var snapshot = await store.LoadAsync(tenant, options.Value.MaxConversationsPerLook, cancellationToken);
                hasLines |= snapshot.HasLines;
                var plan = RoutingPlan.Make(tenant, snapshot with { Waiting = [.. snapshot.Waiting.Where(one => !failed.Contains(one.Id))] }, at, options.Value.OfferAgainAfter);
                var moved = await CountAsync(plan.Moves, move => move.Conversation, move => At(move.Conversation).MoveAsync(move.From, move.To, cancellationToken));
                moved += await CountAsync(plan.GivenBack, id => id, id => At(id).GiveBackAsync(cancellationToken));
                await CountAsync(plan.Notices, notice => notice.Conversation, notice => At(notice.Conversation).TellOfflineAsync(notice.Text, cancellationToken));
                var given = await CountAsync(plan.Picked, assignment => assignment.Conversation, assignment => GiveAsync(assignment, cancellationToken));

                // What was given made room for what was not looked at, what was not taken is to go to another, and what was moved to somebody there; what failed keeps nobody from what comes after it.
                // Without progress another look would only find the same.
                again |= moved > 0 || (given > 0 && (given < plan.Picked.Count || plan.Picked.Count >= options.Value.MaxConversationsPerLook)) || failed.Count > failedBefore;
                if (!again && Earlier(due, plan.LookAgainAt) is { } next)
                {
                    LookAgainIn(next - at);
                }
            }
            while (again);
        }
        catch (Exception failure)
        {
            logger.LookFailed(failure, tenant);
        }
        finally
        {
            isLooking = false;
        }

        if (hasLines || notices.AnyTold)
        {
            TellPlacesSoon();
        }
    }

    /// <summary>While somebody waits it goes on by itself; where nobody does, nothing is asked.</summary>
    void TellPlacesSoon()
    {
        if (!tellsPlaces && options.Value.MaxPlacesTold > 0)
        {
            tellsPlaces = true;
            var wait = toldAt + options.Value.PlacesInterval - clock.GetUtcNow();
            tell.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
        }
    }

    async Task TellPlacesAsync(CancellationToken cancellationToken)
    {
        toldAt = clock.GetUtcNow();
        tellsPlaces = false;
        try
        {
            var lines = await queues.ListLinesAsync(tenant, toldAt - WaitEstimate.Window, WaitEstimate.Sample, options.Value.MaxPlacesTold, cancellationToken);
            var log = GrainFactory.GetGrain<ILogGrain>(tenant.Key);
            var missing = notices.Missing(lines);
            var further = missing.Count > 0 ? await queues.FilterWaitingAsync(tenant, missing, cancellationToken) : [];
            foreach (var notice in notices.Due(lines, further, toldAt))
            {
                await log.TellAsync(notice.ToEvent(tenant), cancellationToken);
            }

            if (lines.Count > 0)
            {
                TellPlacesSoon();
            }
        }
        catch (Exception failure)
        {
            // The next look begins it again.
            logger.PlacesNotTold(failure, tenant);
        }
    }

    async Task TakeBackHeldAsync(CancellationToken cancellationToken)
    {
        if (takesBack)
        {
            takesBack = false;
            IReadOnlyList<Guid> held = [];
            do
            {
                held = await store.FindHeldAsync(tenant, held.Count > 0 ? held[^1] : null, options.Value.MaxConversationsPerLook, cancellationToken);
                await CountAsync(held, id => id, id => At(id).TakeBackAsync(cancellationToken));
            }
            while (held.Count == options.Value.MaxConversationsPerLook);
        }
    }

    /// <summary>Answers what time it is by the store's clock, and when the next will be due.</summary>
    async Task<(DateTimeOffset At, DateTimeOffset? NextAt)> TickDueAsync(CancellationToken cancellationToken)
    {
        DueConversations? due = null;
        do
        {
            var after = due?.Due[^1];
            due = await store.FindDueAsync(tenant, after, options.Value.MaxConversationsPerLook, cancellationToken);
            var at = due.At;
            await CountAsync(due.Due, one => one.Id, async one =>
            {
                await At(one.Id).TickAsync(at, cancellationToken);
                return true;
            });
        }
        while (due.Due.Count == options.Value.MaxConversationsPerLook);
        return (due.At, due.NextAt);
    }

    /// <summary>A look-round would come by as well, but not on the second. A timer drops what is less than a millisecond, and would look again and again in the last one.</summary>
    void LookAgainIn(TimeSpan wait) =>
        look.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < MaxSleep ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : MaxSleep, Timeout.InfiniteTimeSpan);

    IAssignable At(Guid conversation) => GrainFactory.GetGrain<IAssignable>(tenant.KeyOf(conversation));

    /// <summary>Does it to all, some at a time, so that many go into one commit; answers to how many it was done. One that fails does not keep it from the others.</summary>
    async Task<int> CountAsync<T>(IReadOnlyList<T> all, Func<T, Guid> idOf, Func<T, Task<bool>> act)
    {
        var done = 0;
        foreach (var some in all.Chunk(options.Value.MaxGivenAtOnce))
        {
            done += (await Task.WhenAll(some.Select(TryAsync))).Count(succeeded => succeeded);
        }

        return done;

        async Task<bool> TryAsync(T one)
        {
            try
            {
                return await act(one);
            }
            catch (Exception failure)
            {
                failed.Add(idOf(one));
                logger.ConversationFailed(failure, tenant, idOf(one));
                return false;
            }
        }
    }

    async Task<bool> GiveAsync(Assignment assignment, CancellationToken cancellationToken)
    {
        var (conversation, agent, answerWithin) = assignment;
        var taken = answerWithin is { } within ? await At(conversation).OfferAsync(agent, within, cancellationToken) : await At(conversation).GiveAsync(agent, cancellationToken);
        logger.Given(tenant, conversation, agent, taken);
        return taken;
    }

    static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;
}
