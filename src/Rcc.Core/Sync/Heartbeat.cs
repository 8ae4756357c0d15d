namespace Rcc.Core.Sync;

/// <summary>
/// This node, as the store knows it. A node that confirms its tails is a node that has told the store before that it is alive: so whoever commits a change and then finds no live follower
/// knows that every node which serves from now on has seen the change.
/// </summary>
internal sealed class Heartbeat(INodeStore store, TimeProvider clock)
{
    readonly Lock gate = new();

    // As good as never.
    long at = long.MinValue / 2;

    public Guid Node { get; } = Guid.CreateVersion7();

    /// <summary>When the newest beat that the store has taken was sent. A confirmation is worth no more than the beat before what it rests on was read.</summary>
    public long At
    {
        get
        {
            lock (gate)
            {
                return at;
            }
        }
    }

    /// <summary>False when the store has forgotten the node, and with it what it follows.</summary>
    public async Task<bool> BeatAsync(CancellationToken cancellationToken)
    {
        var sent = clock.GetTimestamp();
        var isKnown = await store.BeatAsync(Node, cancellationToken);
        if (isKnown)
        {
            Taken(sent);
        }

        return isKnown;
    }

    /// <summary>Before a tail reads anything; a beat as well.</summary>
    public async Task FollowAsync(Guid tail, TenantId tenant, CancellationToken cancellationToken)
    {
        var sent = clock.GetTimestamp();
        await store.FollowAsync(Node, tail, tenant, cancellationToken);
        Taken(sent);
    }

    public Task LeaveAsync(Guid tail, CancellationToken cancellationToken) => store.LeaveAsync(tail, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => store.ForgetAsync(Node, cancellationToken);

    void Taken(long sent)
    {
        lock (gate)
        {
            at = Math.Max(at, sent);
        }
    }
}
