using System.CommandLine;
using System.Globalization;

namespace Rcc.Bench;

/// <summary>Options that are checked before anything starts, with an error that names the option, its value and its limits.</summary>
static class Choice
{
    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<int> Of(string name, string description, int preset, int least, int most)
    {
        var option = new Option<int>(name) { Description = string.Create(CultureInfo.InvariantCulture, $"{description} ({least} … {most})."), DefaultValueFactory = _ => preset };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it goes from {least} to {most}."));
            }
        });
        return option;
    }

    /// <summary>A text that <paramref name="read"/> understands, or says by a <see cref="FormatException"/> why not.</summary>
    public static Option<string> Of<T>(string name, string description, string preset, Func<string, T> read)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => preset };
        option.Validators.Add(result =>
        {
            try
            {
                read(result.GetValueOrDefault<string>() ?? "");
            }
            catch (FormatException e)
            {
                result.AddError($"{name}: {e.Message}");
            }
        });
        return option;
    }
}
