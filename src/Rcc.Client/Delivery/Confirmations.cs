using Rcc.Contracts.Delivery;

namespace Rcc.Client.Delivery;

/// <summary>
/// What the server is still to be told that the device holds. Many conversations wait for one confirmation; what a connection lost on the way is said again on the next.
/// </summary>
sealed class Confirmations
{
    readonly Dictionary<Guid, long> confirmed;
    readonly Dictionary<Guid, long> sent = [];
    readonly OrderedDictionary<Guid, long> waiting = [];
    DateTimeOffset? due;
    DateTimeOffset notBefore;
    bool isAsked;

    public Confirmations(IReadOnlyDictionary<Guid, long> confirmed) => this.confirmed = new Dictionary<Guid, long>(confirmed);

    /// <summary>When the next one must be sent at the latest; null: nothing is new.</summary>
    public DateTimeOffset? Due => due < notBefore ? notBefore : due;

    public void Hold(Guid conversation, long seq, DateTimeOffset latest)
    {
        if (seq <= Math.Max(confirmed.GetValueOrDefault(conversation), sent.GetValueOrDefault(conversation)))
            return;
        waiting[conversation] = seq;
        due ??= latest;
    }

    public void Forget(Guid conversation)
    {
        confirmed.Remove(conversation);
        sent.Remove(conversation);
        waiting.Remove(conversation);
    }

    /// <summary>The next confirmation's conversations, at most <paramref name="limit"/>; none when all is said.</summary>
    public IReadOnlyList<Held> Take(int limit)
    {
        var held = new List<Held>(Math.Min(limit, waiting.Count));
        while (held.Count < limit && waiting.Count > 0)
        {
            var (conversation, seq) = waiting.GetAt(0);
            waiting.RemoveAt(0);
            sent[conversation] = seq;
            held.Add(new Held(conversation, seq));
        }
        if (waiting.Count == 0)
            due = null;
        return held;
    }

    public void Answered(Held held) => confirmed[held.ConversationId] = Math.Max(held.Seq, confirmed.GetValueOrDefault(held.ConversationId));

    /// <summary>Refused for now: said again at <paramref name="then"/>, or what is newer by then, and nothing before. <paramref name="isAsked"/>: the server has asked for it, so that another connection does not shorten it.</summary>
    public void Again(IReadOnlyList<Held> refused, DateTimeOffset then, bool isAsked)
    {
        notBefore = then;
        this.isAsked = isAsked;
        foreach (var held in refused)
        {
            if (sent.GetValueOrDefault(held.ConversationId) != held.Seq)
                continue;
            sent.Remove(held.ConversationId);
            Hold(held.ConversationId, held.Seq, then);
        }
    }

    /// <summary>The connection is gone: what was not answered was perhaps not heard.</summary>
    public void Disconnected(DateTimeOffset latest)
    {
        if (!isAsked)
        {
            notBefore = default;
            due = due is null || due < latest ? due : latest;
        }
        foreach (var (conversation, seq) in sent.ToArray())
        {
            sent.Remove(conversation);
            if (!waiting.ContainsKey(conversation))
                Hold(conversation, seq, latest);
        }
    }
}
