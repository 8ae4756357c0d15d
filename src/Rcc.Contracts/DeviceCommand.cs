namespace Rcc.Contracts;

/// <summary>
/// What every durable command of a device carries. The pair (device, <see cref="Number"/>) identifies it for ever: a retry with the same
/// number gets the first answer, the same number with another body is refused with <see cref="ErrorCode.NumberReused"/>.
/// </summary>
/// <remarks>
/// A client takes <c>max(last + 1, unix milliseconds × 1024)</c>, so that numbers rise, stay below 2^53 (exact in JavaScript),
/// and are not used again when the client has lost its memory.
/// </remarks>
public abstract record DeviceCommand
{
    /// <summary>The device's running number: 1 … 2^53 − 1, rising.</summary>
    public required long Number { get; init; }
}
