using System.Buffers;
using System.Globalization;
using System.Text;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Sync;

/// <summary>Writes a <see cref="PushBatch"/> around items that are JSON already.</summary>
internal static class BatchWriter
{
    /// <summary>A page or a frame.</summary>
    public static void Write(
        ArrayBufferWriter<byte> buffer, string? from, string to, bool more, Resync? resync, IReadOnlyList<WireEntry> items, IReadOnlyCollection<EphemeralEvent> ephemeral, EphemeralTimes lasts)
    {
        buffer.Write("{"u8);
        if (from is not null)
        {
            buffer.Write("\"from\":\""u8);
            Encoding.ASCII.GetBytes(from, buffer);
            buffer.Write("\","u8);
        }

        buffer.Write("\"to\":\""u8);
        Encoding.ASCII.GetBytes(to, buffer);
        buffer.Write("\""u8);
        if (more)
        {
            buffer.Write(",\"more\":true"u8);
        }

        if (resync is not null)
        {
            buffer.Write(",\"resync\":"u8);
            buffer.Write(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(resync, ResyncJson.Default.Resync));
        }

        buffer.Write(",\"items\":["u8);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                buffer.Write(","u8);
            }

            buffer.Write(items[i].Json);
        }

        buffer.Write("]"u8);
        if (ephemeral.Count > 0)
        {
            buffer.Write(","u8);
            WriteEphemeral(buffer, ephemeral, lasts);
        }

        buffer.Write("}"u8);
    }

    /// <summary>Ephemeral facts alone: no token moves.</summary>
    public static void WriteEphemeralOnly(ArrayBufferWriter<byte> buffer, IReadOnlyCollection<EphemeralEvent> ephemeral, EphemeralTimes lasts)
    {
        buffer.Write("{\"items\":[],"u8);
        WriteEphemeral(buffer, ephemeral, lasts);
        buffer.Write("}"u8);
    }

    static void WriteEphemeral(ArrayBufferWriter<byte> buffer, IReadOnlyCollection<EphemeralEvent> ephemeral, EphemeralTimes lasts)
    {
        var facts = ephemeral.Select(fact => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"kind":"{{KindOf(fact)}}","conversationId":"{{fact.ConversationId}}","personId":"{{fact.PersonId}}","active":{{(fact.Active ? "true" : "false")}},"expiresInMs":{{(int)LastsOf(fact, lasts).TotalMilliseconds}}{{PlaceOf(fact)}}}"""));
        buffer.Write("\"ephemeral\":["u8);
        Encoding.UTF8.GetBytes(string.Join(',', facts), buffer);
        buffer.Write("]"u8);
    }

    static string KindOf(EphemeralEvent fact) => fact.Kind switch
    {
        EphemeralKind.Viewing => "viewing",
        EphemeralKind.Position => "position",
        _ => "typing",
    };

    static TimeSpan LastsOf(EphemeralEvent fact, EphemeralTimes lasts) => fact.Kind switch
    {
        EphemeralKind.Viewing => lasts.Viewing,
        EphemeralKind.Position => fact.Place?.Lasts ?? TimeSpan.Zero,
        _ => lasts.Typing,
    };

    static string PlaceOf(EphemeralEvent fact) => fact.Place is not { } place ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $",\"position\":{place.Position}{(place.EstimatedSeconds is { } seconds ? $",\"estimatedSeconds\":{seconds}" : "")}{(place.OpensAt is { } opens ? $",\"opensAt\":\"{opens.UtcDateTime:O}\"" : "")}");
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[System.Text.Json.Serialization.JsonSerializable(typeof(Resync))]
internal sealed partial class ResyncJson : System.Text.Json.Serialization.JsonSerializerContext;
