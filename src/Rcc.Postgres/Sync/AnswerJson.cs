using System.Text.Json.Serialization;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Sync;

/// <summary>How an answer is kept. Its time is a column.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(Answer))]
sealed partial class AnswerJson : JsonSerializerContext;
