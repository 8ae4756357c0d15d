using System.Globalization;

namespace Rcc.Bench;

/// <summary>A list of sizes on the command line.</summary>
static class Sizes
{
    /// <summary>Reads <c>10,1000</c>.</summary>
    /// <exception cref="FormatException">A part is no number, or out of its limits; the message names it.</exception>
    public static IReadOnlyList<int> Parse(string text, int least, int most)
    {
        var sizes = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= least && size <= most
                ? size
                : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{part}' is no size; sizes go from {least} to {most}.")))
            .ToList();
        return sizes.Count > 0 ? sizes : throw new FormatException("The list of sizes is empty.");
    }
}
