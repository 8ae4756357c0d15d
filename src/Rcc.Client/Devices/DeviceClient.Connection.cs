using Rcc.Client.Conversations;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>Connecting, synchronising, and losing the connection.</summary>
public sealed partial class DeviceClient
{
    readonly Dictionary<long, DateTimeOffset> outstanding = [];

    /// <summary>Who waits for an answer that only the connection of now can bring.</summary>
    readonly List<Question> asked = [];
    readonly List<PushBatch> early = [];
    IDeviceLink? link;
    int linkId;
    long lastCall;
    int openAttempts;
    DateTimeOffset openDue;
    DateTimeOffset openingSince;

    /// <summary>The server wants no attempt before.</summary>
    DateTimeOffset openNotBefore;

    /// <summary>What had been carried out when synchronisation was last asked for.</summary>
    IReadOnlyList<OutboxCommand> acceptedBefore = [];
    DateTimeOffset onlineSince;
    bool syncInFlight;
    DateTimeOffset? syncDue;
    int gapsInARow;

    void Open()
    {
        var id = ++linkId;
        HaltedBy = null;
        openingSince = Now;
        Turn(DeviceStatus.Connecting);
        effects.Enqueue(() => _ = OpenAsync(id));
    }

    /// <summary>At once, unless the server has asked to wait.</summary>
    void OpenOrWait()
    {
        if (openNotBefore <= Now)
        {
            Open();
            return;
        }
        openDue = openNotBefore;
        Turn(DeviceStatus.Waiting);
    }

    async Task OpenAsync(int id)
    {
        try
        {
            var opened = await transport.OpenAsync(batch => Run(changes => Pushed(id, batch, changes)), disposed.Token).ConfigureAwait(false);
            var current = false;
            Run(_ =>
            {
                current = id == linkId;
                if (!current)
                    return;
                link = opened;
                Turn(DeviceStatus.Synchronizing);
                Synchronize();
            });
            if (!current)
            {
                await opened.DisposeAsync().ConfigureAwait(false);
                return;
            }
            var reason = await opened.Closed.ConfigureAwait(false);
            Run(_ => LinkLost(id, reason));
        }
        catch (CredentialRefusedException)
        {
            Run(_ => Halt(id, ErrorCode.Unauthenticated));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Run(_ => LinkLost(id, e));
        }
        catch (Exception e)
        {
            Run(_ => throw new InvalidOperationException("The transport failed in a way it should not.", e));
        }
    }

    void Synchronize()
    {
        syncInFlight = true;
        syncDue = null;
        acceptedBefore = outbox.Accepted;
        var id = linkId;
        Call<SyncAnswer>(
            nameof(IDeviceHub.Synchronize),
            new SyncRequest { Token = replica.Position.Token, Filter = options.Filter },
            (answer, changes) =>
            {
                syncInFlight = false;
                switch (answer.Outcome.Code)
                {
                    case ErrorCode.Ok:
                        Synchronizing(answer, changes);
                        break;
                    case var code when IsRetriable(code):
                        LinkLost(id, reason: null, answer.Outcome.RetryAfterSeconds);
                        break;
                    case var code:
                        Halt(id, code);
                        break;
                }
            },
            (e, _) => LinkLost(id, e));
    }

    void Synchronizing(SyncAnswer answer, Sync.DeviceChanges changes)
    {
        if (replica.Position.PersonId != Guid.Empty && replica.Position.PersonId != answer.PersonId)
        {
            CloseLink();
            Turn(DeviceStatus.OtherPerson);
            return;
        }
        replica.Move(
            replica.Position with { PersonId = answer.PersonId, Role = answer.Role, Limits = answer.Limits ?? replica.Position.Limits },
            changes);
        if (Status == DeviceStatus.Synchronizing)
        {
            onlineSince = Now;
            Turn(DeviceStatus.Online);
        }
        // The answer may reach us on another thread than the pushes behind it.
        foreach (var batch in early)
            Take(batch, changes);
        early.Clear();
    }

    void Pushed(int id, PushBatch batch, Sync.DeviceChanges changes)
    {
        if (id != linkId)
            return;
        if (Status == DeviceStatus.Synchronizing)
            early.Add(batch);
        else if (Status == DeviceStatus.Online)
            Take(batch, changes);
    }

    void Take(PushBatch batch, Sync.DeviceChanges changes)
    {
        var now = Now;
        foreach (var fact in batch.Ephemeral ?? [])
        {
            if (typing.Take(fact, now))
                Tell(o => o.TypingChanged(fact.ConversationId));
            if (places.Take(fact, now))
                Tell(o => o.QueuePlaceChanged(fact.ConversationId));
            if (viewing.Take(fact, now))
                Tell(o => o.ViewingChanged(fact.ConversationId));
        }
        if (batch.To is null)
            return;
        if (replica.TryApply(batch, changes))
        {
            gapsInARow = 0;
            if (batch.Resync is { Discard: true })
            {
                outbox.Repeat(changes);
                acceptedBefore = [];
            }
            foreach (var item in batch.Items)
            {
                if (item is { Kind: ItemKinds.Left, Of: ItemKinds.Conversation } && Guid.TryParse(item.Id, out var conversation))
                    outbox.Forget(conversation, item.Reason == LeftReason.Deleted, changes);
            }
            if (!batch.More)
            {
                outbox.Conclude(acceptedBefore, entry => entry.Command is PostMessage post && replica.Knows(post.ConversationId), changes);
                acceptedBefore = [];
            }
            return;
        }
        logger.GapFound();
        if (!syncInFlight && syncDue is null)
        {
            // A server that answers a gap with a gap must not be asked in a loop.
            WantSync(gapsInARow == 0 ? now : now + options.Pause(gapsInARow));
            gapsInARow++;
        }
    }

    void WantSync(DateTimeOffset at)
    {
        if (!syncInFlight && (syncDue is null || at < syncDue))
            syncDue = at;
    }

    void LinkLost(int id, Exception? reason, int? retryAfterSeconds = null)
    {
        if (id != linkId)
            return;
        var now = Now;
        // A server that lets devices in and drops them at once must not see them come back in a loop either.
        if (Status == DeviceStatus.Online && now - onlineSince >= options.LongestPause)
            openAttempts = 0;
        CloseLink();
        openAttempts++;
        var pause = options.Pause(openAttempts);
        if ((retryAfterSeconds ?? (reason as ServerBusyException)?.RetryAfterSeconds) is { } seconds and > 0)
        {
            pause += TimeSpan.FromSeconds(seconds);
            openNotBefore = now + pause;
        }
        openDue = now + pause;
        Turn(DeviceStatus.Waiting);
        logger.LinkLost((long)pause.TotalMilliseconds, reason);
    }

    void Halt(int id, ErrorCode code)
    {
        if (id != linkId)
            return;
        CloseLink();
        HaltedBy = code;
        Turn(DeviceStatus.Halted);
        logger.Halted(code);
    }

    /// <summary>Nothing of the old connection is listened to any more; what it was asked is asked again on the next.</summary>
    void CloseLink()
    {
        linkId++;
        if (link is { } old)
            effects.Enqueue(() => _ = CloseAsync(old));
        link = null;
        syncInFlight = false;
        syncDue = null;
        early.Clear();
        outstanding.Clear();
        foreach (var question in asked)
            question.Lose();
        asked.Clear();
        outbox.Disconnected(Now);
        foreach (var conversation in typing.Clear())
            Tell(o => o.TypingChanged(conversation));
        foreach (var conversation in viewing.Clear())
            Tell(o => o.ViewingChanged(conversation));
        loads.Disconnected(replica);
        confirmations.Disconnected(ConfirmAt());
    }

    async Task CloseAsync(IDeviceLink old)
    {
        try
        {
            await old.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            logger.CloseFailed(e);
        }
    }

    static bool IsRetriable(ErrorCode code) => code is ErrorCode.Busy or ErrorCode.Unavailable or ErrorCode.RateLimited;

    /// <summary>Calls the server. The answer is dropped when the connection is another one by then.</summary>
    void Call<TAnswer>(string method, object argument, Action<TAnswer, Sync.DeviceChanges> answered, Action<HubErrorException, Sync.DeviceChanges> failed)
    {
        var (id, target, call) = (linkId, link!, ++lastCall);
        outstanding[call] = Now;
        effects.Enqueue(() => _ = CallAsync());

        async Task CallAsync()
        {
            try
            {
                var answer = await target.InvokeAsync<TAnswer>(method, argument, disposed.Token).ConfigureAwait(false);
                Run(changes => OnCurrentLink(() => answered(answer, changes)));
            }
            catch (HubErrorException e)
            {
                logger.HubError(method, e);
                Run(changes => OnCurrentLink(() => failed(e, changes)));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                Run(_ => LinkLost(id, e));
            }
            catch (Exception e)
            {
                Run(_ => throw new InvalidOperationException($"The call of {method} failed in a way it should not.", e));
            }
        }

        void OnCurrentLink(Action act)
        {
            if (id != linkId)
                return;
            outstanding.Remove(call);
            act();
        }
    }

    /// <summary>What somebody waits for that no later connection asks again.</summary>
    /// <param name="Lose">The connection ended before the answer.</param>
    /// <param name="Cancel">The device is closed.</param>
    sealed record Question(Action Lose, Action Cancel);
}
