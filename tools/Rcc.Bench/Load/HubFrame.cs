using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Rcc.Bench.Load;

/// <summary>What a device learns from a SignalR record.</summary>
interface IFrameSink
{
    /// <summary>A message of the public lane was pushed, or is on a page (<paramref name="pushed"/> is false).</summary>
    void OnMessage(Guid conversation, Guid messageId, long seq, bool pushed);

    /// <summary>A receipt: how far a person has a conversation's messages.</summary>
    void OnReceipt(Guid conversation, Guid person, long delivered);

    /// <summary>The end of a pushed batch.</summary>
    void OnBatch(ReadOnlySpan<byte> to, int items, bool more);

    /// <summary>An answer. <paramref name="refusal"/> is null when it is ok.</summary>
    void OnAnswer(ReadOnlySpan<byte> invocation, string? refusal);
}

/// <summary>Reads one record of the SignalR JSON protocol, and of the contract only what a load generator needs.</summary>
static class HubFrame
{
    public static void Read(ReadOnlySpan<byte> record, IFrameSink sink)
    {
        var json = new Utf8JsonReader(record);
        json.Read();
        ReadOnlySpan<byte> invocation = default;
        string? refusal = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("arguments"u8))
            {
                json.Read();
                while (json.Read() && json.TokenType != JsonTokenType.EndArray)
                {
                    ReadBatch(ref json, sink);
                }
            }
            else if (json.ValueTextEquals("invocationId"u8))
            {
                json.Read();
                invocation = json.ValueSpan;
            }
            else if (json.ValueTextEquals("error"u8))
            {
                json.Read();
                refusal = json.GetString();
            }
            else if (json.ValueTextEquals("result"u8))
            {
                json.Read();
                refusal = ReadResult(ref json, sink);
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        // A close message has an error and no invocation.
        if (!invocation.IsEmpty || refusal is not null)
        {
            sink.OnAnswer(invocation, refusal);
        }
    }

    /// <summary>An <c>Outcome</c>, or something with an <c>outcome</c> and perhaps <c>messages</c>; the refusal, if it is one.</summary>
    static string? ReadResult(ref Utf8JsonReader json, IFrameSink sink)
    {
        string? refusal = null;
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            return null;
        }

        var (isRefusal, detail) = (false, "");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("outcome"u8))
            {
                json.Read();
                refusal = ReadResult(ref json, sink);
            }
            else if (json.ValueTextEquals("code"u8))
            {
                json.Read();
                isRefusal = !json.ValueTextEquals("ok"u8);
                refusal = isRefusal ? json.GetString() : null;
            }
            else if (json.ValueTextEquals("detail"u8))
            {
                json.Read();
                detail = $" ({json.GetString()})";
            }
            else if (json.ValueTextEquals("messages"u8))
            {
                json.Read();
                while (json.Read() && json.TokenType == JsonTokenType.StartObject)
                {
                    ReadMessage(ref json, sink, pushed: false);
                }
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        return refusal is null ? null : refusal + detail;
    }

    static void ReadBatch(ref Utf8JsonReader json, IFrameSink sink)
    {
        ReadOnlySpan<byte> to = default;
        var (items, more) = (0, false);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("items"u8))
            {
                json.Read();
                while (json.Read() && json.TokenType == JsonTokenType.StartObject)
                {
                    ReadItem(ref json, sink);
                    items++;
                }
            }
            else if (json.ValueTextEquals("to"u8))
            {
                json.Read();
                to = json.ValueSpan;
            }
            else if (json.ValueTextEquals("more"u8))
            {
                json.Read();
                more = json.TokenType == JsonTokenType.True;
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        sink.OnBatch(to, items, more);
    }

    static void ReadItem(ref Utf8JsonReader json, IFrameSink sink)
    {
        var isReceipt = false;
        ReadOnlySpan<byte> id = default;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("message"u8))
            {
                json.Read();
                ReadMessage(ref json, sink, pushed: true);
            }
            else if (json.ValueTextEquals("kind"u8))
            {
                json.Read();
                isReceipt = json.ValueTextEquals("receipt"u8);
            }
            else if (json.ValueTextEquals("id"u8))
            {
                json.Read();
                id = json.ValueSpan;
            }
            else if (isReceipt && json.ValueTextEquals("state"u8))
            {
                json.Read();
                ReadReceipt(ref json, id, sink);
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }
    }

    static void ReadReceipt(ref Utf8JsonReader json, ReadOnlySpan<byte> id, IFrameSink sink)
    {
        var delivered = 0L;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var isDelivered = json.ValueTextEquals("delivered"u8);
            json.Read();
            if (isDelivered)
            {
                delivered = json.GetInt64();
            }
            else
            {
                json.Skip();
            }
        }

        if (id.Length != 73 || !Utf8Parser.TryParse(id, out Guid conversation, out _) || !Utf8Parser.TryParse(id[37..], out Guid person, out _))
        {
            throw new FormatException($"A receipt's id is '{Encoding.UTF8.GetString(id)}'; the contract says conversation/person.");
        }

        sink.OnReceipt(conversation, person, delivered);
    }

    static void ReadMessage(ref Utf8JsonReader json, IFrameSink sink, bool pushed)
    {
        var (conversation, message, seq, isPublic) = (Guid.Empty, Guid.Empty, 0L, true);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("conversationId"u8))
            {
                json.Read();
                conversation = json.GetGuid();
            }
            else if (json.ValueTextEquals("messageId"u8))
            {
                json.Read();
                message = json.GetGuid();
            }
            else if (json.ValueTextEquals("seq"u8))
            {
                json.Read();
                seq = json.GetInt64();
            }
            else if (json.ValueTextEquals("lane"u8))
            {
                json.Read();
                isPublic = json.ValueTextEquals("public"u8);
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        if (isPublic)
        {
            sink.OnMessage(conversation, message, seq, pushed);
        }
    }
}
