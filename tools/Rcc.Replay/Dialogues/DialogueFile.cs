using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Rcc.Replay.Dialogues;

/// <summary>Reads dialogues: one JSON object per line. A line that is not one is an error that names the line, so that nothing is left out silently.</summary>
static class DialogueFile
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = false };

    /// <exception cref="DialogueFileException">The file cannot be read, holds no dialogue, or a line is none.</exception>
    public static IReadOnlyList<Dialogue> Read(string path)
    {
        try
        {
            // Bytes that are no UTF-8 must not become replacement characters that were then found to have arrived well.
            using var file = new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            return Parse(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DialogueFileException($"{path} cannot be read: {e.Message}", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new DialogueFileException($"{path} is not UTF-8: {e.Message}", e);
        }
    }

    /// <summary>The demo's own dialogues.</summary>
    public static IReadOnlyList<Dialogue> ReadDemo()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("dialogues.json") ?? throw new InvalidOperationException("The program lacks dialogues.json.");
        var dialogues = JsonSerializer.Deserialize<List<Dialogue>>(file, Json) ?? [];
        return [.. dialogues.Select((dialogue, index) => Checked(dialogue, "dialogues.json", index + 1))];
    }

    internal static IReadOnlyList<Dialogue> Parse(TextReader lines, string name)
    {
        var dialogues = new List<Dialogue>();
        var number = 0;
        while (lines.ReadLine() is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
                dialogues.Add(Checked(ParseLine(line, name, number), name, number));
        }
        return dialogues.Count > 0 ? dialogues : throw new DialogueFileException($"{name} holds no dialogue.");
    }

    static Dialogue ParseLine(string line, string name, int number)
    {
        try
        {
            return JsonSerializer.Deserialize<Dialogue>(line, Json) ?? throw new DialogueFileException($"{name}, line {number}: null is no dialogue.");
        }
        catch (JsonException e)
        {
            throw new DialogueFileException($"{name}, line {number}, byte {e.BytePositionInLine}: no dialogue: {e.Message}", e);
        }
    }

    static Dialogue Checked(Dialogue dialogue, string name, int number)
    {
        // The serializer leaves absent members null, whatever the type says.
        if (string.IsNullOrEmpty(dialogue.Id))
            throw Wrong("the member \"id\" is missing or empty");
        if (dialogue.Turns is not { Count: > 0 })
            throw Wrong("the member \"turns\" is missing or empty");
        for (var i = 0; i < dialogue.Turns.Count; i++)
        {
            var turn = dialogue.Turns[i];
            if (turn?.From is not (Turn.Customer or Turn.Agent))
                throw Wrong($"turn {i + 1}: \"from\" is neither \"{Turn.Customer}\" nor \"{Turn.Agent}\"");
            if (string.IsNullOrEmpty(turn.Text))
                throw Wrong($"turn {i + 1}: \"text\" is missing or empty");
        }
        return dialogue with { Line = number };

        DialogueFileException Wrong(string what) => new($"{name}, line {number}: {what}.");
    }
}

/// <summary>The input is not what it should be; the message says where.</summary>
sealed class DialogueFileException : Exception
{
    public DialogueFileException()
    {
    }

    public DialogueFileException(string message)
        : base(message)
    {
    }

    public DialogueFileException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
