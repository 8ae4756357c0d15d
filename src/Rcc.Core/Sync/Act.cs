using System.Globalization;

namespace Rcc.Core.Sync;

/// <summary>
/// An administrative act, for the tenant's action record: written in the commit of what it did, or not at all. Who did it is <see cref="Proposal.By"/>, or the platform operator named here, or else the server itself.
/// Its words are those of the public API (team, access_token), because they are kept and shown as they are.
/// </summary>
/// <param name="ObjectType">The kind of thing, 1 … 40 of <c>a–z _</c>: <c>agent</c>, <c>team</c>, <c>inbox</c>.</param>
/// <param name="ObjectId">The thing.</param>
/// <param name="Action">The verb, 1 … 40 of <c>a–z _</c>: <c>create</c>, <c>suspend</c>.</param>
/// <param name="Detail">What of it, at most 500 characters; never the text of a message, a name of a customer, or a secret.</param>
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

    /// <summary>A detail that names members and their new values; null when none is given. Values that must not be kept are given as what became of them.</summary>
    public static string? Of(params ReadOnlySpan<(string Member, object? Value)> changes)
    {
        List<string> told = [];
        foreach (var (member, value) in changes)
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
}
