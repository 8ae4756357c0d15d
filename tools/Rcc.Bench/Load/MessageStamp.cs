using System.Buffers.Binary;

namespace Rcc.Bench.Load;

/// <summary>A message id (UUID version 7) that carries which phase and which message it is, so that a push is recognised without a table.</summary>
static class MessageStamp
{
    const int IndexBits = 28;

    /// <summary>Messages a phase can have.</summary>
    public const int MaxMessages = 1 << IndexBits;

    /// <summary>Highest phase number.</summary>
    public const int MaxPhase = (1 << 30) - 1;

    public static Guid Write(int phase, int index)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 16) | 0x7000);

        // Version 7 leaves 62 bits after the variant: phase (30) and index (28), and 4 that stay zero.
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], (1UL << 63) | ((ulong)phase << 32) | (uint)index);
        return new Guid(bytes, bigEndian: true);
    }

    public static (int Phase, int Index) Read(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        return ((int)((low >> 32) & MaxPhase), (int)(low & uint.MaxValue));
    }
}
