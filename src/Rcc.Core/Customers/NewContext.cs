using Rcc.Contracts.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>A piece of context information to set.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.NewContext")]
public sealed record NewContext
{
    [Id(0)] public required string Name { get; init; }

    /// <summary>The value as JSON text.</summary>
    [Id(1)] public required string Json { get; init; }

    [Id(2)] public required ContextSource Source { get; init; }

    /// <summary>Not durable (RCC-42); it expires after <see cref="CustomerOptions.VolatileLifetime"/> when <see cref="Lifetime"/> is absent.</summary>
    [Id(3)] public bool IsVolatile { get; init; }

    /// <summary>How long it lasts; absent: until it is cleared.</summary>
    [Id(4)] public TimeSpan? Lifetime { get; init; }

    /// <summary>The conversation it is inferred from: it ends with that one.</summary>
    [Id(5)] public Guid? ConversationId { get; init; }

    internal ContextEntry ToEntry(Guid setBy, DateTimeOffset at, CustomerOptions options) => new()
    {
        Name = Name,
        Json = Json,
        Source = Source,
        SetBy = setBy,
        SetAt = at,
        ExpiresAt = at + (Lifetime ?? (IsVolatile ? options.VolatileLifetime : null)),
        ConversationId = ConversationId,
    };
}

/// <summary>How much context information a principal may have.</summary>
internal static class ContextInformationLimits
{
    /// <summary>What is over its limit; null when nothing is.</summary>
    public static Answer? Refuse(IReadOnlyCollection<ContextEntry> entries, CustomerOptions options)
    {
        if (entries.Count > options.MaxContextValues)
        {
            return Answer.Refused(ErrorCode.TooLarge, $"There would be {entries.Count} values of context information; MaxContextValues is {options.MaxContextValues}.");
        }

        var bytes = ContextInformation.Size(entries);
        return bytes > options.MaxContextBytes ? Answer.Refused(ErrorCode.TooLarge, $"Context information would take {bytes} bytes; MaxContextBytes is {options.MaxContextBytes}.") : null;
    }
}
