namespace Rcc.Bench.Measuring;

/// <summary>What a report says of where and how it was measured.</summary>
/// <param name="Command">The command's name.</param>
/// <param name="Settings">The command's own options as they were in force.</param>
sealed record Surroundings(
    string Command, DateTimeOffset At, Machine Machine, Versions Versions, IReadOnlyDictionary<string, string> Settings, IReadOnlyDictionary<string, string> PostgreSqlSettings);
