using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Client.Conversations;
using Rcc.Client.Devices;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Devices;

namespace Rcc.Client.Sync;

/// <summary>What one frame of a journal says, as JSON: the rows of one transaction, or a part of a whole picture. A row without a value is gone.</summary>
sealed record JournalRecord
{
    public DevicePosition? Position { get; init; }

    public IReadOnlyList<ItemRow> Items { get; init => field = value ?? []; } = [];

    public IReadOnlyList<LaneRow> Lanes { get; init => field = value ?? []; } = [];

    public IReadOnlyList<MessageRow> Messages { get; init => field = value ?? []; } = [];

    public IReadOnlyList<OutboxRow> Outbox { get; init => field = value ?? []; } = [];

    public IReadOnlyList<ConfirmedRow> Confirmed { get; init => field = value ?? []; } = [];

    /// <summary>The last frame of a picture: without it the picture is not whole.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool EndsPicture { get; init; }

    static JsonSerializerOptions Json { get; } = MakeJson();

    public static JournalRecord Of(DeviceChanges changes, bool endsPicture = false) => new()
    {
        Position = changes.Position,
        Items = [.. changes.Items.Select(row => new ItemRow(row.Key.Kind, row.Key.Id, row.Value is { } item ? new ItemValue(item.Revision, item.State, item.Mark) : null))],
        Lanes = [.. changes.Lanes.Select(row => new LaneRow(row.Key.ConversationId, row.Key.Lane, row.Value))],
        Messages = [.. changes.Messages.Select(row => new MessageRow(row.Key.Lane.ConversationId, row.Key.Lane.Lane, row.Key.Seq, row.Value))],
        Outbox = [.. changes.Outbox.Select(row => new OutboxRow(row.Key, row.Value is { } entry ? OutboxValue.Of(entry) : null))],
        Confirmed = [.. changes.Confirmed.Select(row => new ConfirmedRow(row.Key, row.Value))],
        EndsPicture = endsPicture,
    };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="JsonException">It is not such a record.</exception>
    public static JournalRecord Read(ReadOnlyMemory<byte> content) => JsonSerializer.Deserialize<JournalRecord>(content.Span, Json) ?? throw new JsonException("A record of the journal is null.");

    public DeviceChanges ToChanges()
    {
        var changes = new DeviceChanges { Position = Position };
        foreach (var (kind, id, value) in Items)
        {
            var key = new ItemKey(kind, id);
            changes.Items[key] = value is null ? null : new ReplicaItem(key, value.Revision, value.State, value.Mark);
        }
        foreach (var (conversation, lane, value) in Lanes)
            changes.Lanes[new LaneId(conversation, lane)] = value;
        foreach (var (conversation, lane, seq, value) in Messages)
            changes.Messages[new MessageKey(new LaneId(conversation, lane), seq)] = value;
        foreach (var (number, value) in Outbox)
            changes.Outbox[number] = value?.ToEntry();
        foreach (var (conversation, seq) in Confirmed)
            changes.Confirmed[conversation] = seq;
        return changes;
    }

    static JsonSerializerOptions MakeJson()
    {
        var options = new JsonSerializerOptions(HubRecords.Json) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
        options.Converters.Add(new RawJsonConverter());
        options.MakeReadOnly();
        return options;
    }

    /// <summary>Writes JSON that came from the server as it came: what a writer would make of a lone surrogate is not what was sent.</summary>
    sealed class RawJsonConverter : JsonConverter<JsonElement>
    {
        public override JsonElement Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader);

        public override void Write(Utf8JsonWriter writer, JsonElement value, JsonSerializerOptions options) => writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }

    internal sealed record ItemRow(string Kind, string Id, ItemValue? Value);

    internal sealed record ItemValue(int Revision, JsonElement State, int Mark);

    internal sealed record LaneRow(Guid ConversationId, Lane Lane, LaneRecord? Value);

    internal sealed record MessageRow(Guid ConversationId, Lane Lane, long Seq, MessageItem? Value);

    internal sealed record OutboxRow(long Number, OutboxValue? Value);

    internal sealed record ConfirmedRow(Guid ConversationId, long? Value);

    /// <summary>An outbox entry; which record its body is follows from the method.</summary>
    internal sealed record OutboxValue(string Method, Guid? ConversationId, JsonElement Body, bool Attempted, OutboxState State, Outcome? Outcome, bool Seen)
    {
        public static OutboxValue Of(OutboxEntry entry) => new(
            entry.Method, entry.ConversationId, JsonSerializer.SerializeToElement(entry.Command, entry.Command.GetType(), Json), entry.Attempted, entry.State, entry.Outcome, entry.Seen);

        /// <exception cref="JsonException">The body is not the method's, or the method is one of a later version of this client.</exception>
        public OutboxEntry ToEntry() => new()
        {
            Method = Method, ConversationId = ConversationId, Command = (DeviceCommand)Body.Deserialize(CommandOf(Method), Json)!, Attempted = Attempted, State = State, Outcome = Outcome, Seen = Seen,
        };

        static Type CommandOf(string method) => method switch
        {
            nameof(IDeviceHub.OpenConversation) => typeof(OpenConversation),
            nameof(IDeviceHub.PostMessage) => typeof(PostMessage),
            nameof(IDeviceHub.ResolveConversation) => typeof(ResolveConversation),
            nameof(IDeviceHub.ReopenConversation) => typeof(ReopenConversation),
            nameof(IDeviceHub.AssignConversation) => typeof(AssignConversation),
            nameof(IDeviceHub.ControlConversation) => typeof(ControlConversation),
            nameof(IDeviceHub.MarkRead) => typeof(MarkRead),
            nameof(IDeviceHub.SetDraft) => typeof(SetDraft),
            nameof(IDeviceHub.SetOpenConversation) => typeof(SetOpenConversation),
            nameof(IDeviceHub.SetAvailability) => typeof(SetAvailability),
            nameof(IDeviceHub.SetContext) => typeof(SetContext),
            nameof(IDeviceHub.ClearContext) => typeof(ClearContext),
            _ => throw new JsonException($"There is no command {method}."),
        };
    }
}
