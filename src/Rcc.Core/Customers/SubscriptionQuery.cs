using System.Collections.Immutable;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>Which subscriptions; all members that are there are to be one subscription's.</summary>
/// <param name="Service">Of this service.</param>
/// <param name="Plan">Of this plan, letter by letter.</param>
/// <param name="Status">That stand so now.</param>
public sealed record SubscriptionFilter(string? Service = null, string? Plan = null, SubscriptionStatus? Status = null)
{
    public bool IsEmpty => this == new SubscriptionFilter();
}

/// <summary>What contacts are looked for by: a subscription that the one who looks may see.</summary>
public sealed record SubscriptionQuery
{
    public required SubscriptionFilter Filter { get; init; }

    /// <summary>When they are to be so.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The first that fits a name says whether it counts.</summary>
    public ImmutableArray<NameRule> Rules { get; init; } = [];

    /// <summary>Where no rule fits, only customers this agent serves count; null: all do.</summary>
    public Guid? ServedBy { get; init; }
}

/// <summary>A rule of disclosure of context information, as it is for one viewer.</summary>
/// <param name="Text">A name, or the beginning of names.</param>
/// <param name="IsPrefix">It is a beginning.</param>
/// <param name="Allows">What it says.</param>
public readonly record struct NameRule(string Text, bool IsPrefix, bool Allows);
