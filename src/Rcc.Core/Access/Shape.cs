using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rcc.Contracts;

namespace Rcc.Core.Access;

/// <summary>The rules of form: null when a value has it, else what is wrong, naming the member, the rule and its value.</summary>
internal static class Shape
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>An attribute is looked for with its value.</summary>
    public static Outcome? Tags(Customers.TagFilter filter) => filter.AttributeKey is null == filter.AttributeValue is null ? null : Malformed("attribute_key and attribute_value belong together.");

    /// <summary>The members have names that begin with <paramref name="prefix"/>.</summary>
    public static Outcome? Subscription(Customers.SubscriptionFilter filter, string prefix = "subscription_") =>
        OptionalName(filter.Service, $"{prefix}service", Customers.ContextInformation.MaxNameLength)
        ?? OptionalName(filter.Plan, $"{prefix}plan", Customers.Subscription.MaxTextLength)
        ?? (filter.Status is { } status ? Defined(status, $"{prefix}status") : null);

    /// <summary>Text without surrounding blanks, control characters or half characters.</summary>
    public static Outcome? Name(string? value, string member, int maxLength)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return Malformed($"{member} is empty.");
        }

        if (value.Length > maxLength)
        {
            return TooLarge($"{member} has {value.Length} characters; the limit is {maxLength}.");
        }

        return value.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || Rune.IsControl(rune)) || char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1])
            ? Malformed($"{member} has control characters, half characters, or blanks at its ends.")
            : null;
    }

    public static Outcome? OptionalName(string? value, string member, int maxLength) => value is null ? null : Name(value, member, maxLength);

    /// <summary>An address as far as its form shows: something, an at sign, a host.</summary>
    public static Outcome? Email(string? value, string member, int maxLength)
    {
        if (Name(value, member, maxLength) is { } refusal)
        {
            return refusal;
        }

        var at = value!.LastIndexOf('@');
        var host = value.AsSpan(at + 1);
        return at is < 1 or > 64 || value.Any(character => char.IsWhiteSpace(character) || character is '<' or '>' or '"' or ',' or ';') || value.IndexOf('@', StringComparison.Ordinal) != at
            || host.IsEmpty || host[0] is '.' or '-' || host[^1] is '.' or '-' || host.Contains("..", StringComparison.Ordinal)
            ? Malformed($"{member} is no e-mail address.")
            : null;
    }

    /// <summary>The account's name at sign-in.</summary>
    public static Outcome? Slug(string? value, string member)
    {
        const int maxLength = 40;
        return value is { Length: >= 1 and <= maxLength } && value[0] != '-' && value[^1] != '-' && value.All(character => character is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')
            ? null
            : Malformed($"{member} has 1 … {maxLength} of a–z, 0–9 and -, with no - at its ends.");
    }

    /// <summary>An id made by a device: random enough not to meet another's.</summary>
    public static Outcome? NewId(Guid value, string member) =>
        value is { Version: 4 or 7, Variant: >= 8 and <= 11 } ? null : Malformed($"{member} must be a UUID of version 7 or 4 (RFC 9562).");

    public static Outcome? Id(Guid value, string member) => value == Guid.Empty ? Malformed($"{member} is missing.") : null;

    /// <summary>Encodes text; what is no Unicode text has no encoding.</summary>
    public static Outcome? Utf8(string? value, string member, string limit, int maxBytes, bool mayBeEmpty, out byte[] bytes)
    {
        bytes = [];
        if (value is null || (value.Length == 0 && !mayBeEmpty))
        {
            return Malformed($"{member} is empty.");
        }

        // A UTF-16 unit takes one byte at least: what is far too long is not even counted.
        if (value.Length > maxBytes)
        {
            return TooLarge($"{member} has more than {maxBytes} bytes; {limit} is {maxBytes}.");
        }

        try
        {
            bytes = Strict.GetBytes(value);
        }
        catch (EncoderFallbackException failure)
        {
            return Malformed($"{member} has half a surrogate pair at {failure.Index.ToString(CultureInfo.InvariantCulture)}: it is no Unicode text.");
        }

        return bytes.Length > maxBytes ? TooLarge($"{member} has {bytes.Length} bytes; {limit} is {maxBytes}.") : null;
    }

    public static Outcome? Defined<T>(T value, string member)
        where T : struct, Enum => Enum.IsDefined(value) ? null : Malformed($"{member} has an unknown value.");

    public static Outcome? Within(int value, string member, int min, int max) => value >= min && value <= max ? null : Malformed($"{member} must be {min} … {max}.");

    /// <summary>A list that is not longer than the limit of this name.</summary>
    public static Outcome? Counted(int count, string member, string limit, int max) => count <= max ? null : TooLarge($"{member} has {count} entries; {limit} is {max}.");

    /// <summary>A list in which nothing stands twice.</summary>
    public static Outcome? Once<T>(IReadOnlyCollection<T> entries, string member, IEqualityComparer<T>? comparer = null) =>
        entries.Distinct(comparer).Count() == entries.Count ? null : Malformed($"{member} names one twice.");

    /// <summary>What is wrong with the first entry that has not the form.</summary>
    public static Outcome? Each<T>(IEnumerable<T> entries, Func<T, Outcome?> check) => entries.Select(check).FirstOrDefault(wrong => wrong is not null);

    public static Outcome? Limit(int? value, int max) => value switch
    {
        null => null,
        < 1 => Malformed($"limit must be 1 … {max}."),
        _ => value <= max ? null : Outcome.Refused(ErrorCode.TooLarge, $"limit must be 1 … {max}."),
    };

    public static Outcome? CredentialHash(ImmutableArray<byte> hash) =>
        !hash.IsDefault && hash.Length == SHA256.HashSizeInBytes ? null : Malformed("The credential's hash must be a SHA-256.");

    public static Outcome? PasswordHash(string? hash) => hash is { Length: >= 1 and <= 1_000 } ? null : Malformed("The password's hash is missing or too long.");

    /// <summary>Origins (RFC 6454) as a browser sends them: scheme, host, port where it is not the scheme's own.</summary>
    public static Outcome? Origins(ImmutableArray<string> origins, string member, int max)
    {
        if (origins.IsDefault)
        {
            return Malformed($"{member} is missing.");
        }

        if (Counted(origins.Length, member, nameof(AccessOptions.MaxAllowedOrigins), max) is { } tooMany)
        {
            return tooMany;
        }

        var wrong = origins.FirstOrDefault(origin =>
            origin is not { Length: <= 255 }
            || !Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https")
            || !string.Equals(uri.GetLeftPart(UriPartial.Authority), origin, StringComparison.Ordinal));
        return wrong is null ? null : Malformed($"{member}: each is an origin such as https://www.example.com, in lower case, without a path.");
    }

    public static Outcome Malformed(string detail) => Outcome.Refused(ErrorCode.Malformed, detail);

    public static Outcome TooLarge(string detail) => Outcome.Refused(ErrorCode.TooLarge, detail);
}
