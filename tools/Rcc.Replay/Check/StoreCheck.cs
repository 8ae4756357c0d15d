using System.Diagnostics;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Contracts.Conversations;
using Rcc.Replay.Accounts;
using Rcc.Replay.Control;
using Rcc.Replay.Dialogues;
using Rcc.Replay.Play;

namespace Rcc.Replay.Check;

/// <summary>
/// Compares what devices hold with the store, through the front door: a fresh device of the same person, which starts from nothing, and the lists of messages page by page.
/// </summary>
/// <param name="watch">Is told what the fresh device is told; null: nobody is.</param>
sealed class StoreCheck(Uri server, Ledger ledger, Findings findings, int seed, TimeSpan patience, ControlWatch? watch = null)
{
    static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(25);

    /// <summary>Compares a person's devices with a fresh one, and, read by it, the person's conversations with what was said in them.</summary>
    /// <param name="expected">The dialogues as they must be found.</param>
    public async Task RunAsync(Person person, IReadOnlyList<ReplayDevice> devices, IReadOnlyList<(PlayedDialogue Played, Dialogue Expected)> expected, CancellationToken cancellationToken)
    {
        foreach (var device in devices)
            device.GoOnline();
        await using var fresh = await ReplayDevice.StartAsync(person, "fresh device", server, ledger, seed, cancellationToken, watch, devices is [var known, ..] ? known.Received : null);
        if (!await UntilAsync(() => IsCaughtUp(fresh), cancellationToken))
            findings.Diverge($"{fresh.Name}: did not get all there is within {patience} ({fresh.Status})");

        foreach (var device in devices)
        {
            findings.Compare();
            if (!await UntilAsync(() => device.Unsettled.Count == 0, cancellationToken))
                findings.Diverge($"{device.Name}: {device.Unsettled.Count} commands are still unsettled after {patience} ({device.Status}): {string.Join(", ", device.Unsettled.Take(3).Select(Describe))}");
            else if (!await UntilAsync(() => IsCaughtUp(device) && IsCaughtUp(fresh) && string.Equals(device.Hash, fresh.Hash, StringComparison.Ordinal), cancellationToken))
                findings.Diverge($"{device.Name} ({device.Status}): {Differences.Describe(device.Snapshot, fresh.Snapshot)}");
            ledger.Look(device);
        }

        var held = fresh.Snapshot;
        var conversations = held.Items.Count(item => item.Key.Kind == Contracts.Sync.ItemKinds.Conversation);
        if (conversations != expected.Count)
            findings.Diverge($"{fresh.Name}: holds {conversations} conversations and takes part in {expected.Count}");
        foreach (var (played, dialogue) in expected)
        {
            var listed = await ListAsync(fresh, played.ConversationId, cancellationToken);
            if (person == played.Customer)
            {
                var messages = dialogue.Turns.Select((turn, i) => Expect(played, turn, i));
                MessageListCheck.Run(dialogue.ToString(), [.. messages], listed, findings);
            }
            if (!fresh.Messages(played.ConversationId).Messages.SequenceEqual(listed))
                findings.Diverge($"{fresh.Name}: holds other messages of {dialogue} than the server lists");
        }
        ledger.Look(fresh);
    }

    static string Describe(OutboxEntry entry) => $"{(entry.Command as ControlConversation)?.Operation ?? entry.Method} in {entry.ConversationId} is {entry.State}{(entry.Attempted ? "" : ", never sent")}";

    ExpectedMessage Expect(PlayedDialogue played, Turn turn, int index)
    {
        if (index >= played.MessageIds.Count)
            return new ExpectedMessage(Guid.CreateVersion7(), [], turn.Text);
        var id = played.MessageIds[index];
        return new ExpectedMessage(id, turn.IsCustomers ? [played.Customer.Id] : ledger.Find(id)!.Writers, turn.Text);
    }

    /// <summary>All pages and all messages are there, and nothing is being asked for any more.</summary>
    static bool IsCaughtUp(ReplayDevice device)
    {
        if (device.Status != DeviceStatus.Online)
            return false;
        var held = device.Snapshot;
        return held.Position is { Complete: true, SweepDue: false }
            && held.Lanes.Values.All(lane => !lane.NewestDue && lane.AboveEnd < lane.AboveStart && lane.HeldStart == 1);
    }

    async Task<IReadOnlyList<MessageItem>> ListAsync(ReplayDevice device, Guid conversation, CancellationToken cancellationToken)
    {
        var messages = new List<MessageItem>();
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            string refusal;
            try
            {
                var page = await device.LoadAsync(new LoadMessages { ConversationId = conversation, Before = messages.Count == 0 ? null : messages[0].Seq }, cancellationToken);
                if (page.Outcome.IsOk && page.Messages.Count == 0)
                    return messages;
                if (page.Outcome.IsOk)
                {
                    messages.InsertRange(0, page.Messages);
                    continue;
                }
                refusal = $"{page.Outcome.Code}: {page.Outcome.Detail}";
                if (page.Outcome.Code is not (ErrorCode.Busy or ErrorCode.RateLimited or ErrorCode.Unavailable))
                {
                    ledger.Fail($"{device.Name}: the messages of {conversation} were refused. {refusal}");
                    return messages;
                }
            }
            catch (IOException e)
            {
                refusal = e.Message;
            }
            if (Stopwatch.GetElapsedTime(begun) > patience)
            {
                ledger.Fail($"{device.Name}: the messages of {conversation} could not be read within {patience}: {refusal}");
                return messages;
            }
            await Task.Delay(LookAgainAfter, cancellationToken);
        }
    }

    async Task<bool> UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(LookAgainAfter);
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > patience)
                return false;
            await tick.WaitForNextTickAsync(cancellationToken);
        }
        return true;
    }
}
