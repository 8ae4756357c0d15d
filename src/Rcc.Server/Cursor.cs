using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Rcc.Contracts;
using Rcc.Core.Access;

namespace Rcc.Server;

/// <summary>Cursors of lists. Opaque to clients, so that what a list is ordered by can change.</summary>
internal static class Cursor
{
    const int MaxLength = 64;

    public static Outcome Refusal { get; } = Outcome.Refused(ErrorCode.Malformed, "The parameter cursor is not one that this list gave.");

    public static string Of(Guid id) => Write(id.ToString("N"));

    public static string Of(long number) => Write(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads the cursor of a list ordered by id.</summary>
    public static bool TryRead(string? cursor, int? limit, out PageOf page)
    {
        page = new(null, limit);
        if (cursor is null) return true;
        if (!Guid.TryParseExact(Read(cursor), "N", out var id)) return false;
        page = new(id, limit);
        return true;
    }

    /// <summary>Reads the cursor of a list ordered by a number.</summary>
    public static bool TryRead(string? cursor, out long? number)
    {
        number = null;
        if (cursor is null) return true;
        if (!long.TryParse(Read(cursor), NumberStyles.None, CultureInfo.InvariantCulture, out var read)) return false;
        number = read;
        return true;
    }

    static string Write(string position) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(position));

    static string? Read(string cursor) =>
        cursor.Length <= MaxLength && Base64Url.IsValid(cursor) ? Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)) : null;
}

/// <summary>The parameters every list takes.</summary>
/// <param name="Cursor">Where the page begins: <c>next_cursor</c> of the page before.</param>
/// <param name="Limit">How many; the default is 25.</param>
internal readonly record struct PageParameters(
    [property: Microsoft.AspNetCore.Mvc.FromQuery(Name = "cursor")] string? Cursor,
    [property: Microsoft.AspNetCore.Mvc.FromQuery(Name = "limit")] int? Limit);
