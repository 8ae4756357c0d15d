using Orleans.Runtime;
using Rcc.LocalSilo;

namespace Orleans;

/// <summary>Base of all grain classes.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Called by the engine. Made elsewhere, as in a plain unit test, a grain has no context.</summary>
    protected Grain()
        : this(Activation.Constructing!)
    {
    }

    /// <summary>For tests that bring a context of their own.</summary>
    /// <param name="grainContext">The activation this object belongs to.</param>
    protected Grain(IGrainContext grainContext) => GrainContext = grainContext;

    /// <inheritdoc/>
    public IGrainContext GrainContext { get; }

    /// <summary>The grain's type and key, for logs.</summary>
    public string IdentityString => Hosted.Mailbox.ToString();

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => Hosted.Mailbox.Silo;

    /// <summary>The services of the activation's own scope.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext.ActivationServices;

    internal Activation Hosted => GrainContext as Activation
        ?? throw new InvalidOperationException($"This {GetType().Name} was made outside a silo, so it has no activation.");

    /// <summary>Runs before the first request. When it throws, the waiting callers get its exception and the next call tries again.</summary>
    /// <param name="cancellationToken">Cancelled when activation takes too long.</param>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last request. Best effort: a killed process does not run it.</summary>
    /// <param name="reason">Why the activation ends.</param>
    /// <param name="cancellationToken">Cancelled when deactivation takes too long.</param>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation once the requests it is running have finished; requests still waiting go to the next one.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>Keeps idle collection away from this activation.</summary>
    /// <param name="timeSpan">For how long; zero takes an earlier delay back, <see cref="Timeout.InfiniteTimeSpan"/> means for good.</param>
    protected void DelayDeactivation(TimeSpan timeSpan) => Hosted.DelayDeactivation(timeSpan);
}
