using Rcc.Contracts.Conversations;

namespace Rcc.Replay.Check;

/// <summary>
/// Who had each conversation at each of its revisions, as all devices and all answers together say: whatever two of them say of one revision must be the same. Accepts are kept too: the server answered them with ok.
/// </summary>
sealed class Ownership(Findings findings)
{
    readonly Lock all = new();
    readonly Dictionary<(Guid Conversation, int Revision), Guid?> owners = [];
    readonly Dictionary<ShownOffer, List<(int Revision, Guid Agent, string By)>> accepted = [];
    readonly HashSet<(Guid Conversation, Guid Agent)> consulted = [];
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

    /// <summary>Somebody is about to consult the agent. Who accepts that has not got the conversation, and its revision stays what it was, since its customer is told nothing.</summary>
    public void Consult(Guid conversation, Guid agent)
    {
        lock (all)
            consulted.Add((conversation, agent));
    }

    /// <summary>
    /// An acceptance was answered with ok, one command of one device each. A command that comes late may accept a later offer than the one that was shown: then the same agent gets the conversation again, after it had gone
    /// to another in between and so two revisions later at the earliest, or another agent gets it, one later. Of an agent who was consulted nothing can be said: it may have accepted just that.
    /// </summary>
    /// <param name="offer">The offer that made the device accept.</param>
    /// <param name="revision">The conversation's, as the answer has it.</param>
    public void Accept(ShownOffer offer, int revision, Guid agent, string by)
    {
        lock (all)
        {
            if (!accepted.TryGetValue(offer, out var answers))
                accepted[offer] = answers = [];
            if (!consulted.Contains((offer.Conversation, agent))
                && answers.Find(other => !consulted.Contains((offer.Conversation, other.Agent)) && Math.Abs(other.Revision - revision) < (other.Agent == agent ? 2 : 1)) is { By: { } first } earlier)
                Double(offer.Conversation, $"{offer.Conversation}: the offer of revision {offer.Revision} to {offer.Agent} was accepted by {first} at revision {earlier.Revision} and by {by} at revision {revision}");
            answers.Add((revision, agent, by));
        }
    }

    static string Name(Guid? owner) => owner?.ToString() ?? "nobody";

    void Double(Guid conversation, string what)
    {
        if (doubled.Add(conversation))
            findings.Double(what);
    }
}

/// <summary>An offer as a device shows it.</summary>
readonly record struct ShownOffer(Guid Conversation, Guid Agent, int Revision);
