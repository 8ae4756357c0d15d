using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Rcc.Client.Sync;

/// <summary>
/// A record of a journal file: a marker, the length of what follows, the beginning of its SHA-256, and it. A crash can cut only the last one, because each is on the disk before the next is begun; so
/// what cannot be read and is followed by anything is damage.
/// </summary>
static class JournalFrame
{
    public const int HeaderBytes = 16;
    const int ChecksumBytes = 8;
    const uint Marker = 0x1e63_6352;

    public static void Write(Stream output, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Marker);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], content.Length);
        Checksum(content, header[8..]);
        output.Write(header);
        output.Write(content);
    }

    /// <summary>The frame that begins here; false when there is no whole and sound one.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> from, out ReadOnlyMemory<byte> content)
    {
        content = default;
        var header = from.Span;
        if (header.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(header) != Marker)
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (length < 0 || length > from.Length - HeaderBytes)
            return false;
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        Checksum(from.Span.Slice(HeaderBytes, length), checksum);
        if (!checksum.SequenceEqual(header.Slice(8, ChecksumBytes)))
            return false;
        content = from.Slice(HeaderBytes, length);
        return true;
    }

    /// <summary>Whether this, the rest of a file in which no frame can be read, is what a crash leaves of the last frame: cut short, or its header or content not on the disk yet.</summary>
    public static bool IsTornTail(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < HeaderBytes || !rest[..HeaderBytes].ContainsAnyExcept((byte)0))
            return true;
        return BinaryPrimitives.ReadUInt32LittleEndian(rest) == Marker && BinaryPrimitives.ReadInt32LittleEndian(rest[4..]) >= rest.Length - HeaderBytes;
    }

    /// <summary>The next sound frame at or after the beginning.</summary>
    public static bool TryFind(ReadOnlyMemory<byte> from, out int at, out ReadOnlyMemory<byte> content)
    {
        Span<byte> marker = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(marker, Marker);
        at = 0;
        while (from.Span[at..].IndexOf(marker) is >= 0 and var next)
        {
            at += next;
            if (TryRead(from[at..], out content))
                return true;
            at++;
        }
        content = default;
        return false;
    }

    static void Checksum(ReadOnlySpan<byte> content, Span<byte> into)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        hash[..ChecksumBytes].CopyTo(into);
    }
}
