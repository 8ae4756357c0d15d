using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything a call can be addressed to: a grain, a reference to one, or an observer.</summary>
    public interface IAddressable;

    /// <summary>What the engine keeps for one activation of a grain.</summary>
    public interface IGrainContext
    {
        /// <summary>The grain, or null before its constructor has run.</summary>
        object? GrainInstance { get; }

        /// <summary>The services of the activation's own scope, disposed when the activation ends.</summary>
        IServiceProvider ActivationServices { get; }

        /// <summary>Completes when the activation has ended.</summary>
        Task Deactivated { get; }

        /// <summary>Ends the activation once the requests it is running have finished.</summary>
        /// <param name="deactivationReason">Told to <see cref="IGrainBase.OnDeactivateAsync"/>.</param>
        /// <param name="cancellationToken">Not looked at by this engine.</param>
        void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
    }
}

namespace Orleans
{
    /// <summary>Base of all grain interfaces.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain whose key is a string.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>An object outside the grains that grains may call.</summary>
    /// <remarks>Its calls run one at a time, in order, except those marked <see cref="Concurrency.AlwaysInterleaveAttribute"/>.</remarks>
    public interface IGrainObserver : IAddressable;

    /// <summary>What every grain class implements, by deriving from <see cref="Grain"/>.</summary>
    public interface IGrainBase
    {
        /// <summary>The activation this object belongs to.</summary>
        IGrainContext GrainContext { get; }

        /// <summary>Runs before the first request. When it throws, the waiting callers get its exception and the next call tries again.</summary>
        /// <param name="cancellationToken">Cancelled when activation takes too long.</param>
        Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        /// <summary>Runs after the last request. Best effort: a killed process does not run it.</summary>
        /// <param name="reason">Why the activation ends.</param>
        /// <param name="cancellationToken">Cancelled when deactivation takes too long.</param>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
