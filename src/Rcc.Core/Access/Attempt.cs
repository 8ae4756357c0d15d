namespace Rcc.Core.Access;

/// <summary>How a repeated command is known from its first attempt (INV-8).</summary>
public readonly record struct Attempt
{
    Attempt(string? idempotencyKey, bool isNumbered)
    {
        IdempotencyKey = idempotencyKey;
        IsNumbered = isNumbered;
    }

    /// <summary>By the command's own running number: what devices do.</summary>
    public static Attempt Numbered { get; } = new(null, isNumbered: true);

    /// <summary>Not at all: each attempt is carried out.</summary>
    public static Attempt Unkeyed { get; }

    /// <summary>By the <c>Idempotency-Key</c> of a request, 1 … 255 visible ASCII characters; absent: <see cref="Unkeyed"/>. The command's number is not looked at.</summary>
    public static Attempt Keyed(string? idempotencyKey) => idempotencyKey is null ? Unkeyed : new(idempotencyKey, isNumbered: false);

    /// <summary>The key; null for the other two.</summary>
    public string? IdempotencyKey { get; }

    /// <summary>The command's number counts.</summary>
    public bool IsNumbered { get; }
}
