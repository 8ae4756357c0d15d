namespace Rcc.Core.Routing;

/// <summary>What routing gives to agents: a conversation, keyed by <see cref="TenantId.KeyOf"/>.</summary>
[Alias("rcc.IAssignable")]
public interface IAssignable : IGrainWithStringKey
{
    /// <summary>Gives what waits to an agent; false when it does not wait any more.</summary>
    [Alias("Give")]
    Task<bool> GiveAsync(Guid agent, CancellationToken cancellationToken);

    /// <summary>Offers what waits to an agent, who is to answer within a time; false when it does not wait any more, or the agent has no capacity left.</summary>
    [Alias("Offer")]
    Task<bool> OfferAsync(Guid agent, TimeSpan answerWithin, CancellationToken cancellationToken);

    /// <summary>Lets what waits in one queue go on waiting in another; false when it does not wait there any more.</summary>
    [Alias("Move")]
    Task<bool> MoveAsync(Guid from, Guid to, CancellationToken cancellationToken);

    /// <summary>Tells the customer, once, that nobody is there now; false when it was told, or it does not wait any more.</summary>
    [Alias("TellOffline")]
    Task<bool> TellOfflineAsync(string text, CancellationToken cancellationToken);

    /// <summary>Lets happen what is due by time alone. <paramref name="at"/> is the time by which it was found due.</summary>
    [Alias("Tick")]
    Task TickAsync(DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Gives a transfer that waits in a queue in vain back to who had it; false when none waits.</summary>
    [Alias("GiveBack")]
    Task<bool> GiveBackAsync(CancellationToken cancellationToken);

    /// <summary>Takes it from an agent who was suspended or removed, so that it waits again, and recalls an offer to one who has gone; false when there is nobody such.</summary>
    [Alias("TakeBack")]
    Task<bool> TakeBackAsync(CancellationToken cancellationToken);
}
