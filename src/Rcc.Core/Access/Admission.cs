using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>Lets a caller's request through a door: not too many, and what fails on the way is answered as what it is. What is neither busy nor out of reach is a defect, and thrown.</summary>
public sealed class Admission(RequestRates rates, TenantShares shares, Entitlements entitlements, SuspendedText suspended, IOptions<AccessOptions> options, ILogger<Admission> logger)
{
    const string TooBusy = "The server has too much to do at once; try again.";

    static readonly Outcome TooMany = Outcome.TooMany("Too many requests; RequestsPerSecond is the limit.", TimeSpan.FromSeconds(1));

    /// <summary>Carries a command out unless it is refused already.</summary>
    public Task<Outcome> CommandAsync(Caller caller, Outcome? refusal, Func<Task<Answer>> act) =>
        InTurnAsync(caller, refusal, refused => refused, async () => await TellAsync(caller, await CommandAsync(null, act)));

    /// <summary>As the other, for what only tenants get that have contracted <paramref name="service"/>.</summary>
    public Task<Outcome> CommandAsync(Caller caller, Services service, Outcome? refusal, Func<Task<Answer>> act) =>
        CommandAsync(caller, refusal, async () => await entitlements.RefuseAsync(caller.Tenant, service, CancellationToken.None) ?? await act());

    /// <summary>As the other, for what counts as a message of the tenant's plan.</summary>
    public Task<Outcome> PostAsync(Caller caller, Outcome? refusal, Func<Task<Answer>> act) =>
        CommandAsync(caller, refusal ?? entitlements.RequireMessages(caller), act);

    /// <summary>For callers that are nobody yet, whom whoever calls the door limits, and for the platform operator.</summary>
    public async Task<Outcome> CommandAsync(Outcome? refusal, Func<Task<Answer>> act)
    {
        if (refusal is not null)
        {
            return refusal;
        }

        try
        {
            return (await act()).ToOutcome();
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            return Explain(failure);
        }
    }

    /// <summary>Reads unless it is refused already.</summary>
    public Task<Found<T>> ReadAsync<T>(Caller caller, Outcome? refusal, Func<Task<Found<T>>> act)
        where T : class => InTurnAsync(caller, refusal, refused => refused, () => ReadAsync(null, act));

    /// <summary>As the other, for what only tenants get that have contracted <paramref name="service"/>.</summary>
    public Task<Found<T>> ReadAsync<T>(Caller caller, Services service, Outcome? refusal, Func<Task<Found<T>>> act)
        where T : class => ReadAsync<T>(caller, refusal, async () => await entitlements.RequireAsync(caller, service, CancellationToken.None) is { } missing ? missing : await act());

    /// <summary>Reads a page of a list: one item more than it needs tells whether there is more.</summary>
    public Task<Found<Listing<T>>> ListAsync<T>(Caller caller, Outcome? refusal, PageOf page, Func<Guid?, int, Task<IReadOnlyList<T>>> read)
    {
        var length = Listing.Length(page.Limit, options.Value);
        refusal ??= Shape.Limit(page.Limit, options.Value.MaxListItems);
        return ReadAsync<Listing<T>>(caller, refusal, async () => Listing.Of(await read(page.After, length + 1), length));
    }

    /// <summary>As the other, for the platform operator.</summary>
    public Task<Found<Listing<T>>> ListAsync<T>(Outcome? refusal, PageOf page, Func<Guid?, int, Task<IReadOnlyList<T>>> read)
    {
        var length = Listing.Length(page.Limit, options.Value);
        refusal ??= Shape.Limit(page.Limit, options.Value.MaxListItems);
        return ReadAsync<Listing<T>>(refusal, async () => Listing.Of(await read(page.After, length + 1), length));
    }

    /// <summary>For callers that are nobody yet, and for the platform operator.</summary>
    public async Task<Found<T>> ReadAsync<T>(Outcome? refusal, Func<Task<Found<T>>> act)
        where T : class
    {
        if (refusal is not null)
        {
            return refusal;
        }

        try
        {
            return await act();
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            return Explain(failure);
        }
    }

    /// <summary>
    /// For callers that are nobody yet, but a tenant's: what they ask takes that tenant's share. Called in what another of these lets through, and never in one that has taken a turn: who has one must not wait for a second.
    /// </summary>
    /// <param name="tenant">Whose share.</param>
    /// <param name="act">What is read.</param>
    /// <param name="counts">It counts for the rate: false for what goes on with something that was counted.</param>
    public Task<Found<T>> ReadOfAsync<T>(TenantId tenant, Func<Task<Found<T>>> act, bool counts = true)
        where T : class => InShareAsync<Found<T>>(tenant, refused => ToStranger(refused), act, counts);

    /// <summary>As the other, for a command. What fails on the way is answered here.</summary>
    public Task<Outcome> CommandOfAsync(TenantId tenant, Outcome? refusal, Func<Task<Answer>> act, bool counts = true) =>
        refusal is null ? InShareAsync(tenant, ToStranger, () => CommandAsync(null, act), counts) : Task.FromResult(refusal);

    /// <summary>Counts what takes no turn in a tenant's share; null, or why it is refused.</summary>
    public Outcome? CountOf(TenantId tenant) => shares.Count(tenant) is { } refused ? ToStranger(refused) : null;

    /// <summary>Counts what is no door's: a device that synchronises. Null, or why it is refused; what it reads has a limit of its own.</summary>
    public Outcome? Count(Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return rates.TryTake(caller) ? shares.Count(caller.Tenant) : TooMany;
    }

    async Task<T> InTurnAsync<T>(Caller caller, Outcome? refusal, Func<Outcome, T> refuse, Func<Task<T>> act)
    {
        if ((refusal ?? (rates.TryTake(caller) ? null : TooMany)) is { } refused)
        {
            return refuse(refused);
        }

        return await InShareAsync(caller.Tenant, refuse, act);
    }

    /// <summary>Who is nobody yet does not learn whose share it was, nor how large that is.</summary>
    static Outcome ToStranger(Outcome refused) => refused with { Detail = refused.Code == ErrorCode.Busy ? TooBusy : "Too many attempts; wait before the next one." };

    /// <summary>Acts when it is the tenant's turn; for what is no caller's yet, and for what another of these lets through.</summary>
    internal async Task<T> InShareAsync<T>(TenantId tenant, Func<Outcome, T> refuse, Func<Task<T>> act, bool counts = true)
    {
        var turn = shares.Enter(tenant, counts);
        if (turn.Refusal is { } tooMuch)
        {
            return refuse(tooMuch);
        }

        await turn.Begun;
        try
        {
            return await act();
        }
        finally
        {
            turn.End();
        }
    }

    /// <summary>A customer is told of a suspension in the account's own words.</summary>
    async Task<Outcome> TellAsync(Caller caller, Outcome outcome)
    {
        try
        {
            return caller.Role == Role.Customer ? await suspended.PutIntoAsync(outcome, caller.Tenant, CancellationToken.None) : outcome;
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            // It is refused all the same.
            return outcome;
        }
    }

    static bool IsExpected(Exception failure) =>
        failure is BusyException or LimitExceededException or UnavailableException or AppendFailedException or TimeoutException or OrleansMessageRejectionException;

    Outcome Explain(Exception failure)
    {
        if (failure is BusyException or LimitExceededException)
        {
            logger.Busy(failure);
            return Outcome.Refused(ErrorCode.Busy, TooBusy);
        }

        if (failure is AppendFailedException)
        {
            // A defect, of the schema or of ours. Nothing was committed: the command is as good as before when it is mended, and a device that gave up would lose a message.
            logger.AppendFailed(failure);
            return Outcome.Refused(ErrorCode.Unavailable, "The store could not take the change, and nothing was changed; try again.");
        }

        logger.OutOfReach(failure);
        return Outcome.Refused(ErrorCode.Unavailable, "The store or a node cannot be reached, and the outcome may be unknown; try again.");
    }
}
