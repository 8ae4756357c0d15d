using Rcc.LocalSilo.Tests;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Client.Sync;
using Rcc.Client.Tests.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Devices;

public sealed class DeviceClientTests : IDisposable
{
    static readonly Guid Conversation = Guid.Parse("018f0000-0000-7000-8000-0000000000c1");
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    readonly ManualClock time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    readonly ScriptedTransport transport = new();
    readonly FlakyStore store = new();

    public void Dispose() => store.Dispose();

    [Fact]
    public async Task Over_a_real_server_a_device_synchronises_posts_and_comes_back_with_its_token()
    {
        await using var server = await LoopbackServer.StartAsync();
        var credentials = 0;
        var real = new WebSocketTransport(server.Address, _ =>
        {
            credentials++;
            return ValueTask.FromResult(LoopbackServer.Token);
        });
        await using var client = new DeviceClient(real, store, new DeviceClientOptions { FirstPause = TimeSpan.FromMilliseconds(1) });
        using var watch = new Watch();
        using var watching = client.Observe(watch);

        client.Start();
        await watch.UntilAsync(() => client.Token is "t1");
        var outcome = await client.PostAsync(Conversation, "over the wire").WaitAsync(Patience);
        Assert.True(outcome.IsOk);
        await server.Devices.Clients.All.SendAsync("push", new PushBatch { From = "t1", To = "t2" });
        await watch.UntilAsync(() => client.Token is "t2");

        // This call makes the server drop the connection without an answer.
        var reopened = client.ReopenAsync(Conversation);
        await watch.UntilAsync(() => server.Log.Syncs.Count >= 3);

        Assert.Equal("t2", server.Log.Syncs.Last().Token);
        Assert.False(reopened.IsCompleted);
        Assert.True(credentials >= 3);
        Assert.Equal("over the wire", Assert.Single(server.Log.Posts).Content);
    }

    [Fact]
    public Task Typing_says_whether_it_becomes_a_message_or_a_note() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        AnswerSync(link, Role.Agent);
        link.Push(new PushBatch { To = "t1", Resync = new Resync(ResyncReason.New, false) });
        client.SetTyping(Conversation, active: true, Lane.Notes);
        client.SetTyping(Conversation, active: true);
        Assert.Equal(["notes", "public"], link.Calls.Where(call => call.Method is "SetTyping").Select(call => call.Argument.GetProperty("lane").GetString()));
    });

    [Fact]
    public async Task A_credential_the_server_refuses_halts_the_device()
    {
        await using var server = await LoopbackServer.StartAsync();
        await using var client = new DeviceClient(new WebSocketTransport(server.Address, _ => ValueTask.FromResult("wrong")), store);
        using var watch = new Watch();
        using var watching = client.Observe(watch);

        client.Start();

        await watch.UntilAsync(() => client.Status == DeviceStatus.Halted);
        Assert.Equal(ErrorCode.Unauthenticated, client.HaltedBy);
    }

    [Fact]
    public Task What_is_pushed_before_the_answer_is_handled_waits_for_it() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();

        link.Push(new PushBatch { To = "t1", Resync = new Resync(ResyncReason.New, false), Items = [State(ItemKinds.Conversation, Conversation.ToString(), new { })] });
        Assert.Null(client.Token);
        AnswerSync(link, Role.Customer);

        Assert.Equal("t1", client.Token);
        var load = Assert.Single(link.Calls, c => c.Method is "LoadMessages");
        Assert.Equal("public", load.Argument.GetProperty("lane").GetString());
    });

    [Fact]
    public Task A_failed_commit_stops_the_device_sends_nothing_and_a_new_one_goes_on() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);
        store.FailNext = true;

        var post = client.PostAsync(Conversation, "lost with the disk");

        await Assert.ThrowsAsync<InvalidOperationException>(() => post);
        Assert.Equal(DeviceStatus.Failed, client.Status);
        Assert.IsType<IOException>(client.Failure);
        Assert.True(link.IsClosed);
        Assert.DoesNotContain(link.Calls, c => c.Method is "PostMessage");
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.PostAsync(Conversation, "too late"));

        await using var next = Begin();
        AnswerSync(transport.Accept(), Role.Customer);
        Assert.Empty(next.Unsettled());
        Assert.Equal(DeviceStatus.Online, next.Status);
    });

    [Fact]
    public Task An_act_on_many_takes_a_number_for_each_and_waits_no_longer_than_its_connection() => OnOneThread(async () =>
    {
        await using var client = Begin();
        Guid[] many = [Conversation, Guid.NewGuid(), Guid.NewGuid()];
        Assert.Equal(ErrorCode.Unavailable, (await client.ControlManyAsync(many, new() { Operation = ControlOperations.Unsnooze })).Outcome.Code);
        var link = transport.Accept();
        AnswerSync(link, Role.Agent);

        var first = client.ControlManyAsync(many, new() { Operation = ControlOperations.Unsnooze });
        _ = client.MarkReadAsync(Conversation, 1);
        var call = link.Take(c => c.Method is "ControlConversations")!;
        var number = call.Argument.GetProperty("number").GetInt64();
        Assert.Equal(number + 3, Assert.Single(link.Calls, c => c.Method is "MarkRead").Argument.GetProperty("number").GetInt64());
        call.Answer(JsonSerializer.SerializeToElement(new ControlledConversations { Outcome = Outcome.Done, Results = [.. many.Select(id => new ControlledConversation(id, Outcome.Done))] }, HubRecords.Json));
        Assert.Equal(many, (await first.WaitAsync(Patience)).Results.Select(one => one.ConversationId));

        var second = client.ControlManyAsync(many, macroId: Guid.NewGuid());
        link.Close(new IOException("gone"));
        Assert.Equal(ErrorCode.Unavailable, (await second.WaitAsync(Patience)).Outcome.Code);
    });

    [Fact]
    public Task A_request_of_the_API_is_asked_on_the_connection_or_not_at_all() => OnOneThread(async () =>
    {
        var request = new ApiRequest { Method = "POST", Path = "/teams", Body = JsonSerializer.SerializeToElement(new { name = "Night" }), IdempotencyKey = "k" };
        var client = Begin();
        Assert.Equal(ErrorCode.Unavailable, (await client.RequestAsync(request)).Outcome.Code);
        var link = transport.Accept();
        AnswerSync(link, Role.Agent);

        var made = client.RequestAsync(request);
        var call = link.Take(c => c.Method is "Request")!;
        Assert.Equal("""{"method":"POST","path":"/teams","body":{"name":"Night"},"idempotencyKey":"k"}""", call.Argument.GetRawText());
        call.Answer(JsonDocument.Parse("""{"outcome":{"code":"ok"},"body":{"id":"x"}}""").RootElement);
        Assert.Equal("x", (await made.WaitAsync(Patience)).Body!.Value.GetProperty("id").GetString());

        var lost = client.RequestAsync(request);
        link.Close(new IOException("gone"));
        Assert.Equal(ErrorCode.Unavailable, (await lost.WaitAsync(Patience)).Outcome.Code);

        time.Advance(TimeSpan.FromSeconds(30));
        AnswerSync(transport.Accept(), Role.Agent);
        var abandoned = client.RequestAsync(request);
        await client.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned.WaitAsync(Patience));
    });

    [Fact]
    public Task A_call_that_is_never_answered_costs_the_connection() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);
        _ = client.PostAsync(Conversation, "hello");

        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(link.IsClosed);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(link.IsClosed);
        Assert.Equal(DeviceStatus.Waiting, client.Status);
    });

    [Fact]
    public Task Attempts_to_connect_lie_further_and_further_apart_up_to_the_longest_pause() => OnOneThread(async () =>
    {
        await using var client = new DeviceClient(transport, store, new DeviceClientOptions { Time = time, Random = new Full() });
        client.Start();
        var pauses = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            transport.Refuse(new IOException("no route"));
            var since = time.GetUtcNow();
            while (!transport.IsTrying)
                time.Advance(TimeSpan.FromMilliseconds(100));
            pauses.Add((time.GetUtcNow() - since).TotalSeconds);
        }

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], pauses);
    });

    [Theory]
    [InlineData(0.0, 5.05)]
    [InlineData(0.5, 5.25)]
    [InlineData(1.0, 5.5)]
    public Task Jitter_is_added_to_what_a_busy_server_asks_for(double chance, double seconds) => OnOneThread(async () =>
    {
        await using var client = new DeviceClient(transport, store, new DeviceClientOptions { Time = time, Random = new Fixed(chance) });
        client.Start();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);
        _ = client.PostAsync(Conversation, "hello");
        link.Take(c => c.Method is "PostMessage")!.Answer(JsonSerializer.SerializeToElement(Outcome.Refused(ErrorCode.Busy) with { RetryAfterSeconds = 5 }, HubRecords.Json));

        time.Advance(TimeSpan.FromSeconds(seconds - 0.01));
        Assert.Null(link.Take(c => c.Method is "PostMessage"));
        time.Advance(TimeSpan.FromSeconds(0.01));

        Assert.NotNull(link.Take(c => c.Method is "PostMessage"));
    });

    [Fact]
    public Task A_wait_that_no_timer_can_take_is_kept_all_the_same() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);
        _ = client.PostAsync(Conversation, "hello");

        link.Take(c => c.Method is "PostMessage")!.Answer(JsonSerializer.SerializeToElement(Outcome.Refused(ErrorCode.Busy) with { RetryAfterSeconds = int.MaxValue }, HubRecords.Json));
        time.Advance(TimeSpan.FromDays(60));

        Assert.Equal(DeviceStatus.Online, client.Status);
        Assert.Null(link.Take(c => c.Method is "PostMessage"));
    });

    [Fact]
    public Task Confirmations_that_are_refused_come_by_growing_pauses() => OnOneThread(async () =>
    {
        await using var client = new DeviceClient(transport, store, new DeviceClientOptions { Time = time, Random = new Full() });
        client.Start();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);
        var message = new MessageItem
        {
            ConversationId = Conversation, Lane = Lane.Public, Seq = 1, MessageId = Guid.NewGuid(), PersonId = Guid.NewGuid(), Role = Role.Agent, At = time.GetUtcNow(), ContentType = "text/plain", Content = "hello",
        };
        link.Push(new PushBatch { To = "t1", Resync = new Resync(ResyncReason.New, false), Items = [State(ItemKinds.Conversation, Conversation.ToString(), new { }), new SyncItem { Kind = ItemKinds.Message, Message = message }] });
        var waits = new List<double>();
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var since = time.GetUtcNow();
            ScriptedCall? call;
            while ((call = link.Take(c => c.Method is "Confirm")) is null)
                time.Advance(TimeSpan.FromMilliseconds(50));
            waits.Add((time.GetUtcNow() - since).TotalSeconds);
            call.Answer(JsonSerializer.SerializeToElement(Outcome.Refused(ErrorCode.Unavailable), HubRecords.Json));
        }

        Assert.Equal([0.1, 0.5, 1, 2], waits);
    });

    [Fact]
    public Task An_attempt_to_connect_that_neither_succeeds_nor_fails_is_given_up() => OnOneThread(async () =>
    {
        await using var client = Begin();

        time.Advance(TimeSpan.FromSeconds(31));
        var late = transport.Accept();

        Assert.True(late.IsClosed);
        AnswerSync(transport.Accept(), Role.Customer);
        Assert.Equal(DeviceStatus.Online, client.Status);
    });

    [Fact]
    public Task The_next_attempt_to_connect_waits_as_long_as_the_server_asks() => OnOneThread(async () =>
    {
        await using var client = Begin();
        transport.Refuse(new ServerBusyException("busy", retryAfterSeconds: 20));

        client.Wake();
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(transport.IsTrying);
        time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.True(transport.IsTrying);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public Task A_clock_that_is_set_by_a_day_neither_delays_nor_repeats_anything(int days) => OnOneThread(async () =>
    {
        await using var client = Begin();
        _ = client.PostAsync(Conversation, "before");
        transport.Refuse(new IOException("no route"));

        time.Set(TimeSpan.FromDays(days));
        _ = client.PostAsync(Conversation, "after");
        time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.True(transport.IsTrying);
        var numbers = client.Unsettled().Select(e => e.Command.Number).ToArray();
        Assert.True(numbers[0] < numbers[1]);
    });

    [Fact]
    public Task A_timer_that_goes_off_too_early_is_set_again() => OnOneThread(async () =>
    {
        time.Early = TimeSpan.FromMilliseconds(3);
        await using var client = new DeviceClient(transport, store, new DeviceClientOptions { Time = time, Random = new Full() });
        client.Start();
        transport.Refuse(new IOException("no route"));

        time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(transport.IsTrying);
        time.Advance(TimeSpan.FromMilliseconds(10));

        Assert.True(transport.IsTrying);
    });

    [Fact]
    public Task Words_of_a_newer_server_are_read_as_the_nearest_known_ones() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);
        link.Push(JsonSerializer.Deserialize<PushBatch>(
            $$"""{"to":"t1","resync":{"reason":"tomorrow","discard":false},"items":[{"kind":"left","of":"label","id":"x","reason":"tomorrow"},{"kind":"agent","id":"a","revision":1,"state":{"name":"Ada","role":"robot","availability":"asleep"} }]}""", HubRecords.Json)!);
        var post = client.PostAsync(Conversation, "hello");

        link.Take(c => c.Method is "PostMessage")!.Answer(JsonDocument.Parse("""{"code":"tomorrow"}""").RootElement);

        Assert.Equal("t1", client.Token);
        Assert.Equal(Contracts.Agents.Availability.Offline, client.Agents()["a"].Availability);
        Assert.Equal(ErrorCode.Forbidden, (await post.WaitAsync(Patience)).Code);
    });

    [Fact]
    public Task A_server_that_answers_every_gap_with_a_gap_is_not_asked_in_a_loop() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);

        var asked = 0;
        for (var i = 0; i < 1000; i++)
        {
            link.Push(new PushBatch { From = "never", To = "given" });
            if (link.Take(c => c.Method is "Synchronize") is { } call)
            {
                asked++;
                call.Answer(SyncAnswer(Role.Customer));
            }
        }

        Assert.InRange(asked, 1, 2);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(link.Take(c => c.Method is "Synchronize"));
    });

    [Fact]
    public Task A_text_over_the_limit_is_refused_at_once_and_never_sent() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        link.Take(c => c.Method is "Synchronize")!.Answer(JsonSerializer.SerializeToElement(
            new SyncAnswer { Outcome = Outcome.Done, Limits = new SyncLimits { MaxContentBytes = 3, MaxDraftBytes = 2, MaxPageItems = 10, MaxConfirmedConversations = 1, ConfirmWithinMs = 100 } }, HubRecords.Json));

        var post = await client.PostAsync(Conversation, "éé");
        var draft = await client.SetDraftAsync(Conversation, "abc");

        Assert.Equal((ErrorCode.TooLarge, "maxContentBytes is 3, the text has 4 bytes"), (post.Code, post.Detail));
        Assert.Equal((ErrorCode.TooLarge, "maxDraftBytes is 2, the text has 3 bytes"), (draft.Code, draft.Detail));
        Assert.Empty(link.Calls);
    });

    [Fact]
    public Task A_full_outbox_refuses_and_names_the_limit() => OnOneThread(async () =>
    {
        await using var client = new DeviceClient(transport, store, new DeviceClientOptions { Time = time, MaxOutboxCommands = 1 });
        var first = client.PostAsync(Conversation, "one");

        var second = await client.PostAsync(Conversation, "two");

        Assert.False(first.IsCompleted);
        Assert.Equal((ErrorCode.TooLarge, "maxOutboxCommands is 1"), (second.Code, second.Detail));
    });

    [Fact]
    public Task A_command_that_the_hub_fails_at_again_and_again_is_given_up_and_the_next_goes_on() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);
        var post = client.PostAsync(Conversation, "poison");
        var next = client.PostAsync(Conversation, "hello");

        for (var attempt = 0; attempt < 5; attempt++)
        {
            Assert.False(post.IsCompleted);
            link.Take(c => c.Method is "PostMessage")!.Fail(new HubErrorException("no such method"));
            time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(ErrorCode.Malformed, (await post.WaitAsync(Patience)).Code);
        Assert.Equal(OutboxState.Refused, client.Messages(Conversation).Pending[0].State);
        Assert.Equal("hello", link.Take(c => c.Method is "PostMessage")!.Argument.GetProperty("content").GetString());
        Assert.False(next.IsCompleted);
    });

    [Fact]
    public Task Disposing_cancels_those_who_wait_and_keeps_the_command() => OnOneThread(async () =>
    {
        var client = Begin();
        var post = client.PostAsync(Conversation, "hello");

        await client.DisposeAsync();

        Assert.True(post.IsCanceled);
        Assert.Single(store.Load().Outbox);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.PostAsync(Conversation, "too late"));
    });

    [Fact]
    public Task Commands_that_became_one_are_settled_together() => OnOneThread(async () =>
    {
        await using var client = Begin();
        client.GoOffline();
        var first = client.MarkReadAsync(Conversation, 3);
        var second = client.MarkReadAsync(Conversation, 2);
        client.GoOnline();
        transport.Forget();
        client.GoOffline();
        client.GoOnline();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);

        var call = link.Take(c => c.Method is "MarkRead")!;
        Assert.Equal(3, call.Argument.GetProperty("seq").GetInt64());
        call.Answer(JsonSerializer.SerializeToElement(Outcome.Done, HubRecords.Json));

        Assert.True((await first.WaitAsync(Patience)).IsOk);
        Assert.True((await second.WaitAsync(Patience)).IsOk);
        Assert.Empty(client.Unsettled());
    });

    [Fact]
    public Task An_observer_that_fails_disturbs_neither_the_others_nor_the_device() => OnOneThread(async () =>
    {
        await using var client = Begin();
        using var watch = new Watch();
        using var bad = client.Observe(new Failing());
        using var good = client.Observe(watch);
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);

        link.Push(new PushBatch { To = "t1", Resync = new Resync(ResyncReason.New, false) });

        Assert.Equal(DeviceStatus.Online, client.Status);
        Assert.Equal("t1", watch.LastToken);
    });

    [Fact]
    public Task A_message_is_sent_then_delivered_then_displayed_by_somebody_else() => OnOneThread(async () =>
    {
        await using var client = Begin();
        var link = transport.Accept();
        AnswerSync(link, Role.Customer);
        var other = Guid.Parse("018f0000-0000-7000-8000-00000000000b");
        var message = new MessageItem
        {
            ConversationId = Conversation, Lane = Lane.Public, Seq = 1, MessageId = Guid.NewGuid(), PersonId = ModelServer.Person, Role = Role.Customer,
            At = time.GetUtcNow(), ContentType = "text/plain", Content = "hello",
        };
        link.Push(new PushBatch
        {
            To = "t1", Resync = new Resync(ResyncReason.New, false),
            Items = [State(ItemKinds.Receipt, $"{Conversation}/{ModelServer.Person}", new { delivered = 1, displayed = 1 }), new SyncItem { Kind = ItemKinds.Message, Message = message }],
        });
        Assert.Equal(Disposition.Sent, client.DispositionOf(message));

        link.Push(new PushBatch { From = "t1", To = "t2", Items = [State(ItemKinds.Receipt, $"{Conversation}/{other}", new { delivered = 1, displayed = 0 })] });
        Assert.Equal(Disposition.Delivered, client.DispositionOf(message));

        link.Push(new PushBatch { From = "t2", To = "t3", Items = [State(ItemKinds.Receipt, $"{Conversation}/{other}", new { delivered = 1, displayed = 1 }, revision: 2)] });
        Assert.Equal(Disposition.Displayed, client.DispositionOf(message));
    });

    [Theory]
    [InlineData(0, 50, "HistoryMessages is 0; it must be at least 1")]
    [InlineData(200, -1, "PageMessages is -1; it must be at least 1")]
    public void Options_that_cannot_work_are_named(int history, int page, string message)
    {
        var error = Assert.Throws<InvalidOperationException>(() => new DeviceClient(transport, store, new DeviceClientOptions { HistoryMessages = history, PageMessages = page }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    DeviceClient Begin()
    {
        var client = new DeviceClient(transport, store, new DeviceClientOptions { Time = time, Random = new Random(1) });
        client.Start();
        return client;
    }

    static void AnswerSync(ScriptedLink link, Role role) => link.Take(c => c.Method is "Synchronize")!.Answer(SyncAnswer(role));

    static JsonElement SyncAnswer(Role role) => JsonSerializer.SerializeToElement(new SyncAnswer { Outcome = Outcome.Done, PersonId = ModelServer.Person, Role = role }, HubRecords.Json);

    static SyncItem State(string kind, string id, object state, int revision = 1) => new() { Kind = kind, Id = id, Revision = revision, State = JsonSerializer.SerializeToElement(state) };

    // Away from the test's synchronisation context, so that answers are handled on the spot.
    static Task OnOneThread(Func<Task> test) => Task.Run(test);

    /// <summary>No jitter: always the whole pause.</summary>
    sealed class Full : Random
    {
        public override double NextDouble() => 1;
    }

    sealed class Fixed(double chance) : Random
    {
        public override double NextDouble() => chance;
    }

    sealed class Failing : IDeviceObserver
    {
        public void Changed(DeviceChanges changes) => throw new InvalidOperationException("a mistake of the observer's");

        public void StatusChanged(DeviceStatus status) => throw new InvalidOperationException("a mistake of the observer's");
    }

    /// <summary>Waits for what an observer would see.</summary>
    sealed class Watch : IDeviceObserver, IDisposable
    {
        readonly SemaphoreSlim happened = new(0);

        public string? LastToken { get; private set; }

        public void Changed(DeviceChanges changes)
        {
            LastToken = changes.Position?.Token ?? LastToken;
            happened.Release();
        }

        public void StatusChanged(DeviceStatus status) => happened.Release();

        public void Dispose() => happened.Dispose();

        public async Task UntilAsync(Func<bool> condition)
        {
            using var patience = new CancellationTokenSource(Patience);
            while (!condition())
                await happened.WaitAsync(patience.Token);
        }
    }
}
