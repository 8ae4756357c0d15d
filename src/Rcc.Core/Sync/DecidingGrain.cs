namespace Rcc.Core.Sync;

/// <summary>
/// The shell around the rules of one thing: loads its state, lets the rules decide, hands the change to the tenant's log, and keeps the state after it. What moved in between is found by the
/// log's fences: then it loads and decides again. Memory is only ever ahead of nothing: after an unknown outcome the activation ends.
/// </summary>
/// <typeparam name="TState">What the rules decide on.</typeparam>
internal abstract class DecidingGrain<TState> : Grain
    where TState : class
{
    // Each try but the first costs a read. Several are only needed while two activations of one grain are live.
    const int MaxTries = 8;

    TState? state;
    bool isLoaded;

    protected TenantId Tenant { get; private set; }

    /// <summary>The thing itself; empty where a tenant has one.</summary>
    protected Guid Id { get; private set; }

    /// <summary>The tenant's log.</summary>
    protected ILogGrain Log => field ??= GrainFactory.GetGrain<ILogGrain>(Tenant.Key);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (Tenant, Id) = TenantId.ParseOf(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    protected abstract Task<TState?> LoadAsync(CancellationToken cancellationToken);

    /// <summary>Called after a commit; must not wait for anything.</summary>
    protected virtual void OnCommitted(TState? before, TState after)
    {
    }

    protected Task<Answer> CarryOutAsync(Caller? caller, CommandKey? command, Func<TState?, Decision<TState>> decide, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => new ValueTask<Decision<TState>>(decide(now)), cancellationToken);

    /// <summary>Carries a command out, or answers as its first attempt was answered.</summary>
    protected async Task<Answer> CarryOutAsync(
        Caller? caller, CommandKey? command, Func<TState?, ValueTask<Decision<TState>>> decide, CancellationToken cancellationToken) =>
        (await SettleAsync(caller, command, decide, cancellationToken)).Answer;

    /// <summary>As <see cref="CarryOutAsync(Caller?, CommandKey?, Func{TState?, ValueTask{Decision{TState}}}, CancellationToken)"/>, but answers only when every node has passed it: nobody is served by what was so before.</summary>
    protected async Task<Answer> CarryOutEverywhereAsync(
        Caller? caller, CommandKey? command, ISyncStore numbers, Func<TState?, ValueTask<Decision<TState>>> decide, CancellationToken cancellationToken)
    {
        var result = await SettleAsync(caller, command, decide, cancellationToken);
        if (result.Answer.IsOk)
        {
            // A repetition may come because the first attempt was lost while it waited here.
            var upTo = result.ModSeq > 0 ? result.ModSeq : (await numbers.ReadNewestAsync([Tenant], cancellationToken))[0];
            await Log.WaitUntilPassedAsync(upTo, cancellationToken);
        }

        return result.Answer;
    }

    /// <summary>As the others, and tells apart what the rules refused (<see cref="AppendVerdict.Accepted"/>: nothing was proposed) from what the log did.</summary>
    protected async Task<AppendResult> DecideAndAppendAsync(
        Caller? caller, CommandKey? command, Func<TState?, ValueTask<Decision<TState>>> decide, CancellationToken cancellationToken)
    {
        try
        {
            for (var tries = 1; ; tries++)
            {
                var isFresh = !isLoaded;
                if (isFresh)
                {
                    state = await LoadAsync(cancellationToken);
                    isLoaded = true;
                }

                var decision = await decide(state);
                if (decision.Refusal is { } refusal)
                {
                    // Another activation may have written since: only what the store says now is refused.
                    if (!isFresh)
                    {
                        isLoaded = false;
                        continue;
                    }

                    ForgetNothingness();
                    return await RefuseAsync(caller, command, new(AppendVerdict.Accepted, refusal, 0), cancellationToken);
                }

                var result = await Log.AppendAsync(decision.Change! with { By = caller?.Author, Command = command }, cancellationToken);
                if (result.Verdict == AppendVerdict.Accepted)
                {
                    var before = state;
                    state = decision.Next;
                    OnCommitted(before, decision.Next!);
                    return result;
                }

                isLoaded = false;
                if (result.Verdict != AppendVerdict.Fenced)
                {
                    ForgetNothingness();

                    // What is carried out even when the tenant is suspended is refused only where there is no tenant any more.
                    return result.Verdict == AppendVerdict.Suspended && decision.Change.EvenIfSuspended ? result with { Answer = Decision.NotFound("account") } : Say(result);
                }

                if (tries == MaxTries)
                {
                    return new(AppendVerdict.Fenced, Answer.Refused(ErrorCode.Unavailable, "Others keep changing the same thing; nothing was done."), 0);
                }
            }
        }
        catch
        {
            // What was committed is unknown, so what is in memory may be wrong.
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>What the log refuses is only the end where nobody tries another way.</summary>
    async Task<AppendResult> SettleAsync(Caller? caller, CommandKey? command, Func<TState?, ValueTask<Decision<TState>>> decide, CancellationToken cancellationToken)
    {
        var result = await DecideAndAppendAsync(caller, command, decide, cancellationToken);
        return result.Verdict is AppendVerdict.Full or AppendVerdict.Taken or AppendVerdict.OverQuota ? await RefuseAsync(caller, command, result, cancellationToken) : result;
    }

    /// <summary>
    /// A refusal uses the command's number up, unless it was carried out before: a copy that is still on its way elsewhere, and would be taken by then, must not be carried out behind the back of who
    /// heard that it was refused.
    /// </summary>
    async Task<AppendResult> RefuseAsync(Caller? caller, CommandKey? command, AppendResult refused, CancellationToken cancellationToken)
    {
        if (caller is null || command is null)
        {
            return refused;
        }

        var result = await Log.AppendAsync(new() { By = caller.Author, Command = command, Answer = refused.Answer }, cancellationToken);


        // Where nothing is carried out any more, no copy is either.
        return result.Verdict is AppendVerdict.Accepted or AppendVerdict.Suspended ? refused : Say(result);
    }

    /// <summary>What is in memory; null when the store would have to be asked. Another activation may have written since.</summary>
    protected TState? Known => isLoaded ? state : null;

    /// <summary>Makes the next decision read the store.</summary>
    protected void Forget() => isLoaded = false;

    /// <summary>A thing that does not exist needs no memory until idle collection: anybody may ask for any id.</summary>
    void ForgetNothingness()
    {
        if (state is null)
        {
            DeactivateOnIdle();
        }
    }

    static AppendResult Say(AppendResult result) => result.Verdict switch
    {
        AppendVerdict.NumberReused => With(result, ErrorCode.NumberReused, "The number was used before for another command."),
        AppendVerdict.TooOld => With(result, ErrorCode.TooOld, "The number is older than what is still remembered."),
        AppendVerdict.SignedOut => With(result, ErrorCode.Unauthenticated, "The device was signed out."),
        AppendVerdict.Suspended => With(result, ErrorCode.Suspended, "The account is suspended."),
        AppendVerdict.Full => With(result, ErrorCode.Conflict, "The agent has no capacity left."),
        AppendVerdict.Taken => With(result, ErrorCode.Taken, result.Answer.Detail ?? "The name, address or id is already used."),
        _ => result,
    };

    static AppendResult With(AppendResult result, ErrorCode code, string detail) => result with { Answer = Answer.Refused(code, detail) };
}
