using Rcc.LocalSilo.Tests;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Rcc.Client.Devices;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Devices;

public sealed class DeviceConnectionTests : IAsyncLifetime
{
    static readonly Guid Conversation = Guid.Parse("018f0000-0000-7000-8000-0000000000c1");
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    readonly ManualClock time = new();
    readonly BlockingCollection<PushBatch> pushed = [];
    LoopbackServer server = null!;

    public async ValueTask InitializeAsync() => server = await LoopbackServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        pushed.Dispose();
    }

    [Fact]
    public async Task A_call_gets_its_answer_over_the_frameworks_hub()
    {
        await using var connection = await OpenHubAsync();

        var answer = await connection.InvokeAsync<SyncAnswer>("Synchronize", new SyncRequest { Token = "t1" }).WaitAsync(Patience);

        Assert.True(answer.Outcome.IsOk);
        Assert.Equal(LoopbackHub.Person, answer.PersonId);
        Assert.Equal("t1", Assert.Single(server.Log.Syncs).Token);
        Assert.Equal($"Bearer {LoopbackServer.Token}", Assert.Single(server.Log.Authorizations));
    }

    [Fact]
    public async Task Many_calls_at_once_each_get_their_own_answer()
    {
        await using var connection = await OpenHubAsync();

        var ids = Enumerable.Range(0, 200).Select(_ => Guid.NewGuid()).ToArray();
        var outcomes = await Task.WhenAll(ids.Select(id => connection.InvokeAsync<Outcome>("PostMessage", Post(id)))).WaitAsync(Patience);

        Assert.Equal(ids, outcomes.Select(o => o.MessageId!.Value));
    }

    [Fact]
    public async Task An_argument_may_be_json_already()
    {
        await using var connection = await OpenHubAsync();
        var id = Guid.NewGuid();

        var outcome = await connection.InvokeJsonAsync<Outcome>("PostMessage", JsonSerializer.SerializeToUtf8Bytes(Post(id), ContractJson.Default.PostMessage)).WaitAsync(Patience);

        Assert.Equal(id, outcome.MessageId);
        Assert.Equal("héllo 👋 \"quoted\" \u0000", Assert.Single(server.Log.Posts).Content);
    }

    [Fact]
    public async Task Text_beyond_ascii_arrives_as_it_was_written()
    {
        await using var connection = await OpenHubAsync();

        await connection.InvokeAsync<Outcome>("PostMessage", Post(Guid.NewGuid())).WaitAsync(Patience);

        Assert.Equal("héllo 👋 \"quoted\" \u0000", Assert.Single(server.Log.Posts).Content);
    }

    [Fact]
    public async Task An_error_of_the_hub_fails_the_call_and_the_connection_goes_on()
    {
        await using var connection = await OpenHubAsync();

        var error = await Assert.ThrowsAsync<HubErrorException>(() => connection.InvokeAsync<Outcome>("ResolveConversation", new ResolveConversation { Number = 1, ConversationId = Conversation }).WaitAsync(Patience));
        await Assert.ThrowsAsync<HubErrorException>(() => connection.InvokeAsync<Outcome>("NoSuchMethod", new Typing { ConversationId = Conversation, Active = true }).WaitAsync(Patience));

        Assert.Contains($"cannot resolve {Conversation}", error.Message, StringComparison.Ordinal);
        Assert.True((await connection.InvokeAsync<Outcome>("PostMessage", Post(Guid.NewGuid())).WaitAsync(Patience)).IsOk);
    }

    [Fact]
    public async Task Pushes_arrive_typed_and_in_order()
    {
        await using var connection = await OpenHubAsync();
        await connection.InvokeAsync<SyncAnswer>("Synchronize", new SyncRequest { Token = "t0" }).WaitAsync(Patience);

        for (var i = 0; i < 100; i++)
            await server.Devices.Clients.All.SendAsync("push", new PushBatch { From = $"t{i}", To = $"t{i + 1}" });

        for (var i = 0; i < 100; i++)
            Assert.Equal($"t{i}", Next().From);
    }

    [Fact]
    public async Task Pushes_may_be_taken_as_bytes()
    {
        using var bytes = new BlockingCollection<string>();
        await using var connection = await DeviceConnection.OpenAsync(server.Hub, Options() with { OnPush = null, OnPushBytes = batch => bytes.Add(Encoding.UTF8.GetString(batch)) });
        await connection.InvokeAsync<SyncAnswer>("Synchronize", new SyncRequest { Token = "t0" }).WaitAsync(Patience);
        var batch = new PushBatch { From = "t0", To = "t1", Items = [new SyncItem { Kind = "label", Id = "x", Revision = 1, State = JsonDocument.Parse("[1,[2],{\"arguments\":[]}]").RootElement }] };

        await server.Devices.Clients.All.SendAsync("push", batch);

        Assert.True(bytes.TryTake(out var json, Patience));
        Assert.Equal(JsonSerializer.Serialize(batch, ContractJson.Default.PushBatch), json);
    }

    [Fact]
    public async Task A_wrong_credential_is_told_apart_from_a_server_that_is_away()
    {
        await Assert.ThrowsAsync<CredentialRefusedException>(() => DeviceConnection.OpenAsync(server.Hub, Options() with { AccessToken = "wrong" }));
        await server.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => DeviceConnection.OpenAsync(server.Hub, Options()));
        server = await LoopbackServer.StartAsync();
    }

    [Fact]
    public async Task When_the_server_closes_calls_fail_and_the_reason_is_known()
    {
        await using var connection = await OpenHubAsync();

        await Assert.ThrowsAsync<IOException>(() => connection.InvokeAsync<Outcome>("ReopenConversation", new ReopenConversation { Number = 1, ConversationId = Conversation }).WaitAsync(Patience));

        Assert.NotNull(await connection.Closed.WaitAsync(Patience));
        await Assert.ThrowsAsync<IOException>(() => connection.InvokeAsync<Outcome>("PostMessage", Post(Guid.NewGuid())));
    }

    [Fact]
    public async Task Closing_from_this_side_has_no_reason_and_fails_what_is_on_its_way()
    {
        var connection = await OpenBareAsync(async socket =>
        {
            await socket.ShakeHandsAsync();
            await socket.UntilClosedAsync();
        });
        var call = connection.InvokeAsync<Outcome>("PostMessage", Post(Guid.NewGuid()));

        await connection.DisposeAsync();

        Assert.Null(await connection.Closed.WaitAsync(Patience));
        await Assert.ThrowsAsync<IOException>(() => call.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_cancelled_call_is_over_and_its_late_answer_is_read_past()
    {
        var answer = new TaskCompletionSource();
        await using var connection = await OpenBareAsync(async socket =>
        {
            await socket.ShakeHandsAsync();
            await socket.NextAsync();
            await answer.Task;
            await socket.SendAsync("{\"type\":3,\"invocationId\":\"1\",\"result\":{\"code\":\"ok\"}}\u001e{\"type\":1,\"target\":\"push\",\"arguments\":[{\"to\":\"t1\"}]}\u001e");
            await socket.UntilClosedAsync();
        });
        using var cancel = new CancellationTokenSource();
        var call = connection.InvokeAsync<Outcome>("PostMessage", Post(Guid.NewGuid()), cancel.Token);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        answer.SetResult();

        Assert.Equal("t1", Next().To);
    }

    [Fact]
    public async Task Records_may_come_together_cut_anywhere_and_right_behind_the_handshake()
    {
        var batch = "{\"type\":1,\"target\":\"push\",\"arguments\":[{\"to\":\"" + new string('x', 300_000) + "\"}]}\u001e";
        await using var connection = await OpenBareAsync(async socket =>
        {
            await socket.ShakeHandsAsync(andThen: "{\"type\":6}\u001e{\"type\":1,\"target\":\"push\",\"arguments\":[{\"to\":\"first\"}]}\u001e{\"type\":1,\"target\":\"unknown\",\"arguments\":[1,2]}\u001e{\"type\":99}\u001e{\"ty");
            await socket.SendAsync("pe\":1,\"target\":\"push\",\"arguments\":[{\"to\":\"second\"}]}", whole: false);
            await socket.SendAsync("\u001e" + batch[..70_000]);
            await socket.SendAsync(batch[70_000..] + "{\"type\":1,\"target\":\"push\",\"arguments\":[{\"to\":\"last\"}]}\u001e");
            await socket.UntilClosedAsync();
        });

        Assert.Equal("first", Next().To);
        Assert.Equal("second", Next().To);
        Assert.Equal(300_000, Next().To!.Length);
        Assert.Equal("last", Next().To);
        Assert.False(connection.Closed.IsCompleted);
    }

    [Theory]
    [InlineData("{\"type\":7,\"error\":\"shutting down\"}\u001e", "shutting down")]
    [InlineData("{\"type\":1,\"target\":\"push\",\"arguments\":[{\"items\":7}]}\u001e", "cannot be read")]
    [InlineData("not json\u001e", "")]
    public async Task What_cannot_go_on_closes_the_connection_with_its_reason(string record, string reason)
    {
        await using var connection = await OpenBareAsync(async socket =>
        {
            await socket.ShakeHandsAsync(record);
            await socket.UntilClosedAsync();
        });

        var closed = await connection.Closed.WaitAsync(Patience);

        Assert.Contains(reason, Assert.IsAssignableFrom<Exception>(closed).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_over_the_limit_closes_the_connection_and_names_the_limit()
    {
        server.OnBare = async socket =>
        {
            await socket.ShakeHandsAsync();
            await socket.SendAsync(new string('x', 100_000));
            await socket.UntilClosedAsync();
        };
        await using var connection = await DeviceConnection.OpenAsync(server.Bare, Options() with { MaxRecordBytes = 10_000 });

        var closed = await connection.Closed.WaitAsync(Patience);

        Assert.Contains("MaxRecordBytes, 10000", Assert.IsType<InvalidDataException>(closed).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_handshake_is_no_connection()
    {
        server.OnBare = async socket =>
        {
            await socket.NextAsync();
            await socket.SendAsync("{\"error\":\"no such protocol\"}\u001e");
            await socket.UntilClosedAsync();
        };

        var error = await Assert.ThrowsAsync<IOException>(() => DeviceConnection.OpenAsync(server.Bare, Options()));

        Assert.Contains("no such protocol", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_shakes_hands_is_given_up()
    {
        var asked = new TaskCompletionSource();
        server.OnBare = async socket =>
        {
            await socket.NextAsync();
            asked.SetResult();
            await socket.UntilClosedAsync();
        };
        var opening = DeviceConnection.OpenAsync(server.Bare, Options());
        await asked.Task.WaitAsync(Patience);

        time.Advance(TimeSpan.FromSeconds(15));

        await Assert.ThrowsAsync<IOException>(() => opening.WaitAsync(Patience));
    }

    [Fact]
    public async Task An_idle_connection_is_kept_alive_by_pings()
    {
        var received = new TaskCompletionSource<string?>();
        await using var connection = await OpenBareAsync(async socket =>
        {
            await socket.ShakeHandsAsync();
            received.SetResult(await socket.NextAsync());
            await socket.UntilClosedAsync();
        });

        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("{\"type\":6}\u001e", await received.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_half_open_link_is_found_by_the_servers_silence()
    {
        await using var relay = new HalfOpenRelay(server.Address.Port);
        var hub = new UriBuilder(server.Hub) { Port = relay.Port }.Uri;
        await using var connection = await DeviceConnection.OpenAsync(hub, Options());
        await connection.InvokeAsync<SyncAnswer>("Synchronize", new SyncRequest { Token = "t1" }).WaitAsync(Patience);

        relay.Cut();
        var call = connection.InvokeAsync<Outcome>("PostMessage", Post(Guid.NewGuid()));
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(connection.Closed.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Contains("sent nothing for 00:00:30", (await connection.Closed.WaitAsync(Patience))!.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => call.WaitAsync(Patience));
        Assert.Empty(server.Log.Posts);
    }

    [Fact]
    public async Task A_server_that_only_pings_is_alive()
    {
        using var go = new SemaphoreSlim(0);
        await using var connection = await OpenBareAsync(async socket =>
        {
            await socket.ShakeHandsAsync();
            for (var i = 0; i < 4; i++)
            {
                await go.WaitAsync();
                await socket.SendAsync("{\"type\":6}\u001e{\"type\":1,\"target\":\"push\",\"arguments\":[{\"to\":\"" + i + "\"}]}\u001e");
            }
            await socket.UntilClosedAsync();
        });

        for (var i = 0; i < 4; i++)
        {
            time.Advance(TimeSpan.FromSeconds(20));
            go.Release();
            Assert.Equal(i.ToString(System.Globalization.CultureInfo.InvariantCulture), Next().To);
        }

        Assert.False(connection.Closed.IsCompleted);
    }

    PushBatch Next()
    {
        Assert.True(pushed.TryTake(out var batch, Patience), "no push came");
        return batch;
    }

    DeviceConnectionOptions Options() => new() { AccessToken = LoopbackServer.Token, OnPush = pushed.Add, Time = time };

    Task<DeviceConnection> OpenHubAsync() => DeviceConnection.OpenAsync(server.Hub, Options());

    Task<DeviceConnection> OpenBareAsync(Func<WebSocket, Task> onBare)
    {
        server.OnBare = onBare;
        return DeviceConnection.OpenAsync(server.Bare, Options());
    }

    static PostMessage Post(Guid id) => new() { Number = 1, ConversationId = Conversation, MessageId = id, Content = "héllo 👋 \"quoted\" \u0000" };
}
