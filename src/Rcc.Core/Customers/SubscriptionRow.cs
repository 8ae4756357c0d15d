using System.Collections.Immutable;
using Rcc.Contracts.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>All subscriptions that a contact is found by: of each name the one that counts, over all that was merged into it. A contact that was merged into another has none.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.SubscriptionRow")]
public sealed record SubscriptionRow : RowWrite
{
    [Id(0)] public required Guid ContactId { get; init; }

    [Id(1)] public ImmutableArray<SubscriptionUse> Subscriptions { get; init; } = [];

    /// <summary>The row of a contact; null when it is found by the same as <paramref name="before"/>.</summary>
    internal static SubscriptionRow? Between(Guid contact, IEnumerable<ContextEntry> before, IEnumerable<ContextEntry> after)
    {
        ImmutableArray<SubscriptionUse> uses = [.. UsesOf(after)];
        return UsesOf(before).SequenceEqual(uses) ? null : new() { ContactId = contact, Subscriptions = uses };
    }

    static IEnumerable<SubscriptionUse> UsesOf(IEnumerable<ContextEntry> entries) =>
        Subscription.In(ContextInformation.Effective(entries.Where(entry => Subscription.IsName(entry.Name))).Select(entry => entry.ToValue()))
            .Select(found => SubscriptionUse.Of(found.Subscription, found.Of));
}

/// <summary>A subscription as a contact is found by it.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.SubscriptionUse")]
public sealed record SubscriptionUse
{
    /// <summary>Of the context information.</summary>
    [Id(0)] public required string Name { get; init; }

    [Id(1)] public required string Service { get; init; }

    [Id(2)] public string? Plan { get; init; }

    /// <summary>While it is neither before its beginning nor after its end.</summary>
    [Id(3)] public required SubscriptionStatus Status { get; init; }

    [Id(4)] public DateTimeOffset? BeginsAt { get; init; }

    [Id(5)] public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Of the context information.</summary>
    [Id(6)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What is said to be over has ended at some time before, what is said not to have begun begins at none: so times alone say which are pending, and which have ended.</summary>
    public static SubscriptionUse Of(Subscription subscription, ContextValue value)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(value);
        return new()
        {
            Name = value.Name,
            Service = subscription.Service,
            Plan = subscription.Value.Plan,
            Status = subscription.Value.Status,
            BeginsAt = subscription.Value.Status == SubscriptionStatus.Pending ? DateTimeOffset.MaxValue : subscription.BeginsAt,
            EndsAt = subscription.Value.Status == SubscriptionStatus.Ended ? DateTimeOffset.MinValue : subscription.EndsAt,
            ExpiresAt = value.ExpiresAt,
        };
    }
}
