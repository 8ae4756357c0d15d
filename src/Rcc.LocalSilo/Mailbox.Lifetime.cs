using Orleans;
using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>How activations begin and end.</summary>
sealed partial class Mailbox
{
    /// <summary>Ends the activation after the requests it is running. No effect when it is no longer the current one.</summary>
    public void RequestEnd(Activation owner, DeactivationReason reason)
    {
        bool start;
        lock (gate)
        {
            if (!ReferenceEquals(activation, owner) || phase is not (Phase.Activating or Phase.Active))
            {
                return;
            }

            ending ??= reason;
            start = Schedule();
        }

        StartTurn(start);
    }

    /// <summary>Ends the activation when it has been idle for long enough.</summary>
    public void CollectIfIdle(TimeSpan now)
    {
        Activation idle;
        lock (gate)
        {
            if (phase != Phase.Active || calls.AnyRunning || calls.FirstWaiting() is not null || activation is null
                || now < activation.KeptUntil || now - lastUsed < Class.CollectionAge)
            {
                return;
            }

            idle = activation;
        }

        RequestEnd(idle, new(DeactivationReasonCode.ActivationIdle, $"Idle for {Class.CollectionAge}."));
    }

    /// <summary>Lets the waiting requests run, then ends the activation. The task completes when the grain is out of memory.</summary>
    public Task StopAsync(DeactivationReason reason)
    {
        bool start;
        Task task;
        lock (gate)
        {
            if (phase == Phase.Dead)
            {
                return Task.CompletedTask;
            }

            stopping ??= reason;
            stopped ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            task = stopped.Task;
            start = Schedule();
        }

        StartTurn(start);
        return task;
    }

    /// <summary>Answers every outstanding call with an exception; what runs, runs on.</summary>
    public void Abandon(Exception exception)
    {
        List<GrainCall> all;
        lock (gate)
        {
            all = calls.All();
        }

        all.ForEach(call => call.TryFail(exception));
    }

    async Task ActivateAsync()
    {
        var starting = new Activation(this);
        lock (gate)
        {
            activation = starting;
        }

        try
        {
            await starting.StartAsync();
        }
        catch (Exception exception)
        {
            Silo.Log.ActivationFailed(exception, ToString());
            await starting.EndAsync();
            LeaveTo(exception);
            return;
        }

        bool start;
        List<GrainCall>? refused = null;
        lock (gate)
        {
            phase = Phase.Active;
            lastUsed = Silo.Now;
            if (ending is not null)
            {
                // Otherwise each activation would hand the same requests to the next one for ever.
                refused = calls.TakeWaiting();
            }

            start = Schedule();
        }

        refused?.ForEach(call => call.TryFail(new OrleansMessageRejectionException($"{this} ended itself while it was activated.")));
        StartTurn(start);
    }

    async Task DeactivateAsync()
    {
        try
        {
            await activation!.StopAsync(ending!.Value);
        }
        catch (Exception exception)
        {
            Silo.Log.DeactivationFailed(exception, ToString());
        }

        await activation!.EndAsync();
        bool start;
        lock (gate)
        {
            calls.DropTicks();
            Vacate();
            start = Schedule();
        }

        StartTurn(start);
    }

    /// <summary>After a failed activation: those who wait get its exception, the next call tries again.</summary>
    void LeaveTo(Exception exception)
    {
        List<GrainCall> failed;
        bool start;
        lock (gate)
        {
            failed = calls.TakeWaiting();
            Vacate();
            start = Schedule();
        }

        failed.ForEach(call => call.TryFail(exception));
        StartTurn(start);
    }

    void Vacate()
    {
        activation = null;
        ending = null;
        phase = Phase.Vacant;
        if (calls.FirstWaiting() is null)
        {
            Die();
        }
    }

    void Die()
    {
        phase = Phase.Dead;
        Class.Remove(this);
        stopped?.SetResult();
    }
}
