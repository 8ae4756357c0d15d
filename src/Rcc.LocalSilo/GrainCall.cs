using System.Diagnostics;

namespace Rcc.LocalSilo;

/// <summary>One call on its way: who is called, by whom, until when. The arguments are in the emitted subclasses.</summary>
abstract class GrainCall
{
    static readonly AsyncLocal<GrainCall?> Running = new();

    CancellationTokenRegistration cancellation;
    int settled;

    /// <summary>The call whose code is running here. A settled one counts no more: nobody waits for what it still does.</summary>
    public static GrainCall? Current => Running.Value is { IsSettled: false } call ? call : null;

    public CallTarget Target { get; set; } = null!;

    /// <summary>Who runs the call and wants to know when it has ended.</summary>
    public ICallRunner Runner { get; set; } = null!;

    public GrainMethod Method { get; set; } = null!;

    /// <summary>The call that waits for this one. Cleared when this one is settled, so that chains neither grow nor lie.</summary>
    public GrainCall? Caller { get; set; }

    public Activity? Activity { get; set; }

    /// <summary>Made by a call that its target is still running, so that it must not wait behind others in the target's queue.</summary>
    public bool Nested { get; set; }

    public long Sequence { get; set; }

    public TimeSpan SentAt { get; set; }

    public TimeSpan Deadline { get; set; }

    /// <summary>Neighbours among the outstanding calls of the target; its lock guards them.</summary>
    public GrainCall? Previous { get; set; }

    public GrainCall? Next { get; set; }

    public bool Listed { get; set; }

    /// <summary>Whether the end of this call counts as use of the activation.</summary>
    public bool KeepsAlive { get; init; } = true;

    public bool IsSettled => Volatile.Read(ref settled) != 0;

    /// <summary>Invokes the method and, when it has ended, settles the call and tells the target.</summary>
    public abstract void Run(object instance);

    /// <summary>Answers with an exception. False when the call was settled already.</summary>
    public abstract bool TryFail(Exception exception);

    protected abstract void Cancel(CancellationToken token);

    /// <summary>Runs the call as a link of its chain and within its caller's activity, and no more of its caller's execution
    /// context: what else flows in one process does not flow between machines.</summary>
    public void RunInChain(object instance)
    {
        Running.Value = this;
        RunOutsideChains(instance);
    }

    public void RunOutsideChains(object instance)
    {
        if (Activity is not null)
        {
            Activity.Current = Activity;
        }

        Run(instance);
    }

    public void CancelWith(CancellationToken token)
    {
        if (!token.CanBeCanceled)
        {
            return;
        }

        cancellation = token.UnsafeRegister(
            static (call, cancelled) =>
            {
                if (((GrainCall)call!).TrySettle())
                {
                    ((GrainCall)call).Cancel(cancelled);
                }
            },
            this);
        if (IsSettled)
        {
            cancellation.Unregister();
        }
    }

    public override string ToString() => $"{Target} {Method}";

    /// <summary>True for the one who may answer.</summary>
    protected bool TrySettle()
    {
        if (Interlocked.Exchange(ref settled, 1) != 0)
        {
            return false;
        }

        Caller = null;
        cancellation.Unregister();
        return true;
    }
}

/// <summary>A call that somebody may wait for.</summary>
abstract class AnsweredCall<T> : GrainCall
{
    TaskCompletionSource<T>? answer;

    /// <summary>The task its caller gets; a call without one is one-way.</summary>
    public Task<T> Expect()
    {
        // Whoever cancels or times a call out must not run the caller's code on its own thread.
        answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return answer.Task;
    }

    public override bool TryFail(Exception exception)
    {
        if (!TrySettle())
        {
            return false;
        }

        if (answer is null)
        {
            Target.Silo.Log.OneWayCallFailed(exception, ToString());
        }
        else
        {
            answer.SetException(exception);
        }

        return true;
    }

    protected override void Cancel(CancellationToken token) => answer?.SetCanceled(token);

    protected void Succeed(T result)
    {
        if (TrySettle())
        {
            answer?.SetResult(result);
        }
    }
}

/// <summary>Base of the emitted calls of methods that return <see cref="Task{T}"/> or <see cref="ValueTask{T}"/>.</summary>
abstract class ResultCall<T> : AnsweredCall<T>
{
    public abstract ValueTask<T> Invoke(object instance);

    public sealed override void Run(object instance)
    {
        ValueTask<T> result;
        try
        {
            result = Invoke(instance);
        }
        catch (Exception exception)
        {
            result = ValueTask.FromException<T>(exception);
        }

        if (result.IsCompletedSuccessfully)
        {
            Succeed(result.Result);
            Runner.Finished(this);
        }
        else
        {
            _ = AnswerAsync(result);
        }
    }

    async Task AnswerAsync(ValueTask<T> result)
    {
        try
        {
            Succeed(await result);
        }
        catch (Exception exception)
        {
            TryFail(exception);
        }

        Runner.Finished(this);
    }
}

/// <summary>Base of the emitted calls of methods that return <see cref="Task"/> or <see cref="ValueTask"/>.</summary>
abstract class VoidCall : AnsweredCall<bool>
{
    public abstract ValueTask Invoke(object instance);

    public sealed override void Run(object instance)
    {
        ValueTask done;
        try
        {
            done = Invoke(instance);
        }
        catch (Exception exception)
        {
            done = ValueTask.FromException(exception);
        }

        if (done.IsCompletedSuccessfully)
        {
            done.GetAwaiter().GetResult();
            Succeed(true);
            Runner.Finished(this);
        }
        else
        {
            _ = AnswerAsync(done);
        }
    }

    async Task AnswerAsync(ValueTask done)
    {
        try
        {
            await done;
            Succeed(true);
        }
        catch (Exception exception)
        {
            TryFail(exception);
        }

        Runner.Finished(this);
    }
}

/// <summary>The engine's own work in an activation's turn: starting it, ending it, a tick of a timer.</summary>
sealed class TurnCall(Func<Task> run) : GrainCall
{
    public override void Run(object instance) => _ = RunAsync();

    public override bool TryFail(Exception exception) => TrySettle();

    protected override void Cancel(CancellationToken token)
    {
    }

    async Task RunAsync()
    {
        try
        {
            await run();
        }
        finally
        {
            TrySettle();
            Runner.Finished(this);
        }
    }
}
