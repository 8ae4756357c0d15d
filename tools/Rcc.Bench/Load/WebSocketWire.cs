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

    readonly Lock sending = new();
    readonly Socket tcp;
    readonly byte[] raw = new byte[16 * 1024];
    byte[] text = new byte[4 * 1024];
    byte[] outgoing = new byte[1024];
    int rawStart;
    int rawEnd;
    int textStart;
    int textEnd;
    long payloadLeft;
    bool control;

    WebSocketWire(Socket socket) => tcp = socket;

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
        if (rawStart == rawEnd)
        {
            rawStart = rawEnd = 0;
        }
        else if (rawEnd == raw.Length)
        {
            raw.AsSpan(rawStart, rawEnd - rawStart).CopyTo(raw);
            rawEnd -= rawStart;
            rawStart = 0;
        }

        var read = await tcp.ReceiveAsync(raw.AsMemory(rawEnd), SocketFlags.None, cancellationToken);
        rawEnd += read;
        BytesReceived += read;
        return read > 0 && Unframe();
    }

    /// <summary>The next whole record (SignalR ends each with byte 0x1E), without its separator. Valid until the next receive.</summary>
    public bool TryReadRecord(out ReadOnlySpan<byte> record)
    {
        var unread = text.AsSpan(textStart, textEnd - textStart);
        var end = unread.IndexOf((byte)0x1E);
        if (end < 0)
        {
            record = default;
            return false;
        }

        record = unread[..end];
        textStart += end + 1;
        return true;
    }

    public void Dispose() => tcp.Dispose();

    async Task ReadUpgradeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var head = raw.AsSpan(0, rawEnd);
            var end = head.IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                if (!head.StartsWith("HTTP/1.1 101"u8))
                {
                    throw new IOException($"The hub did not open a WebSocket: {Encoding.ASCII.GetString(head[..head.IndexOf("\r\n"u8)])}");
                }

                rawStart = end + 4;
                return;
            }

            var read = await tcp.ReceiveAsync(raw.AsMemory(rawEnd), SocketFlags.None, cancellationToken);
            rawEnd += read > 0 ? read : throw new IOException("The server closed the connection before it opened a WebSocket.");
        }
    }

    /// <summary>Moves what has arrived of frames into the text; false when the server sent a close frame.</summary>
    bool Unframe()
    {
        if (textStart > 0)
        {
            text.AsSpan(textStart, textEnd - textStart).CopyTo(text);
            textEnd -= textStart;
            textStart = 0;
        }

        while (rawStart < rawEnd)
        {
            if (payloadLeft == 0 && !TryReadHeader(out var closed))
            {
                return !closed;
            }

            var part = (int)Math.Min(payloadLeft, rawEnd - rawStart);
            if (!control)
            {
                if (textEnd + part > text.Length)
                {
                    Array.Resize(ref text, Math.Max(text.Length * 2, textEnd + part));
                }

                raw.AsSpan(rawStart, part).CopyTo(text.AsSpan(textEnd));
                textEnd += part;
            }

            rawStart += part;
            payloadLeft -= part;
        }

        return true;
    }

    bool TryReadHeader(out bool closed)
    {
        closed = false;
        var header = raw.AsSpan(rawStart, rawEnd - rawStart);
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

        control = opcode >= 0x8;
        payloadLeft = length;
        rawStart += size;
        return true;
    }

    void SendFrame(byte first, ReadOnlySpan<byte> payload)
    {
        lock (sending)
        {
            if (outgoing.Length < payload.Length + MaxHeaderBytes)
            {
                outgoing = new byte[payload.Length + MaxHeaderBytes];
            }

            var size = 2;
            outgoing[0] = first;
            if (payload.Length < 126)
            {
                outgoing[1] = (byte)(0x80 | payload.Length);
            }
            else if (payload.Length <= ushort.MaxValue)
            {
                outgoing[1] = 0x80 | 126;
                BinaryPrimitives.WriteUInt16BigEndian(outgoing.AsSpan(2), (ushort)payload.Length);
                size = 4;
            }
            else
            {
                outgoing[1] = 0x80 | 127;
                BinaryPrimitives.WriteInt64BigEndian(outgoing.AsSpan(2), payload.Length);
                size = 10;
            }

            outgoing.AsSpan(size, 4).Clear();
            payload.CopyTo(outgoing.AsSpan(size + 4));
            var frame = outgoing.AsSpan(0, size + 4 + payload.Length);
            while (!frame.IsEmpty)
            {
                frame = frame[tcp.Send(frame)..];
            }
        }
    }
}
