using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcc.Bench.Measuring;

/// <summary>What a run found. Members are camelCase; what was not measured is null.</summary>
/// <param name="Figures">The command's own record.</param>
/// <param name="Failures">What went wrong; empty in a good run, else the exit code is 1.</param>
sealed record Report(Surroundings Surroundings, object Figures, IReadOnlyList<string> Failures)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>One object: surroundings, figures and failures side by side.</summary>
    public string ToJson()
    {
        var report = JsonSerializer.SerializeToNode(Surroundings, Json)!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(Figures, Json)!.AsObject())
        {
            report.Add(name, value?.DeepClone());
        }

        report.Add("failures", JsonSerializer.SerializeToNode(Failures, Json));
        return report.ToJsonString(Json);
    }
}
