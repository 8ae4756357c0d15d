using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;

namespace Rcc.Client.Conversations;

/// <summary>
/// The device's commands, in the order the user gave them. A command keeps its number and body until the server has settled it; one at a time is on its way per conversation.
/// No I/O and no clock of its own.
/// </summary>
sealed class Outbox
{
    readonly List<OutboxCommand> commands;
    readonly int limit;

    // What the server has accepted and synchronisation has not brought back yet, so that the user's own change does not vanish for a moment.
    readonly Dictionary<Guid, (int Revision, DraftState Draft)> acceptedDrafts = [];
    readonly Dictionary<LaneId, long> acceptedReads = [];

    public Outbox(IEnumerable<OutboxEntry> kept, int limit)
    {
        commands = [.. kept.OrderBy(e => e.Command.Number).Select(e => new OutboxCommand(e))];
        this.limit = limit;
    }

    public bool IsFull => commands.Count >= limit;

    public IReadOnlyList<OutboxCommand> Commands => commands;

    /// <summary>Posts to be shown beneath a lane's messages.</summary>
    public IEnumerable<OutboxEntry> Echoes(LaneId lane) =>
        commands.Select(c => c.Entry).Where(e => e.IsShown && e.Command is PostMessage post && post.ConversationId == lane.ConversationId && post.Lane == lane.Lane);

    /// <summary>Adds a command, or puts it in the place of one not yet sent that it makes needless.</summary>
    public void Add(OutboxCommand command, DeviceChanges changes)
    {
        if (LastOf(command.Entry.ConversationId) is { Entry: { Attempted: false, State: OutboxState.Waiting } before } last && Collapse(before.Command, command.Entry.Command) is { } both)
        {
            command.Entry = command.Entry with { Command = both };
            command.Waiters.InsertRange(0, last.Waiters);
            Remove(last, changes);
        }
        commands.Add(command);
        Keep(command, changes);
    }

    /// <summary>The revision a draft typed now is typed on.</summary>
    public int DraftBase(Guid conversation, int held)
    {
        for (var i = commands.Count - 1; i >= 0; i--)
        {
            if (commands[i].Entry is { State: OutboxState.Waiting, Command: SetDraft { IfRevision: { } before } draft } && draft.ConversationId == conversation)
                return before;
        }
        return acceptedDrafts.TryGetValue(conversation, out var accepted) ? Math.Max(held, accepted.Revision) : held;
    }

    /// <summary>The user's own draft where it is ahead of what synchronisation has brought.</summary>
    public DraftState? Draft(Guid conversation, int heldRevision)
    {
        for (var i = commands.Count - 1; i >= 0; i--)
        {
            if (commands[i].Entry is { State: OutboxState.Waiting, Command: SetDraft draft } && draft.ConversationId == conversation)
                return new DraftState(draft.Text, draft.Lane);
        }
        return acceptedDrafts.TryGetValue(conversation, out var accepted) && accepted.Revision > heldRevision ? accepted.Draft : null;
    }

    /// <summary>The user's own read position where it is ahead of what synchronisation has brought; 0: none.</summary>
    public long Read(LaneId lane)
    {
        var seq = acceptedReads.GetValueOrDefault(lane);
        foreach (var command in commands)
        {
            if (command.Entry is { State: OutboxState.Waiting, Command: MarkRead read } && read.ConversationId == lane.ConversationId && read.Lane == lane.Lane)
                seq = Math.Max(seq, read.Seq);
        }
        return seq;
    }

    /// <summary>What may be sent now: the first unsettled command of every conversation, unless it is on its way or waits for its next attempt.</summary>
    public List<OutboxCommand> TakeDue(DateTimeOffset now, DeviceChanges changes)
    {
        var due = new List<OutboxCommand>();
        if (commands.Count == 0)
            return due;
        var seen = new HashSet<Guid>();
        foreach (var command in commands)
        {
            if (command.Entry.State != OutboxState.Waiting || !seen.Add(command.Entry.ConversationId ?? Guid.Empty) || command.InFlight || command.Due > now)
                continue;
            command.InFlight = true;
            if (!command.Entry.Attempted)
            {
                command.Entry = command.Entry with { Attempted = true };
                Keep(command, changes);
            }
            due.Add(command);
        }
        return due;
    }

    /// <summary>When the next attempt that was put off is due.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            DateTimeOffset? next = null;
            foreach (var command in commands)
            {
                if (command.Entry.State == OutboxState.Waiting && !command.InFlight && command.Due > DateTimeOffset.MinValue && (next is null || command.Due < next))
                    next = command.Due;
            }
            return next;
        }
    }

    /// <summary>The server has settled the command.</summary>
    public void Settle(OutboxCommand command, Outcome outcome, DeviceChanges changes)
    {
        command.InFlight = false;
        switch (command.Entry.Command)
        {
            case PostMessage when !command.Entry.Collapsed:
                command.Entry = command.Entry with { State = outcome.IsOk ? OutboxState.Accepted : OutboxState.Refused, Outcome = outcome };
                Keep(command, changes);
                return;
            case SetDraft draft when outcome is { IsOk: true, Revision: { } revision }:
                acceptedDrafts[draft.ConversationId] = (revision, new DraftState(draft.Text, draft.Lane));
                Rebase(draft.ConversationId, revision, changes);
                break;
            case MarkRead read when outcome.IsOk:
                var lane = new LaneId(read.ConversationId, read.Lane);
                acceptedReads[lane] = Math.Max(read.Seq, acceptedReads.GetValueOrDefault(lane));
                break;
        }
        Remove(command, changes);
    }

    /// <summary>A message is in its window: its post need not be shown any more.</summary>
    public void Collapse(MessageItem message, DeviceChanges changes)
    {
        if (commands.Count == 0 || Find(message.MessageId) is not { } command)
            return;
        if (command.Entry.State == OutboxState.Waiting)
        {
            command.Entry = command.Entry with { Collapsed = true };
            Keep(command, changes);
        }
        else
        {
            Remove(command, changes);
        }
    }

    /// <summary>Accepted posts that lie below the window, or whose conversation is gone, will not be seen again.</summary>
    public void DropUnreachable(LaneId lane, MessageWindow? window, DeviceChanges changes)
    {
        foreach (var command in commands.ToArray())
        {
            if (command.Entry is not { State: OutboxState.Accepted, Command: PostMessage post } || post.ConversationId != lane.ConversationId || post.Lane != lane.Lane)
                continue;
            if (window is null || (window.Held.Count > 0 && command.Entry.Outcome?.Seq < window.Held[0].Seq))
                Remove(command, changes);
        }
    }

    /// <summary>The conversation has left the device. What was accepted there is over, or comes again with the conversation.</summary>
    public void Forget(Guid conversation)
    {
        acceptedDrafts.Remove(conversation);
        acceptedReads.Remove(new LaneId(conversation, Lane.Public));
        acceptedReads.Remove(new LaneId(conversation, Lane.Notes));
    }

    /// <summary>The post with this message id.</summary>
    public OutboxCommand? Find(Guid messageId) => commands.Find(c => c.Entry.Command is PostMessage post && post.MessageId == messageId);

    public void Remove(OutboxCommand command, DeviceChanges changes)
    {
        if (commands.Remove(command))
            changes.Outbox[command.Entry.Command.Number] = null;
    }

    /// <summary>The connection is gone: what was on its way goes again, with the same number.</summary>
    public void Disconnected()
    {
        foreach (var command in commands)
        {
            command.InFlight = false;
            command.Due = DateTimeOffset.MinValue;
        }
    }

    /// <summary>
    /// Synchronisation starts from nothing, and what was accepted may have been undone. A post whose message has not been seen goes again under its number: a store that knows
    /// it repeats its answer, a store that has lost it carries it out.
    /// </summary>
    public void Restarted(bool discard, DeviceChanges changes)
    {
        acceptedDrafts.Clear();
        acceptedReads.Clear();
        if (!discard)
            return;
        foreach (var command in commands)
        {
            if (command.Entry.State != OutboxState.Accepted)
                continue;
            command.Entry = command.Entry with { State = OutboxState.Waiting, Outcome = null };
            Keep(command, changes);
        }
    }

    static DeviceCommand? Collapse(DeviceCommand before, DeviceCommand command) => (before, command) switch
    {
        (MarkRead a, MarkRead b) when a.Lane == b.Lane => b with { Seq = Math.Max(a.Seq, b.Seq) },
        (SetDraft a, SetDraft b) => b with { IfRevision = b.IfRevision is null ? null : a.IfRevision },
        _ => null,
    };

    OutboxCommand? LastOf(Guid? conversation) => commands.FindLast(c => c.Entry.ConversationId == conversation && c.Entry.State == OutboxState.Waiting);

    /// <summary>A draft typed on the text this device has just had accepted is typed on that text's revision.</summary>
    void Rebase(Guid conversation, int revision, DeviceChanges changes)
    {
        foreach (var command in commands)
        {
            if (command.Entry is { Attempted: false, Command: SetDraft { IfRevision: not null } draft } && draft.ConversationId == conversation)
            {
                command.Entry = command.Entry with { Command = draft with { IfRevision = revision } };
                Keep(command, changes);
            }
        }
    }

    static void Keep(OutboxCommand command, DeviceChanges changes) => changes.Outbox[command.Entry.Command.Number] = command.Entry;
}

/// <summary>A command of the outbox with what is not kept: its attempts and those who wait for its outcome.</summary>
sealed class OutboxCommand(OutboxEntry entry)
{
    public OutboxEntry Entry { get; set; } = entry;

    public bool InFlight { get; set; }

    public int Attempts { get; set; }

    /// <summary>Not to be sent before.</summary>
    public DateTimeOffset Due { get; set; }

    public List<TaskCompletionSource<Outcome>> Waiters { get; } = [];
}
