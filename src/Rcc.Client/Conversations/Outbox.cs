using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
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
        if (LastOf(command.Entry.Queue) is { Entry: { Attempted: false } before } last && Collapse(before.Command, command.Entry.Command) is { } both)
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
        if (Drafts(conversation).LastOrDefault(e => e.State == OutboxState.Waiting) is { Command: SetDraft { IfRevision: { } before } })
            return before;
        return Drafts(conversation).Where(e => e.State == OutboxState.Accepted).Select(e => e.Outcome?.Revision ?? 0).Append(held).Max();
    }

    /// <summary>The user's own draft where it is ahead of what synchronisation has brought.</summary>
    public DraftState? Draft(Guid conversation) => Drafts(conversation).LastOrDefault() is { Command: SetDraft draft } ? new DraftState(draft.Text, draft.Lane) : null;

    /// <summary>The user's own read position where it is ahead of what synchronisation has brought; 0: none.</summary>
    public long Read(LaneId lane)
    {
        var seq = 0L;
        foreach (var command in commands)
        {
            if (command.Entry.Command is MarkRead read && read.ConversationId == lane.ConversationId && read.Lane == lane.Lane)
                seq = Math.Max(seq, read.Seq);
        }
        return seq;
    }

    /// <summary>Whether this device has opened the conversation, and it has not come yet.</summary>
    public bool Opens(Guid conversation) => commands.Exists(c => c.Entry is { Seen: false, Command: OpenConversation open } && open.ConversationId == conversation);

    /// <summary>The commands to be sent now; whoever takes them sends them.</summary>
    public List<OutboxCommand> TakeDue(DateTimeOffset now, DeviceChanges changes)
    {
        var due = new List<OutboxCommand>();
        if (commands.Count == 0)
            return due;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var command in commands)
        {
            if (command.Entry.State != OutboxState.Waiting || !seen.Add(command.Entry.Queue) || command.InFlight || command.Due > now)
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

    /// <summary>Its outcome is final. What was carried out is kept until its effect has <paramref name="arrived"/>, a refused post until it is dismissed.</summary>
    public void Settle(OutboxCommand command, Outcome outcome, Func<OutboxEntry, bool> arrived, DeviceChanges changes)
    {
        command.InFlight = false;
        var settled = command.Entry with { State = outcome.IsOk ? OutboxState.Accepted : OutboxState.Refused, Outcome = outcome };
        if (outcome.IsOk && settled.Command is SetDraft draft && outcome.Revision is { } revision)
            Rebase(command, draft.ConversationId, revision, changes);
        // A post that is there cannot have been refused: its messageId was taken by an earlier attempt of its own.
        if (settled.Seen || (outcome.IsOk ? arrived(settled) : settled.Command is not PostMessage))
        {
            Remove(command, changes);
            return;
        }
        command.Entry = settled;
        Keep(command, changes);
    }

    /// <summary>
    /// Forgets what was carried out and whose effect has <paramref name="arrived"/>; <paramref name="shows"/> says whether the replica shows the effect of what is not answered yet, or was refused.
    /// </summary>
    public void Collapse(Func<OutboxEntry, bool> arrived, Func<OutboxEntry, bool> shows, DeviceChanges changes)
    {
        foreach (var command in commands.ToArray())
        {
            if (command.Entry.State == OutboxState.Accepted)
            {
                if (shows(command.Entry) || arrived(command.Entry))
                    Remove(command, changes);
            }
            else if (!command.Entry.Seen && shows(command.Entry))
            {
                // A refused post that is there was stored after all, by an earlier attempt of its own.
                if (command.Entry.State == OutboxState.Refused)
                    Remove(command, changes);
                else
                    Change(command, command.Entry with { Seen = true }, changes);
            }
        }
    }

    /// <summary>
    /// The conversation has left the device: what was carried out there is over, or comes again with the conversation. What was refused is kept for the user, whose text it is, unless the
    /// conversation was <paramref name="deleted"/> and with it every place to show it.
    /// </summary>
    public void Forget(Guid conversation, bool deleted, DeviceChanges changes)
    {
        foreach (var command in commands.ToArray())
        {
            var entry = command.Entry;
            if (entry.ConversationId != conversation)
                continue;
            if (entry.State == OutboxState.Accepted || (deleted && entry.State == OutboxState.Refused))
                Remove(command, changes);
            // Its effect may have gone with the conversation, before its answer comes: when the conversation returns, that does not.
            else if (entry is { Seen: false, Command: OpenConversation } or { Seen: false, Attempted: true, Command: MarkRead or SetDraft })
                Change(command, entry with { Seen = true }, changes);
        }
    }

    /// <summary>What was carried out when a synchronisation was asked for: <see cref="Conclude"/> takes it when that is complete.</summary>
    public IReadOnlyList<OutboxCommand> Accepted => commands.FindAll(c => c.Entry.State == OutboxState.Accepted);

    /// <summary>
    /// A synchronisation that began after these were carried out is complete: what it has not brought it never will, but for messages that are still to be loaded, which <paramref name="awaits"/> tells.
    /// </summary>
    public void Conclude(IReadOnlyList<OutboxCommand> accepted, Func<OutboxEntry, bool> awaits, DeviceChanges changes)
    {
        foreach (var command in accepted)
        {
            if (!awaits(command.Entry))
                Remove(command, changes);
        }
    }

    /// <summary>The post with this message id.</summary>
    public OutboxCommand? Find(Guid messageId) => commands.Find(c => c.Entry.Command is PostMessage post && post.MessageId == messageId);

    public void Remove(OutboxCommand command, DeviceChanges changes)
    {
        if (commands.Remove(command))
            changes.Outbox[command.Entry.Command.Number] = null;
    }

    /// <summary>The connection is gone: what was on its way goes again, with the same number. What the server has asked to wait with waits on.</summary>
    public void Disconnected(DateTimeOffset now)
    {
        foreach (var command in commands)
        {
            command.InFlight = false;
            if (command.NotBefore <= now)
                command.Due = DateTimeOffset.MinValue;
        }
    }

    /// <summary>
    /// The store may have lost what it had accepted. A message, or a conversation to post in, that has not arrived is sent again, under its number, so that nothing is lost and nothing doubled; what says
    /// where the person was is over.
    /// </summary>
    public void Repeat(DeviceChanges changes)
    {
        foreach (var command in commands.ToArray())
        {
            if (command.Entry is { State: OutboxState.Accepted, Command: not (PostMessage or OpenConversation) })
                Remove(command, changes);
            else if (command.Entry is { State: OutboxState.Accepted } or { State: OutboxState.Waiting, Seen: true })
                Change(command, command.Entry with { State = OutboxState.Waiting, Outcome = null, Seen = false }, changes);
        }
    }

    static DeviceCommand? Collapse(DeviceCommand before, DeviceCommand command) => (before, command) switch
    {
        (MarkRead a, MarkRead b) when a.Lane == b.Lane => b with { Seq = Math.Max(a.Seq, b.Seq) },
        (SetDraft a, SetDraft b) => b with { IfRevision = b.IfRevision is null ? null : a.IfRevision },
        (SetOpenConversation, SetOpenConversation) or (SetAvailability, SetAvailability) => command,
        _ => null,
    };

    IEnumerable<OutboxEntry> Drafts(Guid conversation) => commands.Select(c => c.Entry).Where(e => e.Command is SetDraft draft && draft.ConversationId == conversation);

    OutboxCommand? LastOf(string queue) => commands.FindLast(c => c.Entry.State == OutboxState.Waiting && string.Equals(c.Entry.Queue, queue, StringComparison.Ordinal));

    /// <summary>The unsent drafts were typed on what this device itself has just stored.</summary>
    void Rebase(OutboxCommand settled, Guid conversation, int revision, DeviceChanges changes)
    {
        foreach (var command in commands)
        {
            if (command != settled && command.Entry is { Attempted: false, Command: SetDraft { IfRevision: not null } draft } && draft.ConversationId == conversation)
                Change(command, command.Entry with { Command = draft with { IfRevision = revision } }, changes);
        }
    }

    static void Change(OutboxCommand command, OutboxEntry entry, DeviceChanges changes)
    {
        command.Entry = entry;
        Keep(command, changes);
    }

    static void Keep(OutboxCommand command, DeviceChanges changes) => changes.Outbox[command.Entry.Command.Number] = command.Entry;
}

/// <summary>A command of the outbox with what is not kept: its attempts and those who wait for its outcome.</summary>
sealed class OutboxCommand(OutboxEntry entry)
{
    public OutboxEntry Entry { get; set; } = entry;

    public bool InFlight { get; set; }

    public int Attempts { get; set; }

    /// <summary>How often it ended in an error of the hub.</summary>
    public int HubErrors { get; set; }

    /// <summary>Not to be sent before, unless the connection is another one by then.</summary>
    public DateTimeOffset Due { get; set; }

    /// <summary>Not to be sent before on any connection: the server has asked for it.</summary>
    public DateTimeOffset NotBefore { get; set; }

    public List<TaskCompletionSource<Outcome>> Waiters { get; } = [];
}
