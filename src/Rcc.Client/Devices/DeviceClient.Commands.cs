using System.Text;
using Rcc.Client.Conversations;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>What the user does, and what the device asks of the server by itself.</summary>
public sealed partial class DeviceClient
{
    const int UnknownMaxContentBytes = 64 * 1024;
    const int UnknownMaxDraftBytes = 16 * 1024;
    const int UnknownMaxConfirmed = 100;

    /// <summary>After so many errors of the hub a command is given up: it must not hold up its conversation for ever.</summary>
    const int MostHubErrors = 5;

    int failedConfirmations;

    /// <summary>Opens a conversation (customers), with one of the inbox's departments if it offers any. The id is made here, so that messages can be posted at once.</summary>
    public Task<Outcome> OpenConversationAsync(Guid conversationId, Guid? departmentId = null) =>
        Give(nameof(IDeviceHub.OpenConversation), conversationId, number => new OpenConversation { Number = number, ConversationId = conversationId, DepartmentId = departmentId });

    /// <summary>Posts a message. It is shown at once; the task completes when the server has settled it, which may take until the device is online again. Without a message id it gets a new one (UUID version 7).
    /// A note may mention agents.</summary>
    public Task<Outcome> PostAsync(Guid conversationId, string content, Lane lane = Lane.Public, Guid? messageId = null, IReadOnlyList<Guid>? mentions = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        var id = messageId ?? Guid.CreateVersion7(options.Time.GetUtcNow());
        return TooLarge("maxContentBytes", content, limits => limits.MaxContentBytes, UnknownMaxContentBytes) is { } refused
            ? Task.FromResult(refused)
            : Give(nameof(IDeviceHub.PostMessage), conversationId, number => new PostMessage
            {
                Number = number, ConversationId = conversationId, MessageId = id, Lane = lane, Content = content, Mentions = mentions,
            });
    }

    /// <summary>Tries a refused post again, as a new command for the same message. <see cref="ErrorCode.NotFound"/> when there is no such post.</summary>
    public Task<Outcome> RetryAsync(Guid messageId) => Transact((waiter, changes) =>
    {
        if (outbox.Find(messageId) is not { Entry: { State: OutboxState.Refused, Command: PostMessage post } } command)
        {
            waiter.SetResult(Outcome.Refused(ErrorCode.NotFound, $"no refused post {messageId}"));
            return;
        }
        outbox.Remove(command, changes);
        Give(command.Entry.Method, post.ConversationId, number => post with { Number = number }, waiter, changes);
    });

    /// <summary>Takes a refused post off the screen.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Dismiss(Guid messageId)
    {
        var found = false;
        Run(changes =>
        {
            if (outbox.Find(messageId) is not { Entry.State: OutboxState.Refused } command)
                return;
            found = true;
            outbox.Remove(command, changes);
        });
        return found;
    }

    /// <summary>Closes a conversation; its inbox or queue may ask for a disposition.</summary>
    public Task<Outcome> ResolveAsync(Guid conversationId, string? disposition = null) => Give(
        nameof(IDeviceHub.ResolveConversation), conversationId, number => new ResolveConversation { Number = number, ConversationId = conversationId, Disposition = disposition });

    public Task<Outcome> ReopenAsync(Guid conversationId) =>
        Give(nameof(IDeviceHub.ReopenConversation), conversationId, number => new ReopenConversation { Number = number, ConversationId = conversationId });

    /// <summary>Gives a conversation to an agent; to nobody, so that it waits, when <paramref name="agentId"/> is null.</summary>
    public Task<Outcome> AssignAsync(Guid conversationId, Guid? agentId) =>
        Give(nameof(IDeviceHub.AssignConversation), conversationId, number => new AssignConversation { Number = number, ConversationId = conversationId, AgentId = agentId });

    /// <summary>Controls a communication; <paramref name="operation"/> is one of <see cref="ControlOperations"/>.</summary>
    public Task<Outcome> ControlAsync(Guid conversationId, string operation) =>
        ControlAsync(new ControlConversation { Number = 0, ConversationId = conversationId, Operation = operation });

    /// <summary>Controls a communication; the number is given by the outbox.</summary>
    public Task<Outcome> ControlAsync(ControlConversation control)
    {
        ArgumentNullException.ThrowIfNull(control);
        return Give(nameof(IDeviceHub.ControlConversation), control.ConversationId, number => control with { Number = number });
    }

    /// <summary>
    /// Does the same to many conversations: <paramref name="step"/>, or a macro. Not kept in the outbox: while the device is offline, or when the connection ends before the answer, the outcome is
    /// <see cref="ErrorCode.Unavailable"/>, and what became of each shows when the device is in step again.
    /// </summary>
    public Task<ControlledConversations> ControlManyAsync(IReadOnlyList<Guid> conversationIds, MacroStep? step = null, Guid? macroId = null)
    {
        ArgumentNullException.ThrowIfNull(conversationIds);
        return AskAsync<ControlledConversations>(
            nameof(IDeviceHub.ControlConversations),
            changes => new ControlConversations { Number = NextNumber(conversationIds.Count, changes), ConversationIds = conversationIds, Step = step, MacroId = macroId },
            refusal => new() { Outcome = refusal });
    }

    /// <summary>
    /// Asks the REST API on the device's connection. Not kept in the outbox: while the device is offline, or when the connection ends before the answer, the outcome is <see cref="ErrorCode.Unavailable"/>, and a
    /// request with an <see cref="ApiRequest.IdempotencyKey"/> can be repeated.
    /// </summary>
    public Task<ApiAnswer> RequestAsync(ApiRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return AskAsync<ApiAnswer>(nameof(IDeviceHub.Request), _ => request, refusal => new() { Outcome = refusal });
    }

    /// <summary>Asks now or not at all.</summary>
    Task<TAnswer> AskAsync<TAnswer>(string method, Func<DeviceChanges, object> argument, Func<Outcome, TAnswer> refuse)
    {
        var waiter = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var question = new Question(() => waiter.TrySetResult(refuse(Outcome.Refused(ErrorCode.Unavailable, "The device is offline."))), () => waiter.TrySetCanceled());
        RunOrThrow(changes =>
        {
            if (Status != DeviceStatus.Online)
            {
                question.Lose();
                return;
            }
            asked.Add(question);
            Call<TAnswer>(method, argument(changes), (answer, _) => Answer(answer), (e, _) => Answer(refuse(Outcome.Refused(ErrorCode.Malformed, e.Message))));
        });
        return waiter.Task;

        void Answer(TAnswer answer)
        {
            asked.Remove(question);
            waiter.TrySetResult(answer);
        }
    }

    /// <summary>The person saw the messages up to <paramref name="seq"/> on a screen.</summary>
    public Task<Outcome> MarkReadAsync(Guid conversationId, long seq, Lane lane = Lane.Public) =>
        Give(nameof(IDeviceHub.MarkRead), conversationId, number => new MarkRead { Number = number, ConversationId = conversationId, Seq = seq, Lane = lane });

    /// <summary>Keeps an unsent text on all the person's devices. What another device has written meanwhile makes it a conflict, unless <paramref name="replace"/> says to write over it.</summary>
    public Task<Outcome> SetDraftAsync(Guid conversationId, string text, Lane lane = Lane.Public, bool replace = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TooLarge("maxDraftBytes", text, limits => limits.MaxDraftBytes, UnknownMaxDraftBytes) is { } refused
            ? Task.FromResult(refused)
            : Give(nameof(IDeviceHub.SetDraft), conversationId, number => new SetDraft
            {
                Number = number,
                ConversationId = conversationId,
                Text = text,
                Lane = lane,
                IfRevision = replace ? null : outbox.DraftBase(conversationId, OwnItem(ItemKinds.Draft, conversationId)?.Revision ?? 0),
            });
    }

    /// <summary>Says which conversation the person has open; null: none.</summary>
    public Task<Outcome> SetOpenConversationAsync(Guid? conversationId) =>
        Give(nameof(IDeviceHub.SetOpenConversation), conversation: null, number => new SetOpenConversation { Number = number, ConversationId = conversationId });

    /// <summary>
    /// Says whether the agent takes conversations: by hand, or by one of the tenant's own words, until it is said anew or <paramref name="until"/>; with neither it is left to the agent's devices.
    /// </summary>
    public Task<Outcome> SetAvailabilityAsync(Availability? availability = null, string? label = null, string? note = null, DateTimeOffset? until = null) =>
        Give(nameof(IDeviceHub.SetAvailability), conversation: null, number => new SetAvailability { Number = number, Availability = availability, Label = label, Note = note, Until = until });

    /// <summary>Sets a piece of context information about a customer or an agent; the number is given by the outbox.</summary>
    public Task<Outcome> SetContextAsync(SetContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Give(nameof(IDeviceHub.SetContext), conversation: null, number => context with { Number = number });
    }

    /// <summary>Takes a piece of context information away; the number is given by the outbox.</summary>
    public Task<Outcome> ClearContextAsync(ClearContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Give(nameof(IDeviceHub.ClearContext), conversation: null, number => context with { Number = number });
    }

    /// <summary>Typing or not, a message or a note. Dropped while offline: it would be told too late.</summary>
    public void SetTyping(Guid conversationId, bool active, Lane lane = Lane.Public) => Run(_ =>
    {
        if (Status == DeviceStatus.Online)
            Call<Outcome>(nameof(IDeviceHub.SetTyping), new Typing { ConversationId = conversationId, Lane = lane, Active = active }, static (_, _) => { }, static (_, _) => { });
    });

    /// <summary>A text that is over the limit would close the connection each time it is sent, and so is refused here.</summary>
    Outcome? TooLarge(string name, string text, Func<SyncLimits, int> limit, int unknown)
    {
        var max = Ask(() => replica.Position.Limits is { } limits ? limit(limits) : unknown);
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes <= max ? null : Outcome.Refused(ErrorCode.TooLarge, $"{name} is {max}, the text has {bytes} bytes");
    }

    Task<Outcome> Give(string method, Guid? conversation, Func<long, DeviceCommand> make) =>
        Transact((waiter, changes) => Give(method, conversation, make, waiter, changes));

    void Give(string method, Guid? conversation, Func<long, DeviceCommand> make, TaskCompletionSource<Outcome> waiter, DeviceChanges changes)
    {
        if (outbox.IsFull)
        {
            waiter.SetResult(Outcome.Refused(ErrorCode.TooLarge, $"maxOutboxCommands is {options.MaxOutboxCommands}"));
            return;
        }
        var number = NextNumber(1, changes);
        var command = new OutboxCommand(new OutboxEntry { Method = method, ConversationId = conversation, Command = make(number) });
        command.Waiters.Add(waiter);
        outbox.Add(command, changes);
    }

    /// <summary>The first of so many numbers that no command of the device has had.</summary>
    long NextNumber(int count, DeviceChanges changes)
    {
        var number = Math.Max(replica.Position.LastNumber + 1, options.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1024);
        replica.Move(replica.Position with { LastNumber = number + count - 1 }, changes);
        return number;
    }

    Task<Outcome> Transact(Action<TaskCompletionSource<Outcome>, DeviceChanges> act)
    {
        var waiter = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        RunOrThrow(changes => act(waiter, changes));
        return waiter.Task;
    }

    void RunOrThrow(Action<DeviceChanges> act)
    {
        var begun = false;
        Run(changes =>
        {
            begun = true;
            act(changes);
        });
        if (!begun)
            throw new InvalidOperationException(Failure is null ? "The device client is disposed." : "The device has failed; a new client on the same store goes on.", Failure);
    }

    /// <summary>Does what is due now.</summary>
    void Pump(DeviceChanges changes)
    {
        var now = Now;
        foreach (var conversation in typing.Expire(now))
            Tell(o => o.TypingChanged(conversation));
        foreach (var conversation in places.Expire(now))
            Tell(o => o.QueuePlaceChanged(conversation));
        foreach (var conversation in viewing.Expire(now))
            Tell(o => o.ViewingChanged(conversation));

        if (Status == DeviceStatus.Waiting && openDue <= now)
            Open();
        if (Status == DeviceStatus.Connecting && openingSince + options.AnswerTimeout <= now)
            LinkLost(linkId, new TimeoutException($"An attempt to connect neither succeeded nor failed for {options.AnswerTimeout}."));
        if (outstanding.Count > 0 && outstanding.Values.Min() + options.AnswerTimeout <= now)
            LinkLost(linkId, new TimeoutException($"A call was not answered for {options.AnswerTimeout}."));
        if (Status != DeviceStatus.Online)
            return;

        if (syncDue <= now)
            Synchronize();
        foreach (var command in outbox.TakeDue(now, changes))
            Send(command);
        foreach (var load in loads.TakeDue(replica, now))
            Ask(load);
        while (confirmations.Due <= now)
            Confirm(confirmations.Take(Math.Max(1, replica.Position.Limits?.MaxConfirmedConversations ?? UnknownMaxConfirmed)));
    }

    void Send(OutboxCommand command)
    {
        var id = linkId;
        Call<Outcome>(
            command.Entry.Method,
            command.Entry.Command,
            (outcome, changes) =>
            {
                switch (outcome.Code)
                {
                    case var code when IsRetriable(code):
                        PutOff(command, outcome);
                        break;
                    case ErrorCode.Unauthenticated or ErrorCode.Suspended:
                        Halt(id, outcome.Code);
                        break;
                    default:
                        Settle(command, outcome, changes);
                        break;
                }
            },
            (e, changes) =>
            {
                // A request the server cannot read ends so, and would again; so does one that met a defect, and whether that had acted is not known.
                if (++command.HubErrors < MostHubErrors)
                    PutOff(command);
                else
                    Settle(command, Outcome.Refused(ErrorCode.Malformed, $"The server answered {command.Entry.Method} {MostHubErrors} times with an error: {e.Message}"), changes);
            });
    }

    void PutOff(OutboxCommand command, Outcome? outcome = null)
    {
        command.InFlight = false;
        command.Due = DueAfter(++command.Attempts, outcome);
        if (outcome?.RetryAfterSeconds is not null)
            command.NotBefore = command.Due;
    }

    void Settle(OutboxCommand command, Outcome outcome, DeviceChanges changes)
    {
        var entry = command.Entry;
        outbox.Settle(command, outcome, HasArrived, changes);
        foreach (var waiter in command.Waiters)
            effects.Enqueue(() => waiter.TrySetResult(outcome));
        command.Waiters.Clear();
        Tell(o => o.Settled(entry, outcome));
    }

    void Ask(Load load)
    {
        var limit = Math.Min(options.PageMessages, options.HistoryMessages);
        if (replica.Position.Limits is { MaxPageItems: > 0 } limits)
            limit = Math.Min(limit, limits.MaxPageItems);
        Call<MessagePage>(
            nameof(IDeviceHub.LoadMessages),
            new LoadMessages { ConversationId = load.Window.Id.ConversationId, Lane = load.Window.Id.Lane, Before = load.Before, Limit = limit },
            (page, changes) => Loaded(load, page, changes),
            (_, _) => PutOff(load, outcome: null));
    }

    void Loaded(Load load, MessagePage page, DeviceChanges changes)
    {
        var current = replica.Lanes.GetValueOrDefault(load.Window.Id);
        if (!ReferenceEquals(current, load.Window))
        {
            // The conversation has left meanwhile, and may have come back: this answer is about the time before.
            loads.Done(load);
            if (current is not null)
                loads.Consider(current);
        }
        else if (page.Outcome.Code is ErrorCode.Unauthenticated or ErrorCode.Suspended)
        {
            Halt(linkId, page.Outcome.Code);
        }
        else if (page.Outcome.IsOk && load.Window.AddPage(load.Before, page.Messages, changes))
        {
            loads.Done(load);
            loads.Consider(load.Window);
        }
        else
        {
            PutOff(load, page.Outcome);
        }
    }

    void PutOff(Load load, Outcome? outcome) => loads.PutOff(load, attempts => DueAfter(attempts, outcome), isAsked: outcome?.RetryAfterSeconds is not null);

    void Confirm(IReadOnlyList<Held> held) => Call<Outcome>(
        nameof(IDeviceHub.Confirm),
        new Confirmation { Token = replica.Position.Token, Held = held },
        (outcome, changes) =>
        {
            if (outcome.Code is ErrorCode.Unauthenticated or ErrorCode.Suspended)
            {
                Halt(linkId, outcome.Code);
                return;
            }
            if (!outcome.IsOk)
            {
                confirmations.Again(held, DueAfter(++failedConfirmations, outcome), isAsked: outcome.RetryAfterSeconds is not null);
                return;
            }
            failedConfirmations = 0;
            foreach (var one in held)
            {
                if (replica.Lanes.ContainsKey(new LaneId(one.ConversationId, Lane.Public)))
                {
                    confirmations.Answered(one);
                    changes.Confirmed[one.ConversationId] = one.Seq;
                }
            }
        },
        (_, _) => confirmations.Again(held, DueAfter(++failedConfirmations, outcome: null), isAsked: false));

    /// <summary>When to try again: never before the server wants it, and the jitter on top.</summary>
    DateTimeOffset DueAfter(int attempt, Outcome? outcome) => Now + TimeSpan.FromSeconds(Math.Max(0, outcome?.RetryAfterSeconds ?? 0)) + options.Pause(attempt);
}
