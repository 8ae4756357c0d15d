using System.Buffers;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>
/// One live connection of a device: sends pages until the device has reached its node's tail, then frames from exactly there. Pages and frames never overlap, and each names the last token the device
/// was given or presented. The queue is bounded: when it is full it is dropped and the device catches up by pages again, so that a slow device costs nobody else anything.
/// </summary>
public sealed class DeviceLink : IAsyncDisposable, ITailReader
{
    readonly DeviceLinks node;
    readonly IDevicePort port;
    readonly CancellationTokenSource closing = new();
    readonly ArrayBufferWriter<byte> buffer = new(1024);
    readonly DeviceQueue queue;
    readonly DeviceInUse activity;
    readonly PerSecondLimit typingRate;
    readonly TypingReach typingReach;
    readonly Viewing viewing;

    // The tail's.
    readonly HashSet<Audience> reads = [];

    // Touched by the sender only, and by SynchronizeAsync while there is no sender.
    TenantTail? tail;
    DeviceFilter filter = new(new SyncFilter());
    SyncFilter asked = new();
    uint filterHash;
    string? lastToken;
    DevicePosition? position;
    Resync? resync;
    int pageItems;
    Task sending = Task.CompletedTask;
    CancellationTokenSource? sendingStops;

    internal DeviceLink(DeviceLinks node, Caller caller, IDevicePort port)
    {
        this.node = node;
        this.port = port;
        Caller = caller;
        queue = new DeviceQueue(node.Options.MaxQueuedEntries, node.Metrics);
        activity = new DeviceInUse(node, caller);
        typingRate = new PerSecondLimit(node.Options.MaxTypingPerSecond, node.Clock);
        typingReach = new TypingReach(node.Store, caller);
        viewing = new Viewing(caller, node.Clock, node.Options.ViewingLasts, fact => node.TellAsync(fact, CancellationToken.None), node.Logger);
    }

    public Caller Caller { get; }

    /// <summary>The device may be served: it has synchronised, and its node's tail was confirmed lately.</summary>
    public bool MayServe => !closing.IsCancellationRequested && Volatile.Read(ref tail) is { IsConfirmed: true };

    /// <summary>The device has synchronised on this connection.</summary>
    public bool HasSynchronized => Volatile.Read(ref tail) is not null;

    bool ITailReader.WithoutNotes => filter.WithoutNotes;

    HashSet<Audience> ITailReader.Reads => reads;

    long ITailReader.JoinedAt { get; set; }

    /// <summary>
    /// Starts, or starts again, from the presented token. The first page is read here, so that the answer says whether the device may read at all; batches follow it.
    /// </summary>
    public async Task<SyncAnswer> SynchronizeAsync(SyncRequest request, CancellationToken cancellationToken)
    {
        if (Invalid(request) is { } invalid)
        {
            return new SyncAnswer { Outcome = invalid };
        }

        await StopSendingAsync();
        asked = request.Filter ?? new SyncFilter();
        filter = new DeviceFilter(asked);
        filterHash = DeviceFilter.HashOf(asked);
        pageItems = request.PageItems ?? node.Options.PageItems;
        (position, resync) = Start(request.Token);
        lastToken = resync is null ? request.Token : null;
        var entered = await EnterTailAsync(cancellationToken);
        var refused = true;
        DevicePage page;
        try
        {
            (page, var refusal) = await ReadFirstPageAsync(cancellationToken);
            if (refusal is not null)
            {
                return new SyncAnswer { Outcome = refusal };
            }

            refused = false;
        }
        finally
        {
            if (refused)
            {
                entered.Exit(this);
            }
        }

        Volatile.Write(ref tail, entered);
        if (Caller.IsAgent && await node.Store.FindItemAsync(Caller.Tenant, new(ItemKind.OpenConversation, Caller.PersonId), cancellationToken) is { } open)
        {
            viewing.Notice(open.Key, open.Revision, open.State.AsSpan());
        }

        sendingStops = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        sending = SendAsync(page, sendingStops.Token);
        activity.Begin();
        return new SyncAnswer
        {
            Outcome = Outcome.Done,
            AccountId = Caller.Tenant.Value,
            PersonId = Caller.PersonId,
            DeviceId = Caller.DeviceId,
            Role = Caller.Role,
            Limits = node.Limits,
        };
    }

    /// <summary>What the device has stored: makes messages delivered.</summary>
    public Outcome Confirm(Confirmation confirmation)
    {
        if (confirmation.Held is null || confirmation.Held.Any(held => held is null || held.Seq < 1))
        {
            return Outcome.Refused(ErrorCode.Malformed, "held: every seq must be 1 or more.");
        }

        if (confirmation.Held.Count > node.Options.MaxConfirmedConversations)
        {
            return Outcome.Refused(ErrorCode.TooLarge, $"held names {confirmation.Held.Count} conversations; the limit is {node.Options.MaxConfirmedConversations}.");
        }

        foreach (var held in confirmation.Held)
        {
            node.Confirmations.Add(Caller, held.ConversationId, held.Seq);
        }

        return Outcome.Done;
    }

    /// <summary>Typing or not, told to whoever else reads the conversation now. Somebody who does not read it is told that there is none.</summary>
    public async Task<Outcome> SetTypingAsync(Typing typing, CancellationToken cancellationToken)
    {
        if (TypingReach.Refuse(Caller, typing.Lane) is { } refusal)
        {
            return refusal;
        }

        if (!typingRate.TryTake())
        {
            return Outcome.Refused(ErrorCode.RateLimited, $"Typing may be said {node.Options.MaxTypingPerSecond} times a second.");
        }

        if (tail is not { } current || !current.IsReadBy(this, Audience.OfConversation(typing.ConversationId)))
        {
            return Outcome.Refused(ErrorCode.NotFound);
        }

        var audience = await typingReach.FindAsync(typing.ConversationId, typing.Lane, cancellationToken);
        await node.TellAsync(new EphemeralEvent(Caller.Tenant, audience, typing.ConversationId, Caller.PersonId, typing.Active), cancellationToken);
        return Outcome.Done;
    }

    /// <summary>Whether the device is in use.</summary>
    public Outcome SetActivity(DeviceActivity said) => activity.Set(said);

    /// <summary>Says again whether it is.</summary>
    internal Task ReportAsync(CancellationToken cancellationToken) => activity.ReportAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (HasSynchronized)
        {
            activity.End();
        }

        viewing.Dispose();

        await closing.CancelAsync();
        await StopSendingAsync();
        node.Forget(this);
    }

    void ITailReader.Close(string reason) => Close(reason);

    bool ITailReader.Stage(WireEntry entry)
    {
        typingReach.Notice(entry.Entry);
        if (entry.Entry is ItemEntry { Key.Kind: ItemKind.OpenConversation } open)
        {
            viewing.Notice(open.Key, open.Revision, open.State.AsSpan());
        }

        return !queue.HasStaged(entry.Entry) && filter.Pass(entry) is { } passed && queue.Stage(passed);
    }

    void ITailReader.Publish(long to) => queue.Publish(to, filter.NeedsPage);

    void ITailReader.Tell(EphemeralEvent fact)
    {
        viewing.Hear(fact);
        queue.Tell(fact);
    }

    void Close(string reason)
    {
        if (!closing.IsCancellationRequested)
        {
            // Called under the tail's lock: what the cancellation sets off runs elsewhere.
            _ = closing.CancelAsync();
            port.Close(reason);
        }
    }

    Outcome? Invalid(SyncRequest request)
    {
        if (request.Token is { Length: > SyncTokens.MaxLength * 2 })
        {
            return Outcome.Refused(ErrorCode.TooLarge, $"token has {request.Token.Length} characters; the limit is {SyncTokens.MaxLength * 2}.");
        }

        if (request.PageItems is { } items && (items < 1 || items > node.Options.MaxPageItems))
        {
            return Outcome.Refused(ErrorCode.TooLarge, $"pageItems must be 1 … {node.Options.MaxPageItems}.");
        }

        return request.Filter?.Statuses is { } statuses && (statuses.Count > 10 || !statuses.All(Enum.IsDefined))
            ? Outcome.Refused(ErrorCode.Malformed, "filter.statuses must be some of open, resolved.")
            : null;
    }

    (DevicePosition? Position, Resync? Resync) Start(string? token)
    {
        if (token is null)
        {
            return (null, new Resync(ResyncReason.New, Discard: false));
        }

        return node.Tokens.Open(Caller, token) switch
        {
            null => (null, new Resync(ResyncReason.UnknownToken, Discard: true)),
            { IsOfThisEpoch: false } => (null, new Resync(ResyncReason.Epoch, Discard: true)),
            { } opened when opened.Filter != filterHash => (null, new Resync(ResyncReason.Filter, Discard: false)),
            { } opened => (opened.Position, null),
        };
    }

    /// <summary>Before the first page is read: a sign-out that the page does not know finds the connection here.</summary>
    async Task<TenantTail> EnterTailAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = await node.Tails.TailAsync(Caller.Tenant, cancellationToken);
            if (current.TryEnter(this))
            {
                return current;
            }
        }
    }

    async Task<(DevicePage Page, Outcome? Refusal)> ReadFirstPageAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await ReadPageAsync(cancellationToken);
            switch (page.Verdict)
            {
                case PageVerdict.Ok when page.Controls != Caller.Controls:
                    // Its manager has changed them since it was authenticated: it comes back as who it is now.
                    Close(Ending.ControlsChanged);
                    return (page, Outcome.Refused(ErrorCode.Unavailable, "What the agent may do has just changed; connect again."));
                case PageVerdict.Ok:
                    return (page, null);
                case PageVerdict.BelowFloor or PageVerdict.Future:
                    RestartFor(page.Verdict);
                    break;
                default:
                    return (page, Outcome.Refused(page.Verdict == PageVerdict.Suspended ? ErrorCode.Suspended : ErrorCode.Unauthenticated));
            }
        }
    }

    void RestartFor(PageVerdict verdict)
    {
        position = null;
        lastToken = null;
        resync = verdict == PageVerdict.BelowFloor ? new Resync(ResyncReason.Floor, Discard: false) : new Resync(ResyncReason.Future, Discard: true);
    }

    Task<DevicePage> ReadPageAsync(CancellationToken cancellationToken) => node.Store.ReadPageAsync(
        new PageRequest
        {
            Tenant = Caller.Tenant,
            PersonId = Caller.PersonId,
            DeviceId = Caller.DeviceId,
            Filter = asked,
            Position = position,
            MaxItems = pageItems,
        },
        cancellationToken);

    async Task SendAsync(DevicePage first, CancellationToken cancellationToken)
    {
        // The hub's answer goes first.
        await Task.Yield();
        try
        {
            await SendPagesAsync(first, cancellationToken);
            while (true)
            {
                await queue.WaitAsync(cancellationToken);
                if (queue.IsBehind)
                {
                    tail!.Leave(this);
                    await SendPagesAsync(first: null, cancellationToken);
                }
                else
                {
                    await SendFrameAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped: the device is gone, or synchronises anew.
        }
        catch (Exception exception)
        {
            // The device comes back and catches up by its token; what it was sent so far stays true.
            node.Logger.SendingFailed(exception, Caller.Tenant, Caller.DeviceId);
            Close("unavailable");
        }
        finally
        {
            tail!.Exit(this);
        }
    }

    async Task SendPagesAsync(DevicePage? first, CancellationToken cancellationToken)
    {
        for (var page = first; ; page = null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            page ??= await ReadPageAsync(cancellationToken);
            if (page.Verdict is PageVerdict.SignedOut or PageVerdict.Suspended)
            {
                Close("signed out");
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (page.Verdict is not PageVerdict.Ok)
            {
                RestartFor(page.Verdict);
                continue;
            }

            // A page that brings nothing need not be sent again, but the first says that there is nothing.
            if (page.Entries.Length > 0 || page.More || page.Position != position || first is not null)
            {
                position = page.Position!;
                await SendAsync([.. page.Entries.Select(entry => new WireEntry(entry))], page.More, [], cancellationToken);
                node.Metrics.PageSent();
                first = null;
            }

            if (!page.More && TryJoin(page))
            {
                return;
            }
        }
    }

    bool TryJoin(DevicePage page)
    {
        filter.Begin(page.Audiences, page.FilteredOut);
        queue.Restart();
        return tail!.TryJoin(this, position!.ModSeq, page.Audiences);
    }

    async Task SendFrameAsync(CancellationToken cancellationToken)
    {
        var (entries, facts) = queue.Take(out var to);
        if (entries.Count > 0)
        {
            position = new DevicePosition(to, Snapshot: null);
            await SendAsync(entries, more: false, facts, cancellationToken);
            node.Metrics.FrameSent();
            entries.Clear();
        }
        else if (facts.Count > 0)
        {
            buffer.ResetWrittenCount();
            BatchWriter.WriteEphemeralOnly(buffer, facts, node.Options.EphemeralTimes);
            await port.SendAsync(buffer.WrittenMemory, cancellationToken);
        }
    }

    async Task SendAsync(IReadOnlyList<WireEntry> entries, bool more, IReadOnlyCollection<EphemeralEvent> facts, CancellationToken cancellationToken)
    {
        var to = node.Tokens.Seal(Caller, position!, filterHash);
        buffer.ResetWrittenCount();
        BatchWriter.Write(buffer, lastToken, to, more, resync, entries, facts, node.Options.EphemeralTimes);
        await tail!.WaitUntilConfirmedAsync(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        await port.SendAsync(buffer.WrittenMemory, cancellationToken);
        if (resync is { } told)
        {
            node.Metrics.Resynced(told.Reason);
        }

        (lastToken, resync) = (to, null);
    }

    async Task StopSendingAsync()
    {
        if (sendingStops is { } stops)
        {
            await stops.CancelAsync();
            await sending;
            stops.Dispose();
            sendingStops = null;
        }
    }
}
