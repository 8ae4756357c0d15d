using System.Reflection;
using Microsoft.Extensions.Options;

namespace Rcc.LocalSilo;

/// <summary>Which grains the silo hosts, and its limits. Checked at start; all errors are told at once.</summary>
public sealed class LocalSiloOptions
{
    /// <summary>Where grain classes are looked for.</summary>
    public IList<Assembly> Assemblies { get; } = [];

    /// <summary>Requests, waiting and running, that one activation or observer may have. The next one fails with
    /// <see cref="Orleans.Runtime.LimitExceededException"/>. Default 12,000.</summary>
    public int MaxEnqueuedRequests { get; set; } = 12_000;

    /// <summary>Activations the silo may have; a call that needs one more fails with
    /// <see cref="Orleans.Runtime.LimitExceededException"/>. Default 1,000,000.</summary>
    public int MaxActivations { get; set; } = 1_000_000;

    /// <summary>How long a caller waits before it gets a <see cref="TimeoutException"/>; what it called may still run. Default 30 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often overdue calls are looked for, and so how late a time-out can be. Default 250 ms.</summary>
    public TimeSpan ResponseTimeoutCheckInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long an activation may be idle before it is ended. Default 15 min; a class may say otherwise with
    /// <see cref="Orleans.CollectionAgeLimitAttribute"/> or <see cref="Orleans.KeepAliveAttribute"/>.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for. Default 1 min.</summary>
    public TimeSpan CollectionInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long <see cref="Orleans.Grain.OnActivateAsync"/> may take; then the waiting callers get a <see cref="TimeoutException"/>. Default 30 s.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <see cref="Orleans.Grain.OnDeactivateAsync"/> may take; then it is no longer waited for. Default 30 s.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop waits for requests and deactivations. The host's own shutdown time-out must be longer. Default 20 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);
}

sealed class LocalSiloOptionsValidator : IValidateOptions<LocalSiloOptions>
{
    public ValidateOptionsResult Validate(string? name, LocalSiloOptions options)
    {
        var errors = new List<string>();
        if (options.Assemblies.Count == 0)
        {
            errors.Add($"{nameof(LocalSiloOptions.Assemblies)} is empty: name the assemblies that hold the grain classes.");
        }

        Require(nameof(LocalSiloOptions.MaxEnqueuedRequests), options.MaxEnqueuedRequests);
        Require(nameof(LocalSiloOptions.MaxActivations), options.MaxActivations);
        RequireTime(nameof(LocalSiloOptions.ResponseTimeout), options.ResponseTimeout);
        RequireTime(nameof(LocalSiloOptions.ResponseTimeoutCheckInterval), options.ResponseTimeoutCheckInterval);
        RequireTime(nameof(LocalSiloOptions.CollectionAge), options.CollectionAge);
        RequireTime(nameof(LocalSiloOptions.CollectionInterval), options.CollectionInterval);
        RequireTime(nameof(LocalSiloOptions.ActivationTimeout), options.ActivationTimeout);
        RequireTime(nameof(LocalSiloOptions.DeactivationTimeout), options.DeactivationTimeout);
        RequireTime(nameof(LocalSiloOptions.StopTimeout), options.StopTimeout);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Require(string option, int value)
        {
            if (value < 1)
            {
                errors.Add($"{option} is {value}; it must be at least 1.");
            }
        }

        void RequireTime(string option, TimeSpan value)
        {
            // The longest time a timer takes.
            if (value < TimeSpan.FromMilliseconds(1) || value.TotalMilliseconds > uint.MaxValue - 1)
            {
                errors.Add($"{option} is {value}; it must be between a millisecond and 49 days.");
            }
        }
    }
}
