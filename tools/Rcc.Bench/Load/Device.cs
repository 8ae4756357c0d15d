using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Rcc.Bench.Load;

/// <summary>One connected device: posts, notes what arrives, confirms it.</summary>
sealed class Device(Fleet fleet, int index, SiteDevice self) : IFrameSink, IAsyncDisposable
{
    /// <summary>120 bytes: a sentence or two, as people write them.</summary>
    static readonly byte[] Body = Encoding.ASCII.GetBytes("Thank you, I have found the order and will look at the delivery; the parcel should be with you by Thursday. Anything else?".PadRight(120)[..120]);

    readonly Dictionary<Guid, Place> places = [];
    readonly Lock confirming = new();
    readonly CancellationTokenSource ending = new();
    WebSocketWire? wire;
    Task receiving = Task.CompletedTask;
    TaskCompletionSource synchronised = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool answered;
    bool complete;
    byte[]? token;
    bool unconfirmed;
    long number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024;
    long now;
    TaskCompletionSource<string?>? page;

    /// <summary>Where this device is in a conversation.</summary>
    sealed record Place(int Talk, int Party)
    {
        public long Held { get; set; }

        public bool Unconfirmed { get; set; }
    }

    /// <summary>The token of the last batch; null without sync.</summary>
    public string? Token => token is null ? self.Token : Encoding.ASCII.GetString(token);

    /// <summary>Items, messages among them, and pages since the last synchronisation was asked for.</summary>
    public (int Items, int Messages, int Pages) Arrived { get; private set; }

    public long BytesReceived => wire!.BytesReceived;

    public void Join(int talk, int party) => places.Add(fleet.Talks[talk].Id, new Place(talk, party));

    public async Task ConnectAsync(Site site, CancellationToken cancellationToken)
    {
        wire = await WebSocketWire.ConnectAsync(site.Port, site.Path, self.Credential, cancellationToken);
        wire.Send("{\"protocol\":\"json\",\"version\":1}\u001e"u8);
        receiving = Task.Run(ReceiveAsync, CancellationToken.None);
        await SynchroniseAsync(self.Token, cancellationToken);
    }

    /// <summary>Asks for everything after the token and returns when the last page is here.</summary>
    public Task SynchroniseAsync(string? token, CancellationToken cancellationToken)
    {
        (answered, complete, Arrived) = (false, fleet.Dialect == Dialect.BareHub, default);
        synchronised = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var call = fleet.Dialect == Dialect.BareHub
            ? $$"""{"type":1,"invocationId":"s","target":"Join","arguments":["{{self.PersonId}}",[{{string.Join(',', places.Keys.Select(id => $"\"{id}\""))}}]]}"""
            : $$"""{"type":1,"invocationId":"s","target":"Synchronize","arguments":[{{{(token is null ? "" : $"\"token\":\"{token}\"")}}}]}""";
        wire!.Send(Encoding.UTF8.GetBytes(call + '\u001e'));
        return synchronised.Task.WaitAsync(Fleet.Patience, cancellationToken);
    }

    public void Post(int entry, Guid conversation, Guid messageId)
    {
        Span<byte> frame = stackalloc byte[512];
        var text = new FrameWriter(frame);
        text.Add("{\"type\":1,\"invocationId\":\""u8);
        text.Add(entry);
        text.Add("\",\"target\":\"PostMessage\",\"arguments\":[{\"number\":"u8);
        text.Add(Interlocked.Increment(ref number));
        text.Add(",\"conversationId\":\""u8);
        text.Add(conversation);
        text.Add("\",\"messageId\":\""u8);
        text.Add(messageId);
        text.Add("\",\"lane\":\"public\",\"content\":\""u8);
        text.Add(Body);
        text.Add("\"}]}\u001e"u8);
        wire!.Send(text.Written);
    }

    /// <summary>Reads the newest page of the device's first conversation; the refusal, or null.</summary>
    public Task<string?> ReadPageAsync(int messages, CancellationToken cancellationToken)
    {
        page = new TaskCompletionSource<string?>();
        var call = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"type":1,"invocationId":"p","target":"LoadMessages","arguments":[{"conversationId":"{{places.Keys.First()}}","lane":"public","limit":{{messages}}}]}""");
        Arrived = default;
        wire!.Send(Encoding.UTF8.GetBytes(call + '\u001e'));
        return page.Task.WaitAsync(Fleet.Patience, cancellationToken);
    }

    /// <summary>Confirms what has arrived since the last confirmation.</summary>
    public void ConfirmIfDue()
    {
        Span<byte> frame = stackalloc byte[4096];
        var text = new FrameWriter(frame);
        lock (confirming)
        {
            if (!unconfirmed || token is null)
            {
                return;
            }

            unconfirmed = false;
            text.Add("{\"type\":1,\"invocationId\":\"c\",\"target\":\"Confirm\",\"arguments\":[{\"token\":\""u8);
            text.Add(token);
            text.Add("\",\"held\":["u8);
            var first = true;
            foreach (var (conversation, place) in places)
            {
                if (!place.Unconfirmed)
                {
                    continue;
                }

                place.Unconfirmed = false;
                text.Add(first ? "{\"conversationId\":\""u8 : ",{\"conversationId\":\""u8);
                text.Add(conversation);
                text.Add("\",\"seq\":"u8);
                text.Add(place.Held);
                text.Add("}"u8);
                first = false;
            }

            text.Add("]}]}\u001e"u8);
        }

        // Outside the lock: a full socket must not stop the receiving side.
        wire!.Send(text.Written);
    }

    public void Ping() => wire?.Send("{\"type\":6}\u001e"u8);

    public void OnMessage(Guid conversation, Guid messageId, long seq, bool pushed)
    {
        if (!pushed)
        {
            Arrived = Arrived with { Items = Arrived.Items + 1 };
            return;
        }

        Arrived = Arrived with { Messages = Arrived.Messages + 1 };

        var place = places.GetValueOrDefault(conversation);
        if (fleet.Ledger is { } ledger)
        {
            var isComplete = ledger.Arrive(messageId, place?.Talk ?? -1, place?.Party ?? -1, now, out var entry);
            if (place is not null && entry < ledger.Count)
            {
                fleet.Talks[place.Talk].Saw(ledger.SenderOf(entry), seq);
            }

            if (isComplete)
            {
                fleet.OnComplete(place!.Talk);
            }
        }

        if (place is null || fleet.Dialect == Dialect.BareHub)
        {
            return;
        }

        lock (confirming)
        {
            if (place.Held > 0 && seq != place.Held + 1 && fleet.Ledger is { } checking)
            {
                checking.Note("out of order, or after a hole");
            }

            (place.Held, place.Unconfirmed, unconfirmed) = (seq, true, true);
        }
    }

    public void OnReceipt(Guid conversation, Guid person, long delivered)
    {
        if (places.TryGetValue(conversation, out var place))
        {
            fleet.Talks[place.Talk].SawReceipt(place.Party, person, delivered);
        }
    }

    public void OnBatch(ReadOnlySpan<byte> to, int items, bool more)
    {
        if (to.IsEmpty)
        {
            return;
        }

        lock (confirming)
        {
            if (token?.Length == to.Length)
            {
                to.CopyTo(token);
            }
            else
            {
                token = to.ToArray();
            }
        }

        Arrived = Arrived with { Items = Arrived.Items + items, Pages = Arrived.Pages + 1 };
        complete |= !more;
        SignalWhenSynchronised();
    }

    public void OnAnswer(ReadOnlySpan<byte> invocation, string? refusal)
    {
        if (Utf8Parser.TryParse(invocation, out int entry, out _))
        {
            if (fleet.Ledger is not { } ledger)
            {
                return;
            }

            if (refusal is not null)
            {
                if (fleet.MayBeRefused && (refusal.StartsWith("busy", StringComparison.Ordinal) || refusal.StartsWith("rateLimited", StringComparison.Ordinal)))
                {
                    ledger.Refuse(entry);
                }
                else
                {
                    ledger.Note($"posts refused: {refusal}");
                }

                fleet.OnRefused(ledger.ConversationOf(entry));
            }
            else if (ledger.Acknowledge(entry, now))
            {
                fleet.OnComplete(ledger.ConversationOf(entry));
            }
        }
        else if (invocation.SequenceEqual("s"u8) && refusal is null)
        {
            answered = true;
            SignalWhenSynchronised();
        }
        else if (invocation.SequenceEqual("p"u8))
        {
            page?.TrySetResult(refusal);
        }
        else if (refusal is not null)
        {
            var failure = $"'{Encoding.UTF8.GetString(invocation)}' refused: {refusal}";
            fleet.Ledger?.Note(failure);
            synchronised.TrySetException(new IOException(failure));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await receiving;
        wire?.Dispose();
        ending.Dispose();
    }

    void SignalWhenSynchronised()
    {
        if (answered && complete)
        {
            synchronised.TrySetResult();
        }
    }

    async Task ReceiveAsync()
    {
        try
        {
            while (await wire!.ReceiveAsync(ending.Token))
            {
                now = Stopwatch.GetTimestamp();
                while (wire.TryReadRecord(out var record))
                {
                    HubFrame.Read(record, this);
                }
            }

            Lost("the server closed it");
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
        catch (Exception e)
        {
            Lost(e.ToString());
        }
    }

    void Lost(string why)
    {
        var failure = string.Create(CultureInfo.InvariantCulture, $"connection of device {index} lost: {why}");
        fleet.OnLost(failure);
        synchronised.TrySetException(new IOException(failure));
        page?.TrySetResult(failure);
    }
}
