using Rcc.Contracts.Conversations;

namespace Rcc.Replay.Check;

/// <summary>A turn as it must be found: every member counts.</summary>
/// <param name="Writers">By one of them.</param>
sealed record ExpectedMessage(Guid MessageId, IReadOnlyList<Guid> Writers, string Content);

/// <summary>Compares a conversation's messages with what was said in it.</summary>
static class MessageListCheck
{
    /// <param name="dialogue">For people.</param>
    /// <param name="expected">What was said, in order.</param>
    /// <param name="found">The conversation's public messages as the server lists them, oldest first.</param>
    public static void Run(string dialogue, IReadOnlyList<ExpectedMessage> expected, IReadOnlyList<MessageItem> found, Findings findings)
    {
        var places = expected.Select((message, index) => (message.MessageId, index)).ToDictionary(pair => pair.MessageId, pair => pair.index);
        var order = new List<int>();
        var met = new HashSet<int>();
        for (var i = 0; i < found.Count; i++)
        {
            var message = found[i];
            if (!places.TryGetValue(message.MessageId, out var place))
                findings.Duplicate($"{dialogue}: seq {message.Seq} holds message {message.MessageId}, which nobody wrote");
            else if (!met.Add(place))
                findings.Duplicate($"{dialogue}: turn {place + 1} is there again at seq {message.Seq}");
            else
                order.Add(place);
            if (message.Seq != i + 1)
                findings.Reorder($"{dialogue}: message {i + 1} of the list has seq {message.Seq}");
        }

        foreach (var (place, message) in expected.Index())
        {
            if (!met.Contains(place))
                findings.Lose($"{dialogue}: turn {place + 1} is not there");
            else if (found.First(one => one.MessageId == message.MessageId) is var one && !Same(message, one))
                findings.Lose($"{dialogue}: turn {place + 1} is there otherwise than it was written: {Difference(message, one)}");
        }

        var inPlace = LongestRising(order);
        foreach (var place in order.Where(place => !inPlace.Contains(place)))
            findings.Reorder($"{dialogue}: turn {place + 1} is out of its order");
    }

    static bool Same(ExpectedMessage expected, MessageItem found) =>
        expected.Writers.Contains(found.PersonId) && found.Lane == Lane.Public && string.Equals(found.Content, expected.Content, StringComparison.Ordinal);

    /// <summary>Never the text itself.</summary>
    static string Difference(ExpectedMessage expected, MessageItem found) =>
        !expected.Writers.Contains(found.PersonId) ? "by another person"
        : found.Lane != Lane.Public ? "in another lane"
        : $"{found.Content.Length} characters for {expected.Content.Length}, the first difference at {expected.Content.AsSpan().CommonPrefixLength(found.Content)}";

    /// <summary>A longest rising subsequence: the fewest turns that must be moved are those outside it.</summary>
    static HashSet<int> LongestRising(List<int> order)
    {
        var tails = new List<int>();
        var before = new int[order.Count];
        for (var i = 0; i < order.Count; i++)
        {
            var length = 0;
            while (length < tails.Count && order[tails[length]] < order[i])
                length++;
            before[i] = length == 0 ? -1 : tails[length - 1];
            if (length == tails.Count)
                tails.Add(i);
            else
                tails[length] = i;
        }
        var rising = new HashSet<int>();
        for (var at = tails.Count == 0 ? -1 : tails[^1]; at >= 0; at = before[at])
            rising.Add(order[at]);
        return rising;
    }
}
