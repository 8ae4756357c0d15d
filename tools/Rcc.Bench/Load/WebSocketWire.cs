using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rcc.Bench.Load;

/// <summary>
/// The client's side of one WebSocket (RFC 6455), as little as a load generator needs: text out, and what comes in as one stream of bytes, which SignalR cuts by its
/// own separator.
/// </summary>
sealed class WebSocketWire : IDisposable
{
    const int MaxHeaderBytes = 14;

    readonly Lock _sending = new();
    readonly Socket _socket;
    readonly byte[] _raw = new byte[16 * 1024];
    byte[] _text = new byte[4 * 1024];
    byte[] _out = new byte[1024];
    int _rawStart;
    int _rawEnd;
    int _textStart;
    int _textEnd;
    long _payloadLeft;
    bool _control;

    WebSocketWire(Socket socket) => _socket = socket;

    /// <summary>Bytes received, headers of frames included.</summary>
    public long BytesReceived { get; private set; }

    public static async Task<WebSocketWire> ConnectAsync(int port, string path, string? credential, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            var authorization = credential is null ? "" : $"Authorization: Bearer {credential}\r\n";
            await socket.SendAsync(
                Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{authorization}\r\n")),
                SocketFlags.None,
                cancellationToken);
            var wire = new WebSocketWire(socket);
            await wire.ReadUpgradeAsync(cancellationToken);
            return wire;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends one text message. The masking key is zero, which RFC 6455 §5.3 allows and this machine's loopback needs not.</summary>
    public void Send(ReadOnlySpan<byte> payload) => SendFrame(0x81, payload);

    /// <summary>Reads more; false when the server has closed.</summary>
    public async ValueTask<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_rawStart == _rawEnd)
        {
            _rawStart = _rawEnd = 0;
        }
        else if (_rawEnd == _raw.Length)
        {
            _raw.AsSpan(_rawStart, _rawEnd - _rawStart).CopyTo(_raw);
            _rawEnd -= _rawStart;
            _rawStart = 0;
        }

        var read = await _socket.ReceiveAsync(_raw.AsMemory(_rawEnd), SocketFlags.None, cancellationToken);
        _rawEnd += read;
        BytesReceived += read;
        return read > 0 && Unframe();
    }

    /// <summary>The next whole record (SignalR ends each with byte 0x1E), without its separator. Valid until the next receive.</summary>
    public bool TryReadRecord(out ReadOnlySpan<byte> record)
    {
        var unread = _text.AsSpan(_textStart, _textEnd - _textStart);
        var end = unread.IndexOf((byte)0x1E);
        if (end < 0)
        {
            record = default;
            return false;
        }

        record = unread[..end];
        _textStart += end + 1;
        return true;
    }

    public void Dispose() => _socket.Dispose();

    async Task ReadUpgradeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var head = _raw.AsSpan(0, _rawEnd);
            var end = head.IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                if (!head.StartsWith("HTTP/1.1 101"u8))
                {
                    throw new IOException($"The hub did not open a WebSocket: {Encoding.ASCII.GetString(head[..head.IndexOf("\r\n"u8)])}");
                }

                _rawStart = end + 4;
                return;
            }

            var read = await _socket.ReceiveAsync(_raw.AsMemory(_rawEnd), SocketFlags.None, cancellationToken);
            _rawEnd += read > 0 ? read : throw new IOException("The server closed the connection before it opened a WebSocket.");
        }
    }

    /// <summary>Moves what has arrived of frames into the text; false when the server sent a close frame.</summary>
    bool Unframe()
    {
        if (_textStart > 0)
        {
            _text.AsSpan(_textStart, _textEnd - _textStart).CopyTo(_text);
            _textEnd -= _textStart;
            _textStart = 0;
        }

        while (_rawStart < _rawEnd)
        {
            if (_payloadLeft == 0 && !TryReadHeader(out var closed))
            {
                return !closed;
            }

            var part = (int)Math.Min(_payloadLeft, _rawEnd - _rawStart);
            if (!_control)
            {
                if (_textEnd + part > _text.Length)
                {
                    Array.Resize(ref _text, Math.Max(_text.Length * 2, _textEnd + part));
                }

                _raw.AsSpan(_rawStart, part).CopyTo(_text.AsSpan(_textEnd));
                _textEnd += part;
            }

            _rawStart += part;
            _payloadLeft -= part;
        }

        return true;
    }

    bool TryReadHeader(out bool closed)
    {
        closed = false;
        var header = _raw.AsSpan(_rawStart, _rawEnd - _rawStart);
        if (header.Length < 2)
        {
            return false;
        }

        var (length, size) = ((long)(header[1] & 0x7F), 2);
        if (length == 126 && header.Length >= 4)
        {
            (length, size) = (BinaryPrimitives.ReadUInt16BigEndian(header[2..]), 4);
        }
        else if (length == 127 && header.Length >= 10)
        {
            (length, size) = (BinaryPrimitives.ReadInt64BigEndian(header[2..]), 10);
        }
        else if (length >= 126)
        {
            return false;
        }

        var opcode = header[0] & 0x0F;
        if (opcode == 0x8)
        {
            closed = true;
            return false;
        }

        if (opcode == 0x9)
        {
            SendFrame(0x8A, []);
        }

        _control = opcode >= 0x8;
        _payloadLeft = length;
        _rawStart += size;
        return true;
    }

    void SendFrame(byte first, ReadOnlySpan<byte> payload)
    {
        lock (_sending)
        {
            if (_out.Length < payload.Length + MaxHeaderBytes)
            {
                _out = new byte[payload.Length + MaxHeaderBytes];
            }

            var size = 2;
            _out[0] = first;
            if (payload.Length < 126)
            {
                _out[1] = (byte)(0x80 | payload.Length);
            }
            else if (payload.Length <= ushort.MaxValue)
            {
                _out[1] = 0x80 | 126;
                BinaryPrimitives.WriteUInt16BigEndian(_out.AsSpan(2), (ushort)payload.Length);
                size = 4;
            }
            else
            {
                _out[1] = 0x80 | 127;
                BinaryPrimitives.WriteInt64BigEndian(_out.AsSpan(2), payload.Length);
                size = 10;
            }

            _out.AsSpan(size, 4).Clear();
            payload.CopyTo(_out.AsSpan(size + 4));
            var frame = _out.AsSpan(0, size + 4 + payload.Length);
            while (!frame.IsEmpty)
            {
                frame = frame[_socket.Send(frame)..];
            }
        }
    }
}
