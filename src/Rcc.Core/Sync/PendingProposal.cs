namespace Rcc.Core.Sync;

/// <summary>A proposal that waits for its commit, and its caller.</summary>
internal sealed class PendingProposal(Proposal proposal)
{
    readonly TaskCompletionSource<AppendResult> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Proposal Proposal => proposal;

    public Task<AppendResult> Task => answered.Task;

    public void Answer(AppendResult result) => answered.TrySetResult(result);

    public void Fail(Exception exception) => answered.TrySetException(exception);
}

/// <summary>What the proposals of one batch lay hands on.</summary>
internal sealed class BatchClaims
{
    readonly HashSet<(Guid Device, long Number)> commands = [];
    readonly HashSet<ItemKey> changed = [];
    readonly HashSet<ItemKey> fenced = [];
    readonly HashSet<Audience> lanes = [];

    /// <summary>Claims everything of the proposal, or nothing. Two proposals may rest on the same unchanged item, but not on one that the other changes.</summary>
    public bool TryClaim(Proposal proposal)
    {
        if (IsTaken(proposal))
        {
            return false;
        }

        if (proposal is { By: { } by, Command: { } command })
        {
            commands.Add((by.DeviceId, command.Number));
        }

        foreach (var item in proposal.Items)
        {
            changed.Add(item.Key);
        }

        foreach (var departure in proposal.Departures)
        {
            if (departure.Delete)
            {
                changed.Add(departure.Key);
            }
        }

        foreach (var fence in proposal.Fences)
        {
            fenced.Add(fence.Key);
        }

        foreach (var message in proposal.Messages)
        {
            lanes.Add(Audience.OfLane(message.ConversationId, message.Lane));
        }

        return true;
    }

    bool IsTaken(Proposal proposal)
    {
        if (proposal is { By: { } by, Command: { } command } && commands.Contains((by.DeviceId, command.Number)))
        {
            return true;
        }

        foreach (var item in proposal.Items)
        {
            if (changed.Contains(item.Key) || fenced.Contains(item.Key))
            {
                return true;
            }
        }

        foreach (var departure in proposal.Departures)
        {
            if (departure.Delete && (changed.Contains(departure.Key) || fenced.Contains(departure.Key)))
            {
                return true;
            }
        }

        foreach (var fence in proposal.Fences)
        {
            if (changed.Contains(fence.Key))
            {
                return true;
            }
        }

        foreach (var message in proposal.Messages)
        {
            if (lanes.Contains(Audience.OfLane(message.ConversationId, message.Lane)))
            {
                return true;
            }
        }

        return false;
    }
}
