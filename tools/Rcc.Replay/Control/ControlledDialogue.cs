using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Replay.Accounts;
using Rcc.Replay.Dialogues;
using Rcc.Replay.Play;

namespace Rcc.Replay.Control;

/// <summary>
/// A dialogue in a contact centre at work: it comes in and goes to whoever is free or takes it, is held, transferred, discussed among colleagues; whichever agent has it says the agent's next turn.
/// </summary>
/// <param name="staysOpen">It is not resolved at the end.</param>
sealed class ControlledDialogue(Dialogue dialogue, Person customer, Floor floor, bool staysOpen, Owners owners, Ledger ledger) : PlayedDialogue(dialogue, customer, owners, ledger)
{
    static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(50);

    readonly List<Task> underWay = [];

    public Floor Floor => floor;

    Seen Newest => floor.Watch.Newest(ConversationId);

    public override async Task PlayAsync(Uri server, Disturbances disturbances, Random random, CancellationToken cancellationToken)
    {
        var plan = new ControlPlan(Dialogue.Turns.Count, new Random(random.Next()));
        var mine = await EnterAsync(server, random, floor.Watch, new ReceivedBytes(), cancellationToken);
        Require(await mine.OpenAsync(ConversationId).WaitAsync(cancellationToken), "opened");
        underWay.Add(RaceAsync(plan.Racers, random.Next()));
        PlayedTurn? previous = null;
        foreach (var (i, turn) in Dialogue.Turns.Index())
        {
            IsAt = $"is at turn {i + 1}";
            await BeginAsync(plan.Before(i), cancellationToken);
            previous = turn.IsCustomers
                ? await SayAsync(mine, turn.Text, previous, disturbances, cancellationToken)
                : await AnswerAsync(mine, turn.Text, previous, disturbances, random, cancellationToken);
        }
        IsAt = "waits for acts that are under way";
        await Task.WhenAll(underWay).WaitAsync(cancellationToken);
        IsAt = "waits for disturbed devices";
        await disturbances.EndAsync().WaitAsync(cancellationToken);
        IsAt = "waits for turns that the customer has not seen";
        foreach (var id in MessageIds)
        {
            var turn = Ledger.Find(id)!;
            await turn.Settled.WaitAsync(cancellationToken);
            await turn.SeenOn(mine).WaitAsync(cancellationToken);
        }
        IsAt = "is being resolved";
        if (!staysOpen)
            await ResolveAsync(random, cancellationToken);
        mine.GoOffline();
        IsAt = null;
    }

    /// <summary>The customer says a turn, whatever goes on behind it.</summary>
    async Task<PlayedTurn> SayAsync(ReplayDevice mine, string text, PlayedTurn? previous, Disturbances disturbances, CancellationToken cancellationToken)
    {
        if (previous is not null && previous.Writer != mine)
            await previous.SeenOn(mine).WaitAsync(cancellationToken);
        ReplayDevice[] audience = [mine, .. OwnersDevices()];
        var turn = Add(mine, audience);
        var disturbance = disturbances.Next(mine, audience);
        disturbance?.Before?.Invoke();
        await mine.PostAsync(turn, text);
        disturbance?.After?.Invoke(turn.Command);
        return turn;
    }

    /// <summary>Whoever has the conversation says the agent's turn. If it loses the conversation meanwhile, the next one says it, under the same id: it is there once.</summary>
    async Task<PlayedTurn> AnswerAsync(ReplayDevice mine, string text, PlayedTurn? previous, Disturbances disturbances, Random random, CancellationToken cancellationToken)
    {
        var draw = random.Next();
        PlayedTurn? turn = null;
        while (true)
        {
            var device = await OwnersDeviceAsync(draw, cancellationToken);
            if (previous is not null && !await IsSeenAsync(previous, device, cancellationToken))
                continue;
            ReplayDevice[] audience = [mine, .. OwnersDevices().DefaultIfEmpty(device)];
            var disturbance = turn is null ? disturbances.Next(device, audience) : null;
            turn ??= Add(device, audience);
            disturbance?.Before?.Invoke();
            var given = await device.TryPostAsync(turn, text);
            disturbance?.After?.Invoke(given);
            var outcome = await given.Settled.WaitAsync(cancellationToken);
            switch (outcome.Code)
            {
                case ErrorCode.Ok:
                    turn.Attribute(toLast: true);
                    Ledger.Settle(turn.MessageId, outcome);
                    return turn;
                case ErrorCode.Taken when turn.Tries > 1:
                    await device.DismissAsync(turn.MessageId);
                    turn.Attribute(toLast: false);
                    Ledger.Settle(turn.MessageId, Outcome.Done);
                    return turn;
                case ErrorCode.OnHold:
                    await device.DismissAsync(turn.MessageId);
                    floor.Counts.RefuseOnHold();
                    var resumer = OwnersDevices() is { Count: > 0 } devices ? devices[(draw + 1) % devices.Count] : device;
                    floor.IsDone(await resumer.ControlAsync(ConversationId, ControlOperations.Resume).WaitAsync(cancellationToken), resumer, "resuming");
                    break;
                case ErrorCode.NotFound or ErrorCode.Forbidden or ErrorCode.Conflict or ErrorCode.Suspended:
                    await device.DismissAsync(turn.MessageId);
                    await Task.WhenAny(Newest.Changed, Task.Delay(LookAgainAfter, cancellationToken));
                    break;
                default:
                    throw new TurnRefusedException($"{device.Name}: a turn was refused with {outcome.Code}: {outcome.Detail}");
            }
        }
    }

    async Task ResolveAsync(Random random, CancellationToken cancellationToken)
    {
        // It may be, though the device that did it was signed out before it knew.
        while (Newest.State?.Status != ConversationStatus.Resolved)
        {
            if (OwnersDevices() is not { Count: > 0 } devices)
            {
                await Task.WhenAny(Newest.Changed, Task.Delay(LookAgainAfter, cancellationToken)).WaitAsync(cancellationToken);
                continue;
            }
            var device = devices[random.Next(devices.Count)];
            if (floor.IsDone(await device.ResolveAsync(ConversationId).WaitAsync(cancellationToken), device, "resolving"))
                return;
            await Task.WhenAny(Newest.Changed, Task.Delay(LookAgainAfter, cancellationToken));
        }
    }

    /// <summary>Some agents try to take what has just come in, while routing gives it to somebody.</summary>
    async Task RaceAsync(int racers, int draw)
    {
        var devices = Enumerable.Range(0, Math.Min(racers, floor.Desks.Count))
            .Select(i => floor.Desks[(draw + i) % floor.Desks.Count].Devices is { Count: > 0 } own ? own[draw % own.Count] : null).OfType<ReplayDevice>().ToArray();
        if (devices.Length == 0)
            return;
        floor.Counts.Race(devices.Length);
        await Task.WhenAll(devices.Select(async device =>
        {
            var outcome = await device.AssignAsync(ConversationId, device.Person.Id);
            if (floor.IsDone(outcome, device, "taking a conversation"))
                floor.Watch.Owners.See(ConversationId, outcome.Revision ?? 0, device.Person.Id, $"{device.Name}, who took it");
        }));
    }

    /// <summary>Does what the plan has, if somebody has the conversation now. What takes longer goes on beside the next turns.</summary>
    async Task BeginAsync(PlannedAct planned, CancellationToken cancellationToken)
    {
        if (planned.Act == ControlAct.None || Newest.Owner is not { } owner || OwnersDevices() is not { Count: > 0 } devices)
            return;
        var device = devices[planned.Device % devices.Count];
        var colleague = floor.ColleagueOf(owner, planned.Colleague)?.Agent.Id;
        switch (planned.Act)
        {
            case ControlAct.Hold:
                if (floor.IsDone(await device.ControlAsync(ConversationId, ControlOperations.Hold).WaitAsync(cancellationToken), device, "holding"))
                    floor.Counts.Hold();
                break;
            case ControlAct.TransferToAgent when colleague is not null:
                await TransferAsync(colleague, null);
                break;
            case ControlAct.TransferToGroup:
                await TransferAsync(null, floor.Tenant.TeamId);
                break;
            case ControlAct.TransferToQueue when floor.Tenant.Experts is { QueueId: var queue }:
                if (floor.IsDone(await device.ControlAsync(ConversationId, ControlOperations.Transfer, queue: queue, text: floor.Marker.Mark("For an expert")).WaitAsync(cancellationToken), device, "transferring to a queue"))
                    floor.Counts.TransferToQueue();
                break;
            case ControlAct.Snooze:
                if (floor.IsDone(await device.ControlAsync(ConversationId, ControlOperations.Snooze).WaitAsync(cancellationToken), device, "putting off"))
                    floor.Counts.Snooze();
                break;
            case ControlAct.ConsultAndComplete or ControlAct.ConsultAndCancel when colleague is { } consulted:
                underWay.Add(ConsultAsync(device, consulted, planned.Act == ControlAct.ConsultAndComplete, cancellationToken));
                break;
            case ControlAct.Note:
                underWay.Add(NoteAsync(device, null));
                break;
            case ControlAct.Mention when colleague is { } mentioned:
                underWay.Add(NoteAsync(device, mentioned));
                break;
            case ControlAct.RemoveParticipant when Newest.Handling?.Agents.FirstOrDefault(one => one.Part is Part.Collaborator or Part.Reader) is { } participant:
                floor.IsDone(await device.ControlAsync(ConversationId, ControlOperations.RemoveParticipant, participant.AgentId).WaitAsync(cancellationToken), device, "removing a participant");
                break;
            case ControlAct.Whisper:
                underWay.Add(WhisperAsync());
                break;
            case ControlAct.Barge:
                underWay.Add(BargeAsync());
                break;
            case ControlAct.TakeOver:
                underWay.Add(TakeOverAsync());
                break;
        }

        async Task TransferAsync(Guid? agent, Guid? group)
        {
            var outcome = await device.ControlAsync(ConversationId, ControlOperations.Transfer, agent, group, floor.Marker.Mark("She is in a hurry")).WaitAsync(cancellationToken);
            if (floor.IsDone(outcome, device, "transferring"))
                floor.Counts.TransferBlind();
        }
    }

    async Task ConsultAsync(ReplayDevice device, Guid colleague, bool completes, CancellationToken cancellationToken)
    {
        var before = Newest.HandlingRevision;
        floor.Watch.Owners.Consult(ConversationId, colleague);
        var begun = await device.ControlAsync(ConversationId, ControlOperations.Consult, colleague, text: floor.Marker.Mark("May I ask you something?"));
        if (!floor.IsDone(begun, device, "consulting"))
            return;
        floor.Counts.TransferAttended();
        await floor.Watch.UntilAsync(
            ConversationId,
            seen => seen.HandlingRevision > before && seen.Handling?.Transfer is not { IsUnderWay: true, ConsultantId: null },
            cancellationToken);
        if (Newest.Handling?.Transfer is not { IsUnderWay: true, ConsultantId: { } consultant })
            return;

        if (floor.DeskOf(consultant)?.Device is { } other)
            await NoteAsync(other, null);
        var ending = completes ? ControlOperations.CompleteTransfer : ControlOperations.CancelTransfer;
        if (OwnersDevices() is [var last, ..] && floor.IsDone(await last.ControlAsync(ConversationId, ending), last, ending))
        {
            if (completes)
                floor.Counts.Complete();
            else
                floor.Counts.Cancel();
        }
    }

    async Task NoteAsync(ReplayDevice device, Guid? mentioned)
    {
        var outcome = await device.NoteAsync(ConversationId, floor.Marker.Mark("Between us"), mentioned is { } named ? [named] : null);
        if (!floor.IsDone(outcome, device, "writing a note"))
            return;
        floor.Counts.Note();
        if (mentioned is not null)
            floor.Counts.Mention();
    }

    /// <summary>The supervisor reads along, says something to whoever has the conversation, and goes. The customer never meets it.</summary>
    async Task WhisperAsync()
    {
        if (floor.Supervisor.Device is not { } device)
            return;
        if (!floor.IsDone(await device.ControlAsync(ConversationId, ControlOperations.Monitor), device, "monitoring"))
            return;
        if (floor.IsDone(await device.ControlAsync(ConversationId, ControlOperations.Whisper, text: floor.Marker.Mark("Offer her the blue one")), device, "whispering"))
            floor.Counts.Whisper();
        floor.IsDone(await device.ControlAsync(ConversationId, ControlOperations.RemoveParticipant, device.Person.Id), device, "ceasing to monitor");
    }

    /// <summary>The supervisor comes in to write along, and goes again.</summary>
    async Task BargeAsync()
    {
        if (await ComeInAsync(ControlOperations.Barge, "barging in") is not { } device)
            return;
        floor.Counts.Barge();
        floor.IsDone(await device.ControlAsync(ConversationId, ControlOperations.RemoveParticipant, device.Person.Id), device, "leaving");
    }

    /// <summary>The supervisor takes the conversation from its agent, and has it wait for another.</summary>
    async Task TakeOverAsync()
    {
        if (await ComeInAsync(ControlOperations.TakeOver, "taking over") is not { } device)
            return;
        floor.Counts.TakeOver();
        floor.IsDone(await device.AssignAsync(ConversationId, null), device, "giving back what was taken over");
    }

    /// <summary>The supervisor's device, when it came in so that the customer met it, be it gone again before any device is told; null when it did not.</summary>
    async Task<ReplayDevice?> ComeInAsync(string operation, string what)
    {
        if (floor.Supervisor.Device is not { } device || !floor.IsDone(await device.ControlAsync(ConversationId, operation), device, what))
            return null;
        floor.Watch.Meet(ConversationId, device.Person.Id);
        return device;
    }

    /// <summary>Waits until an agent who is at its desk has the conversation.</summary>
    async Task<ReplayDevice> OwnersDeviceAsync(int draw, CancellationToken cancellationToken)
    {
        while (true)
        {
            var seen = Newest;
            if (OwnersDevices() is { Count: > 0 } devices)
                return devices[draw % devices.Count];
            await (seen.Owner is null ? seen.Changed.WaitAsync(cancellationToken) : Task.WhenAny(seen.Changed, Task.Delay(LookAgainAfter, cancellationToken)));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    IReadOnlyList<ReplayDevice> OwnersDevices() => Newest.Owner is { } owner ? floor.DeskOf(owner)?.Devices ?? [] : [];

    /// <summary>Waits until the device has the turn; false when its agent has not got the conversation any more.</summary>
    async Task<bool> IsSeenAsync(PlayedTurn turn, ReplayDevice device, CancellationToken cancellationToken)
    {
        for (var seen = turn.SeenOn(device); !seen.IsCompleted;)
        {
            var now = Newest;
            if (device.Ended.IsCompleted || now.Owner != device.Person.Id)
                return false;
            await Task.WhenAny(seen, device.Ended, now.Changed).WaitAsync(cancellationToken);
        }
        return true;
    }
}
