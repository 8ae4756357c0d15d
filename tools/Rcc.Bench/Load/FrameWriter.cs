using System.Buffers.Text;

namespace Rcc.Bench.Load;

/// <summary>Puts a frame together on the stack.</summary>
ref struct FrameWriter(Span<byte> buffer)
{
    readonly Span<byte> buffer = buffer;
    int length;

    public readonly ReadOnlySpan<byte> Written => buffer[..length];

    public void Add(ReadOnlySpan<byte> text)
    {
        text.CopyTo(buffer[length..]);
        length += text.Length;
    }

    public void Add(long number) => Advance(Utf8Formatter.TryFormat(number, buffer[length..], out var written), written);

    public void Add(Guid id) => Advance(Utf8Formatter.TryFormat(id, buffer[length..], out var written), written);

    void Advance(bool fits, int written)
    {
        if (!fits)
        {
            throw new InvalidOperationException("The frame is longer than its buffer.");
        }

        length += written;
    }
}
