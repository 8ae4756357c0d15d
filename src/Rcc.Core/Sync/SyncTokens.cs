using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Rcc.Core.Sync;

/// <summary>
/// Seals a device's position into a token and opens it again: AES-256-GCM, bound to tenant, person and device as associated data, so that a token of anybody else is
/// indistinguishable from garbage (INV-24), and nobody can see how busy a tenant is.
/// </summary>
/// <remarks>Layout of the plain text: version (1), epoch (8), filter (4), modseq (8), and while a snapshot is under way kind (2), id (16), sub (16).</remarks>
public sealed class SyncTokens(ReadOnlyMemory<byte> key, Epoch epoch) : IDisposable
{
    const byte Version = 1;
    const int ShortLength = 21;
    const int LongLength = ShortLength + 34;
    const int NonceLength = 12;
    const int TagLength = 16;

    readonly ThreadLocal<Sealer> sealers = new(() => new Sealer(key.Span), trackAllValues: true);
    bool disposed;

    /// <summary>Longer texts are no tokens.</summary>
    public const int MaxLength = (NonceLength + LongLength + TagLength + 2) / 3 * 4;

    public string Seal(Caller caller, DevicePosition position, uint filter)
    {
        Span<byte> plain = stackalloc byte[LongLength];
        plain[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(plain[1..], epoch.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(plain[9..], filter);
        BinaryPrimitives.WriteInt64LittleEndian(plain[13..], position.ModSeq);
        var length = ShortLength;
        if (position.Snapshot is { } last)
        {
            BinaryPrimitives.WriteInt16LittleEndian(plain[ShortLength..], (short)last.Kind);
            last.Id.TryWriteBytes(plain[(ShortLength + 2)..]);
            last.Sub.TryWriteBytes(plain[(ShortLength + 18)..]);
            length = LongLength;
        }

        Span<byte> box = stackalloc byte[NonceLength + LongLength + TagLength];
        box = box[..(NonceLength + length + TagLength)];
        Span<byte> bound = stackalloc byte[48];
        Bind(caller, bound);
        var sealer = sealers.Value!;
        sealer.NextNonce(box[..NonceLength]);
        sealer.Cipher.Encrypt(box[..NonceLength], plain[..length], box.Slice(NonceLength, length), box[(NonceLength + length)..], bound);
        return Base64Url.EncodeToString(box);
    }

    /// <summary>Opens a token of this caller; null when it is not one.</summary>
    public OpenedToken? Open(Caller caller, string token)
    {
        Span<byte> box = stackalloc byte[NonceLength + LongLength + TagLength];
        if (token.Length > MaxLength || Base64Url.DecodeFromChars(token, box, out _, out var written) != OperationStatus.Done)
        {
            return null;
        }

        // White space, padding and unused bits are not told apart by the decoder, but devices compare tokens as text.
        Span<char> text = stackalloc char[MaxLength];
        if (!token.AsSpan().SequenceEqual(text[..Base64Url.EncodeToChars(box[..written], text)]))
        {
            return null;
        }

        var length = written - NonceLength - TagLength;
        if (length is not (ShortLength or LongLength))
        {
            return null;
        }

        Span<byte> plain = stackalloc byte[LongLength];
        plain = plain[..length];
        Span<byte> bound = stackalloc byte[48];
        Bind(caller, bound);
        try
        {
            sealers.Value!.Cipher.Decrypt(box[..NonceLength], box.Slice(NonceLength, length), box.Slice(NonceLength + length, TagLength), plain, bound);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        if (plain[0] != Version)
        {
            return null;
        }

        ItemKey? snapshot = length == LongLength
            ? new ItemKey(
                (ItemKind)BinaryPrimitives.ReadInt16LittleEndian(plain[ShortLength..]), new Guid(plain.Slice(ShortLength + 2, 16)), new Guid(plain.Slice(ShortLength + 18, 16)))
            : null;
        return new OpenedToken(
            BinaryPrimitives.ReadUInt64LittleEndian(plain[1..]) == epoch.Value,
            BinaryPrimitives.ReadUInt32LittleEndian(plain[9..]),
            new DevicePosition(BinaryPrimitives.ReadInt64LittleEndian(plain[13..]), snapshot));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, true))
        {
            return;
        }

        foreach (var sealer in sealers.Values)
        {
            sealer.Dispose();
        }

        sealers.Dispose();
    }

    static void Bind(Caller caller, Span<byte> bound)
    {
        caller.Tenant.Value.TryWriteBytes(bound);
        caller.PersonId.TryWriteBytes(bound[16..]);
        caller.DeviceId.TryWriteBytes(bound[32..]);
    }

    /// <summary>A cipher is not safe to share between threads. Nonces are a random prefix and a counter, so that none repeats.</summary>
    sealed class Sealer(ReadOnlySpan<byte> key) : IDisposable
    {
        ulong prefix = RandomPrefix();
        uint count;

        public AesGcm Cipher { get; } = new(key, TagLength);

        public void NextNonce(Span<byte> nonce)
        {
            if (++count == 0)
            {
                prefix = RandomPrefix();
            }

            BinaryPrimitives.WriteUInt64LittleEndian(nonce, prefix);
            BinaryPrimitives.WriteUInt32LittleEndian(nonce[8..], count);
        }

        public void Dispose() => Cipher.Dispose();

        static ulong RandomPrefix()
        {
            Span<byte> random = stackalloc byte[8];
            RandomNumberGenerator.Fill(random);
            return BinaryPrimitives.ReadUInt64LittleEndian(random);
        }
    }
}

/// <summary>What a token of this caller says.</summary>
/// <param name="IsOfThisEpoch">False: the store was restored or rebuilt since.</param>
/// <param name="Filter">Hash of the filter it was made for.</param>
/// <param name="Position">Where the device was.</param>
public readonly record struct OpenedToken(bool IsOfThisEpoch, uint Filter, DevicePosition Position);
