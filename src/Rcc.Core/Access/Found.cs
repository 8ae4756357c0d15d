using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Rcc.Contracts;

namespace Rcc.Core.Access;

/// <summary>The answer to a read.</summary>
/// <typeparam name="T">What is read.</typeparam>
/// <param name="Outcome">Ok, or why there is nothing.</param>
/// <param name="Value">What was found; null unless <paramref name="Outcome"/> is ok.</param>
public sealed record Found<T>(Outcome Outcome, T? Value)
    where T : class
{
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsOk => Outcome.IsOk;

    public static implicit operator Found<T>(T value) => new(Outcome.Done, value);

    public static implicit operator Found<T>(Outcome refusal) => new(refusal, null);
}

/// <summary>A page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">In the list's order.</param>
/// <param name="More">There are more after the last one.</param>
public sealed record Listing<T>(ImmutableArray<T> Items, bool More);

/// <summary>Cuts pages.</summary>
internal static class Listing
{
    const int UsualItems = 25;

    /// <summary>How many items a page is to have.</summary>
    public static int Length(int? limit, AccessOptions options) => limit ?? Math.Min(UsualItems, options.MaxListItems);

    /// <summary>A page of <paramref name="length"/> out of one more than it needs, which tells whether there is more.</summary>
    public static Listing<T> Of<T>(IReadOnlyList<T> items, int length) => new([.. items.Take(length)], items.Count > length);
}

/// <summary>Which page of a list.</summary>
/// <param name="After">The id of the last one of the page before; absent: the first page.</param>
/// <param name="Limit">1 … <see cref="AccessOptions.MaxListItems"/>; absent: 25.</param>
public readonly record struct PageOf(Guid? After, int? Limit);
