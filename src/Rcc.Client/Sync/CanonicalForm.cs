using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rcc.Contracts.Conversations;

namespace Rcc.Client.Sync;

/// <summary>
/// One text for one state, the same in every client: a line per item and message, sorted by their UTF-8 bytes. Members are sorted by UTF-16 code units; strings and numbers are
/// written as ECMAScript's <c>JSON.stringify</c> writes them, because that is what a browser has.
/// </summary>
static class CanonicalForm
{
    public static string Hash(Replica replica)
    {
        var lines = new List<byte[]>();
        var text = new StringBuilder();
        foreach (var item in replica.Items)
        {
            text.Clear().Append(CultureInfo.InvariantCulture, $"item\t{item.Key.Kind}\t{item.Key.Id}\t{item.Revision}\t");
            Write(text, item.State);
            lines.Add(Encoding.UTF8.GetBytes(text.ToString()));
        }
        foreach (var (lane, window) in replica.Lanes)
        {
            foreach (var message in window.Held)
                lines.Add(Encoding.UTF8.GetBytes(Line(lane, message)));
        }
        lines.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < lines.Count; i++)
        {
            if (i > 0)
                hash.AppendData("\n"u8);
            hash.AppendData(lines[i]);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static string Line(LaneId lane, MessageItem message) => string.Create(
        CultureInfo.InvariantCulture,
        $"message\t{lane.ConversationId:D}\t{lane.LaneName}\t{message.Seq}\t{message.MessageId:D}\t{message.PersonId:D}\t{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Content)))}");

    internal static void Write(StringBuilder text, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(text, element);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                var first = true;
                foreach (var value in element.EnumerateArray())
                {
                    if (!first)
                        text.Append(',');
                    first = false;
                    Write(text, value);
                }
                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(text, Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element)[1..^1])));
                break;
            case JsonValueKind.Number:
                WriteNumber(text, double.Parse(element.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture));
                break;
            case JsonValueKind.True:
                text.Append("true");
                break;
            case JsonValueKind.False:
                text.Append("false");
                break;
            default:
                text.Append("null");
                break;
        }
    }

    static void WriteObject(StringBuilder text, JsonElement element)
    {
        var members = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
            members[Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member)))] = member.Value;
        text.Append('{');
        var first = true;
        foreach (var (name, value) in members)
        {
            if (!first)
                text.Append(',');
            first = false;
            WriteString(text, name);
            text.Append(':');
            Write(text, value);
        }
        text.Append('}');
    }

    static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case var _ when i + 1 < value.Length && char.IsSurrogatePair(c, value[i + 1]):
                    text.Append(c).Append(value[++i]);
                    break;
                case < ' ':
                case >= '\ud800' and <= '\udfff':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }
        text.Append('"');
    }

    /// <summary>The text of a JSON string. JsonElement.GetString throws on lone surrogates, which a browser keeps.</summary>
    static string Unescape(string raw)
    {
        if (!raw.Contains('\\', StringComparison.Ordinal))
            return raw;
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }
            i++;
            if (raw[i] == 'u')
            {
                text.Append((char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
                continue;
            }
            text.Append(raw[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
        }
        return text.ToString();
    }

    /// <summary>ECMA-262 §6.1.6.1.20, Number::toString, from the shortest digits that read back to the same number.</summary>
    static void WriteNumber(StringBuilder text, double value)
    {
        if (value == 0)
        {
            text.Append('0');
            return;
        }
        if (double.IsInfinity(value))
        {
            text.Append("null");
            return;
        }
        if (value < 0)
            text.Append('-');

        var (mantissa, point) = ShortestDigits(Math.Abs(value));
        if (mantissa.Length <= point && point <= 21)
            text.Append(mantissa).Append('0', point - mantissa.Length);
        else if (point is > 0 and <= 21)
            text.Append(mantissa, 0, point).Append('.').Append(mantissa, point, mantissa.Length - point);
        else if (point is > -6 and <= 0)
            text.Append("0.").Append('0', -point).Append(mantissa);
        else
            WriteExponential(text, mantissa, point - 1);
    }

    /// <summary>The digits d of 0.d × 10^point.</summary>
    static (string Digits, int Point) ShortestDigits(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var plain = e < 0 ? text : text[..e];
        var dot = plain.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? plain.Length : dot;
        var digits = plain.Replace(".", "", StringComparison.Ordinal);
        var significant = digits.TrimStart('0');
        return (significant.TrimEnd('0'), whole + exponent - (digits.Length - significant.Length));
    }

    static void WriteExponential(StringBuilder text, string digits, int exponent)
    {
        text.Append(digits[0]);
        if (digits.Length > 1)
            text.Append('.').Append(digits, 1, digits.Length - 1);
        text.Append(CultureInfo.InvariantCulture, $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent)}");
    }
}
