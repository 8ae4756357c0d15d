using System.Reflection;
using System.Text.Json;

namespace Rcc.Server.Demo;

/// <summary>A dialogue to play. Its file is written for the demo and has the form that other tools read, too.</summary>
internal sealed record Dialogue(string Id, string Lang, string Customer, string Agent, IReadOnlyList<Turn> Turns)
{
    const string Resource = "dialogues.json";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    public static IReadOnlyList<Dialogue> ReadAll()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The program lacks {Resource}.");
        return JsonSerializer.Deserialize<List<Dialogue>>(file, Json) ?? [];
    }
}

/// <summary>What one side says.</summary>
/// <param name="From"><c>customer</c> or <c>agent</c>.</param>
/// <param name="Text">The text.</param>
internal sealed record Turn(string From, string Text)
{
    public bool IsCustomers => string.Equals(From, "customer", StringComparison.Ordinal);
}
