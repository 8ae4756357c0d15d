using System.Collections.Immutable;
using System.Globalization;

namespace Rcc.Core.Sync;

/// <summary>
/// An administrative act, for the tenant's action record: written in the commit of what it did, or not at all. Who did it is <see cref="Proposal.By"/>, or whoever is named here, or else the server itself.
/// Its words are those of the public API (team, access_token), because they are kept and shown as they are.
/// </summary>
/// <param name="ObjectType">The kind of thing, 1 … 40 of <c>a–z _</c>: <c>agent</c>, <c>team</c>, <c>inbox</c>.</param>
/// <param name="ObjectId">The thing.</param>
/// <param name="Action">The verb, 1 … 40 of <c>a–z _</c>: <c>create</c>, <c>suspend</c>.</param>
/// <param name="Detail">What else there is to say of it, for people, at most 500 characters; never the text of a message, a name of a customer, or a secret.</param>
[GenerateSerializer, Immutable, Alias("rcc.sync.Act")]
public sealed record Act(
    [property: Id(0)] string ObjectType,
    [property: Id(1)] Guid ObjectId,
    [property: Id(2)] string Action,
    [property: Id(3)] string? Detail = null)
{
    const int MaxDetailLength = 500;

    /// <summary>The platform operator who did it.</summary>
    [Id(4)] public Guid? OperatorId { get; init; }

    /// <summary>What became other than it was.</summary>
    [Id(5)] public ImmutableArray<ActChange> Changes { get; init; } = [];

    /// <summary>Who did it, where the device that says who is calling comes to be with it: a sign-in.</summary>
    [Id(6)] public Author? Newcomer { get; init; }

    /// <summary>A detail that names members and their values; null when none is given.</summary>
    public static string? Of(params ReadOnlySpan<(string Member, object? Value)> members)
    {
        List<string> told = [];
        foreach (var (member, value) in members)
        {
            if (value is not null)
            {
                told.Add(string.Create(CultureInfo.InvariantCulture, $"{member}: {value}"));
            }
        }

        if (told.Count == 0)
        {
            return null;
        }

        var detail = string.Join(", ", told);
        return detail.Length <= MaxDetailLength ? detail : string.Concat(detail.AsSpan(0, MaxDetailLength - 1), "…");
    }

    /// <summary>The same with no more than <paramref name="maxCharacters"/> of values: of those that do not fit it is only kept that they changed.</summary>
    internal Act Within(int maxCharacters)
    {
        var left = maxCharacters;
        var kept = Changes;
        foreach (var change in Changes)
        {
            var length = (change.From?.Length ?? 0) + (change.To?.Length ?? 0);
            if (length > left)
            {
                kept = kept.Replace(change, change with { From = null, To = null, IsCut = true });
            }
            else
            {
                left -= length;
            }
        }

        return kept == Changes ? this : this with { Changes = kept };
    }
}

/// <summary>A member of what an act changed, with the value it had and the one it has. A secret has neither: that it is another is all that is kept.</summary>
/// <param name="Member">Its name in the public API.</param>
/// <param name="From">The value it had, as JSON; null: none, or it is not kept.</param>
/// <param name="To">The value it has now, as JSON; null: none, or it is not kept.</param>
[GenerateSerializer, Immutable, Alias("rcc.sync.ActChange")]
public sealed record ActChange([property: Id(0)] string Member, [property: Id(1)] string? From, [property: Id(2)] string? To)
{
    /// <summary>The values were too long to be kept.</summary>
    [Id(3)] public bool IsCut { get; init; }
}
