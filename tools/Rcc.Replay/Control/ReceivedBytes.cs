namespace Rcc.Replay.Control;

/// <summary>
/// What a device's connections have delivered: of each the payloads of its WebSocket frames, one after the other, since headers between the fragments of a message would hide what is split by them.
/// </summary>
sealed class ReceivedBytes
{
    readonly List<MemoryStream> connections = [];

    /// <summary>What each connection has delivered so far.</summary>
    public IReadOnlyList<byte[]> Connections
    {
        get
        {
            lock (connections)
                return [.. connections.Select(one => one.ToArray())];
        }
    }

    /// <summary>A stream that reads from a new connection and keeps what it reads.</summary>
    public Stream Tap(Stream connection) => new TappedStream(connection, new FrameReader(Begin()));

    /// <summary>Keeps what another connection delivers.</summary>
    public FrameReader.Sink Begin()
    {
        var kept = new MemoryStream();
        lock (connections)
            connections.Add(kept);
        return payload =>
        {
            lock (connections)
                kept.Write(payload);
        };
    }
}
