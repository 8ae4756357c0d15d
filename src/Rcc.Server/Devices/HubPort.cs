using System.Buffers;
using Microsoft.AspNetCore.SignalR;
using Rcc.Core.Devices;

namespace Rcc.Server.Devices;

/// <summary>A device's SignalR connection. A batch comes as finished JSON; it is put between the two halves of an invocation message and never serialised again.</summary>
internal sealed class HubPort(HubConnectionContext connection) : IDevicePort
{
    // The record separator ends a message of SignalR's JSON protocol.
    const byte RecordSeparator = 0x1e;
    const string Protocol = "json";

    TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    static ReadOnlySpan<byte> Head => "{\"type\":1,\"target\":\"push\",\"arguments\":["u8;

    static ReadOnlySpan<byte> Tail => [(byte)']', (byte)'}', RecordSeparator];

    /// <summary>Keeps batches back until the answer to Synchronize, which they follow, is written.</summary>
    public TaskCompletionSource HoldBack() => answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken)
    {
        await answered.Task.WaitAsync(cancellationToken);
        var length = Head.Length + batch.Length + Tail.Length;
        var frame = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Head.CopyTo(frame);
            batch.Span.CopyTo(frame.AsSpan(Head.Length));
            Tail.CopyTo(frame.AsSpan(Head.Length + batch.Length));

            // The transport has copied the frame when the write completes: without stateful reconnect nothing keeps it.
            await connection.WriteAsync(new SerializedHubMessage([new(Protocol, frame.AsMemory(0, length))]), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    public void Close(string reason) => connection.Abort();
}
