using System.Text.Json;
using Rcc.LocalSilo.Tests;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Client.Sync;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests.Sync;

public sealed class FileDeviceStoreTests : IDisposable
{
    static readonly Guid Conversation = Guid.Parse("018f0000-0000-7000-8000-0000000000c1");
    static readonly LaneId Public = new(Conversation, Lane.Public);
    static readonly FileDeviceStoreOptions Small = new() { CompactAfterBytes = 4096 };
    readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_is_found_again_after_a_restart()
    {
        var changes = Rich();
        using (var store = FileDeviceStore.Open(folder.Path))
        {
            store.Commit(changes);
            store.Commit(Gone());
        }

        using var next = FileDeviceStore.Open(folder.Path);

        var expected = new MemoryDeviceStore();
        expected.Commit(changes);
        expected.Commit(Gone());
        Assert.False(next.WasDamaged);
        AssertSame(expected.Load(), next.Load());
    }

    [Fact]
    public void A_commit_that_was_cut_anywhere_never_was_and_everything_before_it_is_there()
    {
        var states = new List<DeviceSnapshot>();
        var ends = new List<long>();
        using (var store = FileDeviceStore.Open(folder.Path))
        {
            for (var i = 0; i < 6; i++)
            {
                states.Add(store.Load());
                ends.Add(new FileInfo(folder.Journal).Length);
                store.Commit(i switch { 0 => Rich(), 1 => Gone(), _ => Post(i) });
            }
            states.Add(store.Load());
        }
        var whole = File.ReadAllBytes(folder.Journal);
        ends.Add(whole.Length);

        for (var length = ends[0]; length <= whole.Length; length++)
        {
            File.WriteAllBytes(folder.Journal, whole[..(int)length]);
            using (var store = FileDeviceStore.Open(folder.Path))
            {
                Assert.False(store.WasDamaged, $"{length} bytes are taken for damaged");
                AssertSame(states[ends.FindLastIndex(end => end <= length)], store.Load());
                if (length % 16 != 0)
                    continue;
                store.Commit(Post(9));
            }
            using var again = FileDeviceStore.Open(folder.Path);
            Assert.False(again.WasDamaged, $"what follows {length} bytes is taken for damaged");
            Assert.Contains(again.Load().Outbox, entry => entry.Command.Number == 9);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void A_last_commit_whose_bytes_are_not_on_the_disk_yet_never_was(int soundBytes)
    {
        long before;
        using (var store = FileDeviceStore.Open(folder.Path))
        {
            store.Commit(Post(1));
            before = new FileInfo(folder.Journal).Length;
            store.Commit(Post(2));
        }
        var bytes = File.ReadAllBytes(folder.Journal);
        bytes.AsSpan((int)before + soundBytes).Clear();
        File.WriteAllBytes(folder.Journal, bytes);

        using var next = FileDeviceStore.Open(folder.Path);

        Assert.False(next.WasDamaged);
        Assert.Equal([1L], next.Load().Outbox.Select(entry => entry.Command.Number));
    }

    [Fact]
    public void A_byte_that_has_changed_anywhere_before_the_last_commit_sets_the_file_aside_and_saves_the_commands_that_can_be_read()
    {
        long last;
        using (var store = FileDeviceStore.Open(folder.Path))
        {
            store.Commit(Rich());
            store.Commit(Post(1));
            store.Commit(Post(2));
            last = new FileInfo(folder.Journal).Length;
            store.Commit(Post(3));
        }
        var whole = File.ReadAllBytes(folder.Journal);
        var writtenLast = new DateTimeOffset(new FileInfo(folder.Journal).LastWriteTimeUtc);

        for (var at = 0; at < last; at += 3)
        {
            var bytes = whole.ToArray();
            bytes[at] ^= 0x41;
            File.WriteAllBytes(folder.Journal, bytes);
            using var store = FileDeviceStore.Open(folder.Path);
            Assert.True(store.WasDamaged, $"a change at {at} goes unnoticed");
            var saved = store.Load();
            Assert.True(saved.Outbox.Count >= 3, $"a change at {at} costs more than one command");
            Assert.Empty(saved.Items);
            Assert.Empty(saved.Messages);
            Assert.Null(saved.Position.Token);
            Assert.Equal(ModelServer.Person, saved.Position.PersonId);
            Assert.True(saved.Position.LastNumber >= writtenLast.ToUnixTimeMilliseconds() * 1024, $"a change at {at} lets numbers be given again");
            Assert.Equal(bytes, File.ReadAllBytes(folder.Journal + ".damaged"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_number_is_never_given_again_whatever_happens_to_the_clock_and_the_file(bool damaged)
    {
        var time = new ManualClock(DateTimeOffset.UtcNow);
        var given = await GiveAsync();
        time.Set(TimeSpan.FromDays(-1));
        if (damaged)
            File.WriteAllBytes(folder.Journal, [.. File.ReadAllBytes(folder.Journal).Select((b, i) => i == 20 ? (byte)~b : b)]);

        Assert.True(await GiveAsync() > given);

        async Task<long> GiveAsync()
        {
            using var store = FileDeviceStore.Open(folder.Path);
            await using var client = new DeviceClient(new ScriptedTransport(), store, new DeviceClientOptions { Time = time });
            _ = client.PostAsync(Conversation, "hello");
            return client.Unsettled()[^1].Command.Number;
        }
    }

    [Fact]
    public void A_picture_that_is_cut_is_damaged_and_nobody_gets_commands_whose_owner_is_not_known()
    {
        using (var store = FileDeviceStore.Open(folder.Path, Small))
        {
            store.Commit(Rich());
            // Longer than the journal may grow: a picture of it all is what there is.
            store.Commit(Post(2, new string('x', 5000)));
        }
        var picture = File.ReadAllBytes(folder.Journal);

        for (var length = 0; length < picture.Length; length += 29)
        {
            File.WriteAllBytes(folder.Journal, picture[..length]);
            using var store = FileDeviceStore.Open(folder.Path, Small);
            Assert.True(store.WasDamaged);
            Assert.Empty(store.Load().Messages);
            Assert.Null(store.Load().Position.Token);
            Assert.True(store.Load().Outbox.Count == 0 || store.Load().Position.PersonId == ModelServer.Person);
        }
    }

    [Fact]
    public void The_file_stays_within_its_bound_however_much_is_committed()
    {
        using var store = FileDeviceStore.Open(folder.Path, Small);
        long most = 0;
        for (var number = 1; number <= 500; number++)
        {
            store.Commit(Post(number));
            var settled = new DeviceChanges();
            settled.Outbox[number] = null;
            store.Commit(settled);
            most = Math.Max(most, new FileInfo(folder.Journal).Length);
        }

        Assert.InRange(most, 4096, 3 * 4096);
        Assert.False(File.Exists(folder.Journal + ".new"));
        Assert.Equal(500, store.Load().Position.LastNumber);
    }

    [Fact]
    public void One_at_a_time_has_the_store()
    {
        var first = FileDeviceStore.Open(folder.Path);

        Assert.Throws<StoreInUseException>(() => FileDeviceStore.Open(folder.Path));

        first.Dispose();
        using var next = FileDeviceStore.Open(folder.Path);
        Assert.Throws<ObjectDisposedException>(() => first.Commit(Post(1)));
    }

    [Fact]
    public void Only_the_owner_may_read_it()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var store = FileDeviceStore.Open(folder.Path, Small);
        store.Commit(Post(1, new string('x', 5000)));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        foreach (var file in Directory.GetFiles(folder.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_picture_that_cannot_be_written_costs_nothing_that_was_committed()
    {
        using (var store = FileDeviceStore.Open(folder.Path, Small))
        {
            // A folder where the picture would go.
            Directory.CreateDirectory(folder.Journal + ".new");
            for (var number = 1; number <= 100; number++)
                store.Commit(Post(number));
            Assert.Equal(100, store.Load().Outbox.Count);
            Directory.Delete(folder.Journal + ".new");
            store.Commit(Post(101, new string('x', 5000)));
        }

        using var next = FileDeviceStore.Open(folder.Path, Small);
        Assert.Equal(101, next.Load().Outbox.Count);
    }

    [Fact]
    public void A_limit_that_cannot_work_is_named()
    {
        var error = Assert.Throws<InvalidOperationException>(() => FileDeviceStore.Open(folder.Path, new FileDeviceStoreOptions { CompactAfterBytes = 1 }));
        Assert.Contains("CompactAfterBytes is 1; it must be at least 4096", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_durable_command_of_the_hub_can_be_kept()
    {
        var commands = typeof(IDeviceHub).GetMethods().Select(method => (method.Name, Type: method.GetParameters().SingleOrDefault()?.ParameterType))
            .Where(command => command.Type?.IsSubclassOf(typeof(DeviceCommand)) == true && !string.Equals(command.Name, nameof(IDeviceHub.ControlConversations), StringComparison.Ordinal)).ToArray();
        Assert.True(commands.Length >= 12);
        using (var store = FileDeviceStore.Open(folder.Path))
        {
            foreach (var (index, (name, type)) in commands.Index())
            {
                var command = (DeviceCommand)JsonSerializer.Deserialize(Sample(type!, index + 1), type!, HubRecords.Json)!;
                var changes = new DeviceChanges();
                changes.Outbox[index + 1] = new OutboxEntry { Method = name, Command = command };
                store.Commit(changes);
            }
        }

        using var next = FileDeviceStore.Open(folder.Path);
        Assert.Equal(commands.Select(command => (command.Name, command.Type!)), next.Load().Outbox.Select(entry => (entry.Method, entry.Command.GetType())));
    }

    static string Sample(Type type, int number) => JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["number"] = number, ["conversationId"] = Conversation, ["content"] = "hello", ["messageId"] = Conversation, ["lane"] = "public", ["text"] = type.Name, ["seq"] = 1, ["operation"] = "hold",
        ["name"] = "crm:mood", ["value"] = "glad", ["source"] = "manual", ["contactId"] = Conversation,
    });

    static DeviceChanges Rich()
    {
        var changes = new DeviceChanges
        {
            Position = new DevicePosition
            {
                Token = "t1", Mark = 3, SweepDue = true, Complete = true, LastNumber = 1, PersonId = ModelServer.Person, Role = Role.MasterAgent,
                Limits = new SyncLimits { MaxContentBytes = 1, MaxDraftBytes = 2, MaxPageItems = 3, MaxConfirmedConversations = 4, ConfirmWithinMs = 5 },
            },
        };
        // As a browser keeps it: a lone surrogate, and numbers as they were written.
        var state = JsonDocument.Parse("""{"lone":"x\ud800y","number":1.0,"text":"h\u00e9llo \u0000"}""").RootElement;
        changes.Items[new ItemKey("odd", "\uff5e")] = new ReplicaItem(new ItemKey("odd", "\uff5e"), 7, state, 3);
        changes.Items[new ItemKey("odd", "none")] = new ReplicaItem(new ItemKey("odd", "none"), 0, JsonDocument.Parse("null").RootElement, 2);
        changes.Lanes[Public] = new LaneRecord(1, 1, 5, 4, NewestDue: true, Exhausted: false, Based: true);
        changes.Messages[new MessageKey(Public, 1)] = new MessageItem
        {
            ConversationId = Conversation, Lane = Lane.Public, Seq = 1, MessageId = Guid.NewGuid(), PersonId = Guid.NewGuid(), Role = Role.Customer, At = new DateTimeOffset(2026, 1, 1, 0, 0, 0, 1, TimeSpan.Zero),
            ContentType = "text/plain", Content = "line\nbreak \0 \ud83d\ude00",
        };
        changes.Confirmed[Conversation] = 1;
        changes.Outbox[5] = new OutboxEntry
        {
            Method = "SetDraft", ConversationId = Conversation, Attempted = true, Seen = true, State = OutboxState.Accepted, Outcome = Outcome.Done with { Revision = 3 },
            Command = new SetDraft { Number = 5, ConversationId = Conversation, Text = "half", IfRevision = 2 },
        };
        return changes;
    }

    static DeviceChanges Gone()
    {
        var changes = new DeviceChanges();
        changes.Items[new ItemKey("odd", "none")] = null;
        changes.Confirmed[Conversation] = null;
        return changes;
    }

    static DeviceChanges Post(long number, string content = "hello")
    {
        var changes = new DeviceChanges { Position = new DevicePosition { Token = "t2", LastNumber = number, PersonId = ModelServer.Person } };
        changes.Outbox[number] = new OutboxEntry
        {
            Method = "PostMessage", ConversationId = Conversation, Command = new PostMessage { Number = number, ConversationId = Conversation, MessageId = Guid.NewGuid(), Content = content },
        };
        return changes;
    }

    static void AssertSame(DeviceSnapshot expected, DeviceSnapshot actual)
    {
        Assert.Equal(expected.Position, actual.Position);
        Assert.Equal(expected.Items.Select(Text), actual.Items.Select(Text));
        Assert.Equal(expected.Lanes, actual.Lanes);
        Assert.Equal(expected.Messages, actual.Messages);
        Assert.Equal(expected.Outbox, actual.Outbox);
        Assert.Equal(expected.Confirmed, actual.Confirmed);

        static string Text(ReplicaItem item) => $"{item.Key} {item.Revision} {item.Mark} {item.State.GetRawText()}";
    }
}
