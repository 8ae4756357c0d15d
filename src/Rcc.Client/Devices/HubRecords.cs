using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Devices;

/// <summary>The records of SignalR's JSON protocol, as the framework reads and writes them, and two shortcuts for those who have or want plain bytes.</summary>
static class HubRecords
{
    public const byte Separator = 0x1e;

    [ThreadStatic]
    static Utf8JsonWriter? writer;

    /// <summary>The contract's JSON. No HTML is written, so that letters beyond ASCII need no escape.</summary>
    public static JsonSerializerOptions Json { get; } = MakeJson();

    public static JsonHubProtocol Protocol { get; } = new(Options.Create(new JsonHubProtocolOptions { PayloadSerializerOptions = Json }));

    /// <summary>A ping record; it never changes.</summary>
    public static ReadOnlyMemory<byte> Ping { get; } = Protocol.GetMessageBytes(PingMessage.Instance);

    /// <summary>An invocation whose only argument is JSON already.</summary>
    public static void WriteInvocation(IBufferWriter<byte> output, long id, string method, ReadOnlySpan<byte> argumentJson)
    {
        var json = writer ??= new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.Reset(output);
        json.WriteStartObject();
        json.WriteNumber("type"u8, HubProtocolConstants.InvocationMessageType);
        json.WriteString("invocationId"u8, id.ToString(CultureInfo.InvariantCulture));
        json.WriteString("target"u8, method);
        json.WriteStartArray("arguments"u8);
        json.WriteRawValue(argumentJson, skipInputValidation: true);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        output.Write([Separator]);
    }

    /// <summary>Where the argument of a push lies in a record, without reading it.</summary>
    public static bool TryFindPush(ReadOnlySpan<byte> record, out Range argument)
    {
        argument = default;
        var reader = new Utf8JsonReader(record);
        bool invocation = false, push = false, found = false;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isType, isTarget, isArguments) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals("target"u8), reader.ValueTextEquals("arguments"u8));
            reader.Read();
            if (isType)
                invocation = reader.TokenType == JsonTokenType.Number && reader.GetInt32() == HubProtocolConstants.InvocationMessageType;
            else if (isTarget)
                push = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(PushTarget);
            if (isType && !invocation)
                return false;
            if (isArguments && reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                argument = start..(int)reader.BytesConsumed;
                found = true;
                if (invocation && push)
                    return true;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    reader.Skip();
                continue;
            }
            reader.Skip();
        }
        return invocation && push && found;
    }

    public static ReadOnlySpan<byte> PushTarget => "push"u8;

    static JsonSerializerOptions MakeJson()
    {
        var options = new JsonSerializerOptions(ContractJson.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = JsonTypeInfoResolver.Combine(ContractJson.Default, new DefaultJsonTypeInfoResolver()),
            Converters =
            {
                new LenientEnumConverter<ErrorCode>(ErrorCode.Forbidden),
                new LenientEnumConverter<ResyncReason>(ResyncReason.New),
                new LenientEnumConverter<LeftReason>(LeftReason.Left),
                new LenientEnumConverter<Role>(Role.System),
                new LenientEnumConverter<ConversationStatus>(ConversationStatus.Open),
                new LenientEnumConverter<Availability>(Availability.Offline),
            },
        };
        options.MakeReadOnly();
        return options;
    }
}
