using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Rcc.Core.Customers;

/// <summary>The words of a name, which it is found by: what is between anything that is neither letter, digit nor mark, in lower case. A script without blanks has one word for a whole name.</summary>
public static class NameWords
{
    public static ImmutableArray<string> Of(string? name)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        var word = new StringBuilder();
        foreach (var rune in (name ?? "").EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            }
            else
            {
                End();
            }
        }

        End();
        return [.. words.Distinct(StringComparer.Ordinal)];

        void End()
        {
            if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
    }
}
