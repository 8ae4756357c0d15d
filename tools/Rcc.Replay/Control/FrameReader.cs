using System.Buffers.Binary;

namespace Rcc.Replay.Control;

/// <summary>
/// Takes the bytes of one connection as they come, in pieces of any size: the answer to the upgrade (RFC 9110), then frames of RFC 6455 §5.2, which a server does not mask. Hands on everything but the frames' headers.
/// </summary>
sealed class FrameReader(FrameReader.Sink sink)
{
    const int LengthBits = 0x7f;
    const int MaskBit = 0x80;
    const int TwoByteLength = 126;
    const int EightByteLength = 127;
    const int StatusLength = 12;

    readonly byte[] header = new byte[10];
    readonly byte[] ending = new byte[4];
    readonly byte[] status = new byte[StatusLength];
    int statusLength;
    int headerLength;
    bool isUpgraded;
    ulong left;

    public delegate void Sink(ReadOnlySpan<byte> payload);

    /// <exception cref="InvalidDataException">It is no frame of a server.</exception>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = !isUpgraded ? TakeAnswer(bytes) : left > 0 ? TakePayload(bytes) : TakeHeader(bytes);
    }

    /// <summary>The answer to the upgrade; behind one that refuses it come no frames.</summary>
    ReadOnlySpan<byte> TakeAnswer(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (statusLength < StatusLength)
                status[statusLength++] = bytes[i];
            ending.AsSpan(1).CopyTo(ending);
            ending[^1] = bytes[i];
            if (ending.AsSpan().SequenceEqual("\r\n\r\n"u8) && status.AsSpan().SequenceEqual("HTTP/1.1 101"u8))
            {
                isUpgraded = true;
                sink(bytes[..(i + 1)]);
                return bytes[(i + 1)..];
            }
        }
        sink(bytes);
        return [];
    }

    ReadOnlySpan<byte> TakePayload(ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(left, (ulong)bytes.Length);
        sink(bytes[..count]);
        left -= (ulong)count;
        return bytes[count..];
    }

    ReadOnlySpan<byte> TakeHeader(ReadOnlySpan<byte> bytes)
    {
        header[headerLength++] = bytes[0];
        if (headerLength >= 2)
        {
            if ((header[1] & MaskBit) != 0)
                throw new InvalidDataException("A server does not mask its frames.");
            var length = header[1] & LengthBits;
            var whole = length switch { TwoByteLength => 4, EightByteLength => 10, _ => 2 };
            if (headerLength == whole)
            {
                left = length switch
                {
                    TwoByteLength => BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)),
                    EightByteLength => BinaryPrimitives.ReadUInt64BigEndian(header.AsSpan(2)),
                    _ => (ulong)length,
                };
                headerLength = 0;
            }
        }
        return bytes[1..];
    }
}
