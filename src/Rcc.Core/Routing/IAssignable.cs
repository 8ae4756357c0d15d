namespace Rcc.Core.Routing;

/// <summary>What routing gives to agents: a conversation, keyed by <see cref="TenantId.KeyOf"/>.</summary>
[Alias("rcc.IAssignable")]
public interface IAssignable : IGrainWithStringKey
{
    /// <summary>Gives what waits to an agent; false when it does not wait any more.</summary>
    [Alias("Give")]
    Task<bool> GiveAsync(Guid agent, CancellationToken cancellationToken);
}
