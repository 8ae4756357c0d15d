using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>A subscription of a customer, read from the context information that says so (RCC-50). Pure. What the context information is like else, its rules say: <see cref="ContextInformation"/>.</summary>
public sealed record Subscription
{
    /// <summary>Characters of a plan or reference.</summary>
    public const int MaxTextLength = 100;

    const string NameRule = "name is subscription:{service}, or subscription:{service}/{which} where a customer has several to one service.";

    static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    static readonly Dictionary<string, SubscriptionStatus> Words =
        Enum.GetValues<SubscriptionStatus>().ToDictionary(status => JsonSerializer.Serialize(status, ContractJson.Default.SubscriptionStatus).Trim('"'), StringComparer.Ordinal);

    public required string Service { get; init; }

    public required SubscriptionValue Value { get; init; }

    /// <summary>Null: at some time before.</summary>
    public DateTimeOffset? BeginsAt { get; init; }

    /// <summary>From then on it has ended; null: it goes on.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>What is wrong with a piece of context information to set; null when nothing is, or it is about no subscription.</summary>
    public static string? Refuse(SetContext command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return !IsName(command.Name) ? null
            : command.AgentId is not null ? $"{SubscriptionValue.Prefix}… is about customers."
            : command.Volatile ? $"{SubscriptionValue.Prefix}… is never volatile: customers are found by it, and that is durable. It may expire."
            : TryRead(command.Name, command.Value, out _, out var wrong) ? null : wrong;
    }

    /// <summary>As <see cref="Refuse(SetContext)"/>, of what a lookup has found.</summary>
    public static string? Refuse(FoundContext found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return !IsName(found.Name) || TryRead(found.Name, AttributeValue.Parse(found.Json), out _, out var wrong) ? null : wrong;
    }

    /// <summary>The subscriptions among pieces of context information, each with the piece.</summary>
    public static IEnumerable<(Subscription Subscription, ContextValue Of)> In(IEnumerable<ContextValue> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        foreach (var value in context)
        {
            if (IsName(value.Name) && TryRead(value.Name, value.Value, out var subscription, out _))
            {
                yield return (subscription, value);
            }
        }
    }

    /// <summary>How it stands at a time.</summary>
    public SubscriptionStatus StatusAt(DateTimeOffset at) =>
        Value.Status == SubscriptionStatus.Ended || EndsAt <= at ? SubscriptionStatus.Ended
        : BeginsAt > at ? SubscriptionStatus.Pending
        : Value.Status;

    /// <summary>Whether it is all that a filter names.</summary>
    public bool Fits(SubscriptionFilter filter, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return (filter.Service is null || string.Equals(filter.Service, Service, StringComparison.Ordinal))
            && (filter.Plan is null || string.Equals(filter.Plan, Value.Plan, StringComparison.Ordinal))
            && (filter.Status is null || filter.Status == StatusAt(at));
    }

    internal static bool IsName(string? name) => name?.StartsWith(SubscriptionValue.Prefix, StringComparison.Ordinal) == true;

    static bool TryRead(string name, JsonElement value, [NotNullWhen(true)] out Subscription? subscription, [NotNullWhen(false)] out string? wrong)
    {
        subscription = null;
        var parts = name[SubscriptionValue.Prefix.Length..].Split('/', 2);
        wrong = parts.Any(part => part.Length == 0) ? NameRule : value.ValueKind != JsonValueKind.Object ? "value is an object with a status." : null;
        if (wrong is not null)
        {
            return false;
        }

        try
        {
            var members = new Members(value);
            var (plan, reference, status) = (members.Text("plan"), members.Text("reference"), members.Status());
            var (since, begins) = members.Time("since", isEnd: false);
            var (until, ends) = members.Time("until", isEnd: true);
            wrong = members.Wrong ?? (ends < begins ? "value.until is before value.since." : null);
            subscription = wrong is null
                ? new() { Service = parts[0], Value = new() { Status = status, Plan = plan, Since = since, Until = until, Reference = reference }, BeginsAt = begins, EndsAt = ends }
                : null;
        }
        catch (InvalidOperationException)
        {
            wrong = "value has half of a surrogate pair.";
        }

        return subscription is not null;
    }

    /// <summary>The members of a value, and what is wrong with the first that is not as it should be.</summary>
    sealed class Members(JsonElement value)
    {
        public string? Wrong { get; private set; }

        /// <summary>Null when it is absent, or wrong.</summary>
        public string? Text(string member) => Find(member) is not { } found ? null
            : found.ValueKind == JsonValueKind.String && AttributeValue.IsPlain(found) && found.GetString() is { Length: >= 1 and <= MaxTextLength } text && text.AsSpan().Trim().Length == text.Length && !text.Any(char.IsControl) ? text
            : Refuse($"value.{member} is text of 1 … {MaxTextLength} characters, without control characters and without blanks at its ends.");

        public SubscriptionStatus Status()
        {
            if (Find("status") is { ValueKind: JsonValueKind.String } found && Words.TryGetValue(found.GetString()!, out var status))
            {
                return status;
            }

            Refuse($"value.status is one of {string.Join(", ", Words.Keys)}.");
            return default;
        }

        /// <summary>As it is written, and the instant it stands for.</summary>
        public (string? Text, DateTimeOffset? At) Time(string member, bool isEnd)
        {
            if (Find(member) is not { } found)
            {
                return default;
            }

            var text = found.ValueKind == JsonValueKind.String ? found.GetString() : null;
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                return (text, (isEnd, day == DateOnly.MaxValue) switch
                {
                    (true, true) => DateTimeOffset.MaxValue,
                    (true, false) => new(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero),
                    _ => new(day, TimeOnly.MinValue, TimeSpan.Zero),
                });
            }

            return DateTimeOffset.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? (text, at.ToUniversalTime())
                : (Refuse($"value.{member} is a full-date or date-time of RFC 3339."), null);
        }

        /// <summary>Null is as good as absent.</summary>
        JsonElement? Find(string member) => value.TryGetProperty(member, out var found) && found.ValueKind != JsonValueKind.Null ? found : null;

        string? Refuse(string wrong)
        {
            Wrong ??= wrong;
            return null;
        }
    }
}
