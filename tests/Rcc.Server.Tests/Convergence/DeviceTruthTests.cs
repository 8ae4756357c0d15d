using System.Collections.Concurrent;
using System.Text;
using Rcc.Client.Access;
using Rcc.Client.Devices;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;
using Rcc.Server.Tests.Processes;

namespace Rcc.Server.Tests.Convergence;

/// <summary>What the devices of a person, and those the person talks with, see of each other.</summary>
[Collection(nameof(Failures))]
public sealed class DeviceTruthTests(DeviceTruthTests.Scene scene) : IClassFixture<DeviceTruthTests.Scene>
{
    [Fact]
    [Trait("Catalogue", "RCC-2")]
    [Trait("Catalogue", "RCC-3")]
    [Trait("Catalogue", "RCC-4")]
    [Trait("Catalogue", "RCC-7")]
    public async Task Messages_appear_on_all_devices_of_an_agent_with_the_same_id_and_order()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 3);
        await using var instance = talk.Agent[0].Fresh();
        await instance.OnlineAsync();
        var outcomes = new List<Outcome>();
        for (var i = 0; i < 5; i++)
        {
            outcomes.Add(await talk.Customer.Client.PostAsync(talk.Conversation, $"question {i}"));
            outcomes.Add(await talk.Agent[i % 3].Client.PostAsync(talk.Conversation, $"answer {i}"));
        }

        Assert.All(outcomes, o => Assert.Equal(ErrorCode.Ok, o.Code));
        foreach (var device in (Follower[])[.. talk.Agent, instance, talk.Customer])
        {
            await device.UntilAsync(c => c.Messages(talk.Conversation) is { Messages.Count: 10, Pending.Count: 0 }, "at ten messages, none pending");
            Assert.Equal(outcomes.Select(o => (o.Seq, o.MessageId)), device.Client.Messages(talk.Conversation).Messages.Select(m => ((long?)m.Seq, (Guid?)m.MessageId)));
        }

        await talk.Agent[0].UntilEqualAsync(talk.Agent[1]);
        await talk.Agent[0].UntilEqualAsync(talk.Agent[2]);
        await talk.Agent[0].UntilEqualAsync(instance);
        Assert.Equal(3, talk.Agent[0].Client.Devices().Count);
    }

    [Fact]
    [Trait("Catalogue", "RCC-5")]
    public async Task What_happens_to_a_conversation_appears_on_all_devices()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 2);

        // Who is there keeps a conversation that is opened again.
        Assert.True((await talk.Agent[0].Client.SetAvailabilityAsync(Availability.Online)).IsOk);
        Assert.True((await talk.Agent[0].Client.ResolveAsync(talk.Conversation)).IsOk);
        foreach (var device in talk.Devices) await device.UntilAsync(c => c.Conversations().Single(e => e.Id == talk.Conversation).State.Status == ConversationStatus.Resolved, "told that it is resolved");

        Assert.Equal(ErrorCode.Closed, (await talk.Agent[1].Client.PostAsync(talk.Conversation, "too late")).Code);
        Assert.True((await talk.Customer.Client.PostAsync(talk.Conversation, "one more thing")).IsOk);
        foreach (var device in talk.Devices) await device.UntilAsync(c => c.Conversations().Single(e => e.Id == talk.Conversation).State.Status == ConversationStatus.Open, "told that it is open");
        await talk.Agent[0].UntilEqualAsync(talk.Agent[1]);
    }

    [Fact]
    [Trait("Catalogue", "RCC-6")]
    public async Task A_device_that_was_away_catches_up_and_posts_what_was_written_meanwhile()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 2);
        talk.Agent[1].Client.GoOffline();
        talk.Customer.Client.GoOffline();
        for (var i = 0; i < 10; i++) Assert.True((await talk.Agent[0].Client.PostAsync(talk.Conversation, $"deferred {i}")).IsOk);
        var written = talk.Customer.Client.PostAsync(talk.Conversation, "written offline");
        Assert.False(written.IsCompleted);
        talk.Customer.Client.GoOnline();
        talk.Agent[1].Client.GoOnline();
        Assert.Equal(11, (await written).Seq);
        foreach (var device in talk.Devices) await device.UntilAsync(c => c.Messages(talk.Conversation).Messages.Count == 11, "at the last message");
        await talk.Agent[0].UntilEqualAsync(talk.Agent[1]);
    }

    [Fact]
    [Trait("Catalogue", "SYNC-13")]
    public async Task A_device_that_wants_no_notes_any_more_lets_go_of_those_it_had_and_of_its_own()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 2);
        var device = talk.Agent[0];
        Assert.True((await device.Client.PostAsync(talk.Conversation, "kept so far", Lane.Notes)).IsOk);
        await device.UntilAsync(c => c.Messages(talk.Conversation, Lane.Notes).Messages.Count == 1, "showing its note");

        device.Client.GoOffline();
        _ = device.Client.PostAsync(talk.Conversation, "written before", Lane.Notes);
        await device.RestartAsync(new SyncFilter { WithoutNotes = true });
        await device.OnlineAsync();
        await device.UntilAsync(c => c.Unsettled().Count == 0, "done with its note");
        await talk.Agent[1].UntilAsync(c => c.Messages(talk.Conversation, Lane.Notes).Messages.Count == 2, "showing both notes");
        await using var fresh = device.Fresh();
        await fresh.OnlineAsync();
        await device.UntilEqualAsync(fresh);
        Assert.Empty(device.Client.Messages(talk.Conversation, Lane.Notes).Messages);
    }

    [Fact]
    [Trait("Catalogue", "MMS-11")]
    public async Task A_draft_is_on_all_devices_and_a_second_writer_is_told_of_the_conflict()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 2);
        var (one, two) = (talk.Agent[0], talk.Agent[1]);
        Assert.True((await one.Client.SetDraftAsync(talk.Conversation, "half a sen")).IsOk);
        await two.UntilAsync(c => c.Draft(talk.Conversation)?.Text == "half a sen", "showing the draft");

        two.Client.GoOffline();
        Assert.True((await one.Client.SetDraftAsync(talk.Conversation, "half a sentence")).IsOk);
        var late = two.Client.SetDraftAsync(talk.Conversation, "another thought");
        two.Client.GoOnline();
        Assert.Equal(ErrorCode.Conflict, (await late).Code);
        foreach (var device in talk.Agent) await device.UntilAsync(c => c.Draft(talk.Conversation)?.Text == "half a sentence", "showing the first draft");
        Assert.True((await two.Client.SetDraftAsync(talk.Conversation, "")).IsOk);
        foreach (var device in talk.Agent) await device.UntilAsync(c => c.Draft(talk.Conversation) is null, "without a draft");
        Assert.DoesNotContain(talk.Customer.Lines, line => line.StartsWith(ItemKinds.Draft, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Catalogue", "RCC-5")]
    public async Task The_open_conversation_and_the_read_position_are_the_persons_on_every_device()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 2);
        for (var i = 0; i < 3; i++) Assert.True((await talk.Customer.Client.PostAsync(talk.Conversation, $"unread {i}")).IsOk);
        foreach (var device in talk.Agent) await device.UntilAsync(c => c.Unread(talk.Conversation) == 3, "at three unread");

        Assert.True((await talk.Agent[0].Client.SetOpenConversationAsync(talk.Conversation)).IsOk);
        Assert.True((await talk.Agent[0].Client.MarkReadAsync(talk.Conversation, 2)).IsOk);
        var person = talk.Agent[0].Client.PersonId.ToString();
        foreach (var device in talk.Agent)
        {
            await device.UntilAsync(c => c.Unread(talk.Conversation) == 1, "at one unread");
            await device.UntilAsync(c => c.Item(ItemKinds.OpenConversation, person)?.Read<OpenConversationState>().ConversationId == talk.Conversation, "told what is open");
        }

        // It only moves forward.
        Assert.True((await talk.Agent[1].Client.MarkReadAsync(talk.Conversation, 1)).IsOk);
        Assert.Equal(1, talk.Agent[1].Client.Unread(talk.Conversation));
        await talk.Agent[0].UntilEqualAsync(talk.Agent[1]);
        Assert.DoesNotContain(talk.Customer.Lines, line => line.StartsWith(ItemKinds.OpenConversation, StringComparison.Ordinal) || line.Contains(person, StringComparison.Ordinal) && line.StartsWith(ItemKinds.Read, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Catalogue", "IM-114")]
    public async Task Delivered_needs_a_devices_confirmation_and_displayed_a_person_and_a_sender_who_was_away_learns_both_later()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 0);
        await using var silent = new BareDevice(scene.Server, talk.AgentSignedIn);
        await silent.ConnectedAsync();
        var post = await talk.Customer.Client.PostAsync(talk.Conversation, "are you there?");
        await silent.UntilPushedAsync(post.MessageId!.Value);
        await talk.Customer.UntilAsync(c => c.Messages(talk.Conversation) is { Messages.Count: 1, Pending.Count: 0 }, "at its message");
        var message = Assert.Single(talk.Customer.Client.Messages(talk.Conversation).Messages);
        Assert.Equal(Disposition.Sent, talk.Customer.Client.DispositionOf(message));

        talk.Customer.Client.GoOffline();
        var confirmed = await silent.CallAsync<Outcome>(nameof(IDeviceHub.Confirm), new Confirmation { Held = [new(talk.Conversation, 1)] });
        Assert.True(confirmed.IsOk);
        await Until.TrueAsync(() => Receipts(silent).Any(r => r is { Delivered: 1, Displayed: 0 }), () => "delivered is told");
        talk.Customer.Client.GoOnline();
        await talk.Customer.UntilAsync(c => c.DispositionOf(message) == Disposition.Delivered, "told that its message is delivered");

        talk.Customer.Client.GoOffline();
        var read = await silent.SettleAsync(nameof(IDeviceHub.MarkRead), new MarkRead { Number = silent.NextNumber(), ConversationId = talk.Conversation, Seq = 1 });
        Assert.True(read.IsOk);
        talk.Customer.Client.GoOnline();
        await talk.Customer.UntilAsync(c => c.DispositionOf(message) == Disposition.Displayed, "told that its message is displayed");
        Assert.All(Receipts(silent), r => Assert.True(r.Delivered >= r.Displayed));

        IEnumerable<ReceiptState> Receipts(BareDevice device) => device.Items
            .Where(i => i.Kind == ItemKinds.Receipt && i.Id!.StartsWith(talk.Conversation.ToString(), StringComparison.Ordinal) && i.Id.EndsWith(silent.SignedIn.PersonId.ToString(), StringComparison.Ordinal))
            .Select(i => ReadReceipt(i.State));
    }

    [Fact]
    [Trait("Catalogue", "RCC-19")]
    public async Task Notes_never_reach_a_customers_wire()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 2);
        var wire = new ConcurrentQueue<string>();
        await using var customer = await DeviceConnection.OpenAsync(
            new Uri(scene.Server.Address, "hubs/v1/device"),
            new() { AccessToken = talk.Customer.SignedIn.AccessToken, OnPushBytes = bytes => wire.Enqueue(Encoding.UTF8.GetString(bytes)) });
        Assert.True((await customer.InvokeAsync<SyncAnswer>(nameof(IDeviceHub.Synchronize), new SyncRequest())).Outcome.IsOk);

        Assert.True((await talk.Agent[0].Client.PostAsync(talk.Conversation, "he is difficult", Lane.Notes)).IsOk);
        Assert.True((await talk.Agent[0].Client.SetDraftAsync(talk.Conversation, "say it kindly", Lane.Notes)).IsOk);
        Assert.True((await talk.Agent[0].Client.MarkReadAsync(talk.Conversation, 1, Lane.Notes)).IsOk);
        Assert.Equal(1, (await talk.Agent[0].Client.PostAsync(talk.Conversation, "How can I help?")).Seq);
        await talk.Agent[1].UntilAsync(c => c.Messages(talk.Conversation, Lane.Notes).Messages is [{ Content: "he is difficult" }], "showing the note");
        await Until.TrueAsync(() => wire.Any(w => w.Contains("How can I help?", StringComparison.Ordinal)), () => "the answer reaches the customer");

        var all = string.Concat(wire);
        Assert.DoesNotContain("difficult", all, StringComparison.Ordinal);
        Assert.DoesNotContain("kindly", all, StringComparison.Ordinal);
        Assert.DoesNotContain("otes", all, StringComparison.Ordinal);
        var page = await customer.InvokeAsync<MessagePage>(nameof(IDeviceHub.LoadMessages), new LoadMessages { ConversationId = talk.Conversation, Lane = Lane.Notes });
        Assert.Equal(ErrorCode.Forbidden, page.Outcome.Code);
        Assert.Empty(page.Messages);
    }

    [Fact]
    public async Task Typing_is_shown_to_the_others()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 1);
        talk.Agent[0].Client.SetTyping(talk.Conversation, active: true);
        await talk.Customer.UntilAsync(c => c.TypingIn(talk.Conversation).Contains(talk.AgentSignedIn.PersonId), "told that the agent types");
        talk.Agent[0].Client.SetTyping(talk.Conversation, active: false);
        await talk.Customer.UntilAsync(c => c.TypingIn(talk.Conversation).Count == 0, "told that the agent has stopped");
    }

    [Fact]
    [Trait("Catalogue", "INV-13")]
    public async Task A_conversation_that_waits_is_assigned_when_somebody_becomes_available_and_leaves_when_it_is_given_away()
    {
        await using var talk = await scene.TalkAsync(agentDevices: 1, assign: false);
        Assert.True((await talk.Customer.Client.PostAsync(talk.Conversation, "anybody?")).IsOk);
        Assert.Empty(talk.Agent[0].Client.Conversations());

        Assert.True((await talk.Agent[0].Client.SetAvailabilityAsync(Availability.Online)).IsOk);
        await talk.Agent[0].UntilAsync(c => c.Messages(talk.Conversation).Messages is [{ Content: "anybody?" }], "at what was written before it came");
        Assert.True((await talk.Agent[0].Client.SetAvailabilityAsync(Availability.Offline)).IsOk);
        await talk.Company.AssignAsync(talk.Conversation, talk.Company.MasterId);
        await talk.Agent[0].UntilAsync(c => c.Conversations().Count == 0, "without the conversation");
        Assert.DoesNotContain(talk.Agent[0].Lines, line => line.Contains(talk.Conversation.ToString(), StringComparison.Ordinal));
        await using var fresh = talk.Agent[0].Fresh();
        await fresh.OnlineAsync();
        await talk.Agent[0].UntilEqualAsync(fresh);
    }

    static ReceiptState ReadReceipt(System.Text.Json.JsonElement state) => new(state.GetProperty("delivered").GetInt64(), state.GetProperty("displayed").GetInt64());

    /// <summary>One server for all tests here.</summary>
    public sealed class Scene(Databases databases) : IAsyncLifetime
    {
        ServerProcess? server;
        Api? platform;

        internal ServerProcess Server => server!;

        /// <summary>A tenant of its own with a customer in conversation with an agent.</summary>
        internal async Task<Talk> TalkAsync(int agentDevices, bool assign = true)
        {
            var company = await Company.MakeAsync(Server, platform!, agents: 1);
            var customer = new Follower(() => Server, await company.BeginAsync(Server));
            var conversation = Guid.CreateVersion7();
            Assert.True((await customer.Client.OpenConversationAsync(conversation)).IsOk);
            if (assign) await company.AssignAsync(conversation, company.Agents[0]);
            var devices = new List<SignedInDevice>();
            for (var i = 0; i < Math.Max(1, agentDevices); i++) devices.Add(await company.SignInAsync(Server, 0));
            var talk = new Talk(company, conversation, customer, [.. devices.Take(agentDevices).Select(d => new Follower(() => Server, d))], devices[0]);
            foreach (var device in talk.Devices) await device.OnlineAsync();
            if (assign) foreach (var device in talk.Devices) await device.UntilAsync(c => c.Conversations().Any(e => e.Id == conversation && e.State.AssigneeId is not null), "in the conversation");
            return talk;
        }

        public async ValueTask InitializeAsync()
        {
            server = await ServerProcess.OnDatabaseAsync(await databases.CreateAsync());
            platform = await server.BecomeOperatorAsync();
        }

        public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    internal sealed record Talk(Company Company, Guid Conversation, Follower Customer, IReadOnlyList<Follower> Agent, SignedInDevice AgentSignedIn) : IAsyncDisposable
    {
        public IEnumerable<Follower> Devices => [.. Agent, Customer];

        public async ValueTask DisposeAsync()
        {
            foreach (var device in Devices) await device.DisposeAsync();
        }
    }
}
