using Rcc.LocalSilo.Tests;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Sync;

/// <summary>Plays the steps of a recorded conversation to a client.</summary>
sealed class ConversationPlayer : IAsyncDisposable, IDeviceObserver
{
    static readonly JsonElement Done = JsonSerializer.SerializeToElement(Outcome.Done, HubRecords.Json);

    readonly JsonElement conversation;
    readonly ManualClock time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    readonly Func<IDeviceStore> open;
    readonly ScriptedTransport transport = new();
    readonly JsonArray rejected = [];
    IDeviceStore store;
    DeviceClient client;
    ScriptedLink? link;

    /// <param name="conversation">The recorded conversation.</param>
    /// <param name="open">Opens the device's store, at the start and again after a restart.</param>
    public ConversationPlayer(JsonElement conversation, Func<IDeviceStore> open)
    {
        (this.conversation, this.open) = (conversation, open);
        store = open();
        client = Begin();
    }

    public async Task PlayAsync(JsonElement step)
    {
        foreach (var member in step.EnumerateObject())
        {
            switch (member.Name)
            {
                case "connect":
                    Connect(member.Value);
                    break;
                case "push":
                    Link.Push(member.Value.Deserialize<PushBatch>(HubRecords.Json)!);
                    break;
                case "expectCall":
                    ExpectCall(member.Value, step.TryGetProperty("answer", out var answer) ? answer : null, step.TryGetProperty("error", out var error) ? error.GetString() : null);
                    break;
                case "expectNoCall":
                    var unexpected = Link.Calls.FirstOrDefault(c => string.Equals(c.Method, member.Value.GetString(), StringComparison.Ordinal));
                    Assert.True(unexpected is null, $"there is one: {unexpected?.Argument}");
                    break;
                case "do":
                    Do(member.Value.EnumerateObject().Single());
                    break;
                case "disconnect":
                    Link.Close(new IOException("cut"));
                    break;
                case "restart":
                    await client.DisposeAsync();
                    transport.Forget();
                    (store as IDisposable)?.Dispose();
                    store = open();
                    client = Begin();
                    break;
                case "advanceMs":
                    time.Advance(TimeSpan.FromMilliseconds(member.Value.GetInt32()));
                    AnswerWhatNeedsNone();
                    break;
                case "expect":
                    Expect(member.Value);
                    break;
                case "expectNoConnect":
                    Assert.False(transport.IsTrying, "it tries to connect");
                    break;
                case "answer" or "error":
                    break;
                default:
                    Assert.Fail($"unknown step {member.Name}");
                    break;
            }
            Assert.Null(client.Failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        (store as IDisposable)?.Dispose();
    }

    void IDeviceObserver.Settled(OutboxEntry command, Outcome outcome)
    {
        if (!outcome.IsOk)
            rejected.Add(new JsonObject { ["method"] = command.Method, ["code"] = Code(outcome.Code) });
    }

    ScriptedLink Link => link ?? throw new InvalidOperationException("not connected");

    DeviceClient Begin()
    {
        var options = new DeviceClientOptions { Time = time, Random = new Random(1) };
        if (conversation.TryGetProperty("options", out var given))
        {
            if (given.TryGetProperty("historyMessages", out var history))
                options = options with { HistoryMessages = history.GetInt32() };
            if (given.TryGetProperty("filter", out var filter))
                options = options with { Filter = filter.Deserialize<SyncFilter>(HubRecords.Json) };
        }
        var begun = new DeviceClient(transport, store, options);
        begun.Observe(this);
        begun.Start();
        return begun;
    }

    void Connect(JsonElement step)
    {
        for (var waited = 0; !transport.IsTrying && waited < 60_000; waited += 500)
            time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(transport.IsTrying, "the client does not try to connect");
        if (!step.GetProperty("ok").GetBoolean())
        {
            transport.Refuse(new IOException("no route"));
            return;
        }
        link = transport.Accept();
        var call = link.Take(c => c.Method is "Synchronize");
        Assert.True(call is not null, "the client does not synchronise");
        if (step.TryGetProperty("token", out var token))
            Assert.Null(JsonSubset.Difference(token, Member(call!.Argument, "token"), "token"));
        if (conversation.TryGetProperty("options", out var options) && options.TryGetProperty("filter", out var filter))
            Assert.Null(JsonSubset.Difference(filter, Member(call!.Argument, "filter"), "filter"));
        call!.Answer(SyncAnswer(step));
        AnswerWhatNeedsNone();
    }

    JsonElement SyncAnswer(JsonElement laidOver)
    {
        var limits = new JsonObject { ["maxContentBytes"] = 65536, ["maxDraftBytes"] = 16384, ["maxPageItems"] = 100, ["maxConfirmedConversations"] = 100, ["confirmWithinMs"] = 100 };
        if (laidOver.TryGetProperty("limits", out var given))
        {
            foreach (var limit in given.EnumerateObject())
                limits[limit.Name] = JsonNode.Parse(limit.Value.GetRawText());
        }
        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["outcome"] = laidOver.TryGetProperty("outcome", out var outcome) ? JsonNode.Parse(outcome.GetRawText()) : new JsonObject { ["code"] = "ok" },
            ["personId"] = (laidOver.TryGetProperty("personId", out var other) ? other : conversation.GetProperty("personId")).GetString(),
            ["role"] = conversation.GetProperty("role").GetString(),
            ["limits"] = limits,
        });
    }

    void ExpectCall(JsonElement expected, JsonElement? answer, string? error)
    {
        AnswerWhatNeedsNone();
        var method = expected.GetProperty("method").GetString();
        var call = Link.Take(c => string.Equals(c.Method, method, StringComparison.Ordinal) && JsonSubset.Matches(expected.GetProperty("args"), c.Argument));
        Assert.True(call is not null, $"no such call among {string.Join("; ", Link.Calls.Select(c => $"{c.Method} {c.Argument}"))}");
        if (error is not null)
            call!.Fail(new HubErrorException(error));
        else if (answer is { } given)
            call!.Answer(method is "Synchronize" ? SyncAnswer(given) : given);
    }

    // The call stays to be matched; answering twice is harmless.
    void AnswerWhatNeedsNone()
    {
        foreach (var call in link?.Calls ?? [])
        {
            if (call.Method is "Confirm" or "SetTyping")
                call.Answer(Done);
        }
    }

    void Do(JsonProperty act)
    {
        var with = act.Value;
        Guid Id(string name) => with.GetProperty(name).GetGuid();
        _ = act.Name switch
        {
            "post" => client.PostAsync(Id("conversationId"), with.GetProperty("content").GetString()!, messageId: Id("messageId")),
            "markRead" => client.MarkReadAsync(Id("conversationId"), with.GetProperty("seq").GetInt64()),
            "setDraft" => client.SetDraftAsync(Id("conversationId"), with.GetProperty("text").GetString()!),
            "resolve" => client.ResolveAsync(Id("conversationId")),
            "openConversation" => client.OpenConversationAsync(Id("conversationId")),
            "setOpenConversation" => client.SetOpenConversationAsync(with.TryGetProperty("conversationId", out _) ? Id("conversationId") : null),
            "setAvailability" => SetAvailability(with.Deserialize<AvailabilityChoice>(HubRecords.Json)!),
            "retry" => client.RetryAsync(Id("messageId")),
            "dismiss" => Now(() => client.Dismiss(Id("messageId"))),
            "wake" => Now(client.Wake),
            "goOffline" => Now(client.GoOffline),
            "goOnline" => Now(client.GoOnline),
            _ => throw new InvalidOperationException($"unknown act {act.Name}"),
        };

        static Task Now(Action what)
        {
            what();
            return Task.CompletedTask;
        }
    }

    Task SetAvailability(AvailabilityChoice choice) => client.SetAvailabilityAsync(choice.Availability, choice.Label, choice.Note, choice.Until);

    sealed record AvailabilityChoice(Availability? Availability, string? Label, string? Note, DateTimeOffset? Until);

    void Expect(JsonElement expected)
    {
        foreach (var member in expected.EnumerateObject())
        {
            switch (member.Name)
            {
                case "token":
                    Same(member.Value, client.Token, "token");
                    break;
                case "conversations":
                    Same(Sorted(member.Value), client.Conversations().Select(c => c.Id.ToString()).Order(StringComparer.Ordinal), "conversations");
                    break;
                case "messages":
                    Each(member.Value, (lane, seqs) => Same(seqs, View(lane).Messages.Select(m => m.Seq), lane));
                    break;
                case "shown":
                    Each(member.Value, (lane, ids) => Same(ids, View(lane).Messages.Select(m => m.MessageId).Concat(View(lane).Pending.Select(p => p.Post.MessageId!.Value)), lane));
                    break;
                case "pending":
                    Same(member.Value, Posts(refused: false).Select(e => ((PostMessage)e.Command).MessageId), "pending");
                    break;
                case "failed":
                    Same(member.Value, Posts(refused: true).ToDictionary(e => ((PostMessage)e.Command).MessageId!.Value.ToString(), e => Code(e.Outcome!.Code), StringComparer.Ordinal), "failed", exactly: true);
                    break;
                case "unsettled":
                    Same(member.Value, client.Unsettled().Select(e => $"{e.Method} {Lower(e.State.ToString())}"), "unsettled");
                    break;
                case "open":
                    Same(member.Value, client.OpenConversation(), "open");
                    break;
                case "rejected":
                    Same(member.Value, rejected, "rejected");
                    break;
                case "unread":
                    Each(member.Value, (id, unread) => Same(unread, client.Unread(Guid.Parse(id)), id));
                    break;
                case "items":
                    Each(member.Value, (kind, items) => Each(items, (id, item) => Same(item, client.Item(kind, id) is { } held ? new { revision = held.Revision, state = held.State } : null, $"{kind} {id}")));
                    break;
                case "absent":
                    Each(member.Value, (kind, ids) => Assert.All(ids.EnumerateArray(), id => Assert.Null(client.Item(kind, id.GetString()!))));
                    break;
                case "drafts":
                    Each(member.Value, (id, text) => Same(text, client.Draft(Guid.Parse(id))?.Text, id));
                    break;
                case "typing":
                    Each(member.Value, (id, people) => Same(people, client.TypingIn(Guid.Parse(id)), id));
                    break;
                case "places":
                    Each(member.Value, (id, place) => Same(place, client.PlaceInQueue(Guid.Parse(id)), id));
                    break;
                case "viewing":
                    Each(member.Value, (id, people) => Same(people, client.ViewersOf(Guid.Parse(id)), id));
                    break;
                case "stopped":
                    Same(member.Value, client.Status == DeviceStatus.OtherPerson ? "otherPerson" : client.HaltedBy is { } code ? Code(code) : null, "stopped");
                    break;
                case "hash":
                    Same(member.Value, client.CanonicalHash(), "hash");
                    break;
                default:
                    Assert.Fail($"unknown expectation {member.Name}");
                    break;
            }
        }
    }

    LaneView View(string lane)
    {
        var parts = lane.Split('/');
        return client.Messages(Guid.Parse(parts[0]), parts[1] is "notes" ? Lane.Notes : Lane.Public);
    }

    IEnumerable<OutboxEntry> Posts(bool refused) => client.Unsettled().Where(e => e.IsShown && e.State == OutboxState.Refused == refused);

    static void Same<T>(JsonElement expected, T actual, string what, bool exactly = false)
    {
        var json = JsonSerializer.SerializeToElement(actual, HubRecords.Json);
        if (JsonSubset.Difference(expected, json, what) is { } difference)
            Assert.Fail($"{difference}; all: {json}");
        if (exactly)
            Assert.True(JsonElement.DeepEquals(expected, json), $"{what} is {json}");
    }

    static JsonElement Sorted(JsonElement ids) => JsonSerializer.SerializeToElement(ids.EnumerateArray().Select(i => i.GetString()).Order(StringComparer.Ordinal));

    static void Each(JsonElement members, Action<string, JsonElement> check)
    {
        foreach (var member in members.EnumerateObject())
            check(member.Name, member.Value);
    }

    static JsonElement? Member(JsonElement of, string name) => of.TryGetProperty(name, out var member) ? member : null;

    static string Lower(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    static string Code(ErrorCode code) => JsonSerializer.SerializeToElement(code, HubRecords.Json).GetString()!;
}
