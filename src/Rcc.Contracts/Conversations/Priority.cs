using System.Text.Json.Serialization;

namespace Rcc.Contracts.Conversations;

/// <summary>How urgent a conversation is. Of what waits, the more urgent comes first; the numbers stand in the store.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Priority>))]
public enum Priority
{
    /// <summary>Nobody has said; comes after all others.</summary>
    [JsonStringEnumMemberName("none")] None = 0,

    /// <summary>Low.</summary>
    [JsonStringEnumMemberName("low")] Low,

    /// <summary>Medium.</summary>
    [JsonStringEnumMemberName("medium")] Medium,

    /// <summary>High.</summary>
    [JsonStringEnumMemberName("high")] High,

    /// <summary>Urgent.</summary>
    [JsonStringEnumMemberName("urgent")] Urgent,
}
