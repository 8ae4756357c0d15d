using Rcc.Contracts.Sync;

namespace Rcc.Client.Conversations;

/// <summary>Who does something where that is not kept: types (RFC 3994), or has the conversation open. Forgotten by itself when nothing newer comes (RFC 3994 §3.3).</summary>
sealed class PassingFacts(string kind)
{
    readonly Dictionary<(Guid Conversation, Guid Person), DateTimeOffset> until = [];

    public DateTimeOffset? NextExpiry => until.Count == 0 ? null : until.Values.Min();

    public IReadOnlyList<Guid> In(Guid conversation) => [.. until.Keys.Where(key => key.Conversation == conversation).Select(key => key.Person).Order()];

    /// <returns>Whether somebody began or stopped.</returns>
    public bool Take(EphemeralFact fact, DateTimeOffset now)
    {
        if (!string.Equals(fact.Kind, kind, StringComparison.Ordinal))
            return false;
        var key = (fact.ConversationId, fact.PersonId);
        if (!fact.Active || fact.ExpiresInMs <= 0)
            return until.Remove(key);
        var began = !until.ContainsKey(key);
        until[key] = now + TimeSpan.FromMilliseconds(fact.ExpiresInMs);
        return began;
    }

    /// <summary>It has ended, whatever was said before: a message ends its writer's typing.</summary>
    public bool End(Guid conversation, Guid person) => until.Count > 0 && until.Remove((conversation, person));

    /// <summary>Without a connection nobody can be known to do it.</summary>
    /// <returns>The conversations where somebody did.</returns>
    public IReadOnlyList<Guid> Clear()
    {
        Guid[] over = [.. until.Keys.Select(key => key.Conversation).Distinct()];
        until.Clear();
        return over;
    }

    /// <returns>The conversations where somebody stopped.</returns>
    public IReadOnlyList<Guid> Expire(DateTimeOffset now)
    {
        if (until.Count == 0)
            return [];
        var over = until.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToArray();
        foreach (var key in over)
            until.Remove(key);
        return [.. over.Select(key => key.Conversation).Distinct()];
    }
}
