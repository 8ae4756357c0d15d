using Rcc.Contracts.Conversations;

namespace Rcc.Replay.Check;

/// <summary>
/// Who had each conversation at each of its revisions, as all devices and all answers together say: whatever two of them say of one revision must be the same. Accepts are kept too: the server answered them with ok.
/// </summary>
sealed class Ownership(Findings findings)
{
    readonly Lock all = new();
    readonly Dictionary<(Guid Conversation, int Revision), Guid?> owners = [];
    readonly Dictionary<(Guid Conversation, Guid Agent), SortedSet<int>> accepted = [];
    readonly HashSet<Guid> doubled = [];

    /// <summary>Somebody was told, or shown, who has the conversation.</summary>
    /// <param name="by">For people: who was.</param>
    public void See(Guid conversation, int revision, Guid? owner, string by)
    {
        lock (all)
        {
            if (!owners.TryAdd((conversation, revision), owner) && owners[(conversation, revision)] is var other && other != owner)
                Double(conversation, $"{conversation} at revision {revision}: assigned to {Name(owner)} says {by}, and to {Name(other)} said another");
        }
    }

    /// <summary>How the agents see it: who serves the customer is one, and the one it is assigned to at that revision of the handling.</summary>
    public void See(Guid conversation, HandlingState handling, string by)
    {
        var serving = handling.Agents.Where(one => one.Part == Part.Server).Select(one => one.AgentId).ToArray();
        if (serving.Length > 1)
        {
            lock (all)
                Double(conversation, $"{conversation}: {serving.Length} agents serve it at once, says {by}");
        }
    }

    /// <summary>
    /// An acceptance was answered with ok, one command of one device each. The same agent can get it once more only after it had gone to another, or to nobody, in between: two revisions later at the earliest.
    /// </summary>
    /// <param name="revision">The conversation's, as the answer has it.</param>
    public void Accept(Guid conversation, int revision, Guid agent, string by)
    {
        lock (all)
        {
            if (!accepted.TryGetValue((conversation, agent), out var revisions))
                accepted[(conversation, agent)] = revisions = [];
            if (revisions.GetViewBetween(revision - 1, revision + 1).Count > 0)
                Double(conversation, $"{conversation} at revision {revision}: one offer was accepted twice, the second time by {by}");
            else if (accepted.Any(other => other.Key.Conversation == conversation && other.Key.Agent != agent && other.Value.Contains(revision)))
                Double(conversation, $"{conversation} at revision {revision}: accepted by two agents, the second {by}");
            revisions.Add(revision);
        }
    }

    static string Name(Guid? owner) => owner?.ToString() ?? "nobody";

    void Double(Guid conversation, string what)
    {
        if (doubled.Add(conversation))
            findings.Double(what);
    }
}
