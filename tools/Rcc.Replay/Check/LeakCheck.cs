using System.Text;
using Rcc.Contracts.Sync;

namespace Rcc.Replay.Check;

/// <summary>Looks for what is not the customer's business in all that a customer's connections delivered.</summary>
static class LeakCheck
{
    static readonly string[] InternalKinds = [ItemKinds.Handling, ItemKinds.Mention, ItemKinds.Whispers, ItemKinds.Offer, ItemKinds.Waiting];

    // Within a text JSON escapes the quotes, so that no text can look like these.
    static readonly byte[][] InternalForms =
    [
        .. InternalKinds.SelectMany(kind => new[] { $"\"kind\":\"{kind}\"", $"\"of\":\"{kind}\"" }).Append("\"lane\":\"notes\"").Select(Encoding.UTF8.GetBytes),
    ];

    /// <param name="delivered">Every byte.</param>
    /// <param name="marker">What every internal text contains.</param>
    /// <param name="unseen">People the customer never met.</param>
    /// <returns>What has leaked, for people; null for nothing.</returns>
    public static string? Find(ReadOnlySpan<byte> delivered, ReadOnlySpan<byte> marker, IEnumerable<Guid> unseen)
    {
        if (delivered.IndexOf(marker) is var at and >= 0)
            return $"a text for colleagues at byte {at}";
        foreach (var form in InternalForms)
        {
            if (delivered.IndexOf(form) is var found and >= 0)
                return $"{Encoding.UTF8.GetString(form)} at byte {found}";
        }
        foreach (var person in unseen)
        {
            if (delivered.IndexOf(Encoding.ASCII.GetBytes(person.ToString("D"))) is var met and >= 0)
                return $"the id of {person}, whom it never met, at byte {met}";
        }
        return null;
    }
}
