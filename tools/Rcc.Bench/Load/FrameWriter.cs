using System.Buffers.Text;

namespace Rcc.Bench.Load;

/// <summary>Puts a frame together on the stack.</summary>
ref struct FrameWriter(Span<byte> buffer)
{
    readonly Span<byte> _buffer = buffer;
    int _length;

    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    public void Add(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer[_length..]);
        _length += text.Length;
    }

    public void Add(long number) => Advance(Utf8Formatter.TryFormat(number, _buffer[_length..], out var written), written);

    public void Add(Guid id) => Advance(Utf8Formatter.TryFormat(id, _buffer[_length..], out var written), written);

    void Advance(bool fits, int written)
    {
        if (!fits)
        {
            throw new InvalidOperationException("The frame is longer than its buffer.");
        }

        _length += written;
    }
}
