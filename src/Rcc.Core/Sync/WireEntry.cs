using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Sync;

/// <summary>An entry with its JSON as devices get it (<see cref="SyncItem"/>), written once per node however many devices it goes to.</summary>
internal sealed class WireEntry(LogEntry entry)
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    byte[]? json;

    public LogEntry Entry => entry;

    public ReadOnlySpan<byte> Json => json ??= Write(entry);

    /// <summary>An object that is gone, for one device: its filter leaves it out.</summary>
    public static WireEntry Filtered(ItemEntry item) => new(new LeftEntry(item.Key, LeftReason.Filtered) { ModSeq = item.ModSeq });

    static byte[] Write(LogEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            switch (entry)
            {
                case MessageEntry message:
                    Write(writer, message);
                    break;
                case ItemEntry item:
                    writer.WriteString("kind", item.Key.WireKind);
                    writer.WriteString("id", item.Key.WireId);
                    writer.WriteNumber("revision", item.Revision);
                    writer.WritePropertyName("state");
                    writer.WriteRawValue(item.State.AsSpan(), skipInputValidation: true);
                    break;
                case LeftEntry left:
                    writer.WriteString("kind", ItemKinds.Left);
                    writer.WriteString("of", left.Key.WireKind);
                    writer.WriteString("id", left.Key.WireId);
                    writer.WriteString("reason", left.Reason switch
                    {
                        LeftReason.Filtered => "filtered",
                        LeftReason.Deleted => "deleted",
                        _ => "left",
                    });
                    break;
                default:
                    throw new InvalidOperationException($"{entry.GetType().Name} is not for devices.");
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    static void Write(Utf8JsonWriter writer, MessageEntry entry)
    {
        var message = entry.Message;
        writer.WriteString("kind", ItemKinds.Message);
        writer.WriteStartObject("message");
        writer.WriteString("conversationId", message.ConversationId);
        writer.WriteString("lane", message.Lane == Lane.Public ? "public" : "notes");
        writer.WriteNumber("seq", message.Seq);
        writer.WriteString("messageId", message.MessageId);
        writer.WriteString("personId", message.PersonId);
        writer.WriteString("role", message.Role switch
        {
            Role.Customer => "customer",
            Role.Agent => "agent",
            Role.MasterAgent => "masterAgent",
            Role.System => "system",
            Role.Administrator => "administrator",
            _ => "application",
        });
        writer.WriteString("at", entry.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture));
        writer.WriteString("contentType", message.ContentType);
        writer.WriteString("content", message.Content.AsSpan());
        writer.WriteEndObject();
    }
}
