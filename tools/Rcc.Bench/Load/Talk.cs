namespace Rcc.Bench.Load;

/// <summary>One conversation while it is driven. Party 0 is the customer, 1 … are the agent's devices.</summary>
sealed class Talk(SiteConversation conversation, Guid customer, Guid agent)
{
    readonly long[] seen = new long[conversation.Agent.Count + 1];
    long lastByAgent;
    long lastByCustomer;
    int turns;

    public Guid Id { get; } = conversation.Id;

    public Guid CustomerPerson { get; } = customer;

    public Guid AgentPerson { get; } = agent;

    /// <summary>The device of each party.</summary>
    public IReadOnlyList<int> Parties { get; } = [conversation.Customer, .. conversation.Agent];

    /// <summary>
    /// Whose turn it is: they alternate, and the reply of turn t comes from the agent's device ⌊t/2⌋ mod their number.
    /// </summary>
    public int TakeTurn()
    {
        var turn = Interlocked.Increment(ref turns) - 1;
        return turn % 2 == 0 ? 0 : 1 + (turn / 2 % (Parties.Count - 1));
    }

    /// <summary>A message has been seen with its number.</summary>
    public void Saw(int sender, long seq) => Raise(ref sender == 0 ? ref lastByCustomer : ref lastByAgent, seq);

    /// <summary>A device has learnt how far the other side has the messages.</summary>
    public void SawReceipt(int party, Guid person, long delivered)
    {
        if (person == (party == 0 ? AgentPerson : CustomerPerson))
        {
            Raise(ref seen[party], delivered);
        }
    }

    /// <summary>Whether every sender's device has learnt that all its side's messages are delivered.</summary>
    public bool HasAllReceipts
    {
        get
        {
            for (var party = 0; party < seen.Length; party++)
            {
                if (Volatile.Read(ref seen[party]) < Volatile.Read(ref party == 0 ? ref lastByCustomer : ref lastByAgent))
                {
                    return false;
                }
            }

            return true;
        }
    }

    static void Raise(ref long value, long to)
    {
        var before = Volatile.Read(ref value);
        while (before < to)
        {
            var found = Interlocked.CompareExchange(ref value, to, before);
            if (found == before)
            {
                return;
            }

            before = found;
        }
    }
}
