using System.Text.Json;
using Rcc.Contracts;
using Rcc.Core.Devices;

namespace Rcc.Core.Tests.Sync;

/// <summary>The transport of a connection: it may be slow, it may fail, it may be cut. Batches wait until the answer to Synchronize is there, as the hub's do.</summary>
sealed class FakePort(FakeDevice device, Func<FakePort, Task>? beforeSend) : IDevicePort
{
    readonly Lock gate = new();
    TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool ended;

    public string? ClosedBecause { get; private set; }

    public int Sent { get; private set; }

    public void Pause() => answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Resume() => answered.TrySetResult();

    public async ValueTask SendAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellationToken)
    {
        await answered.Task.WaitAsync(cancellationToken);
        if (beforeSend is not null)
        {
            await beforeSend(this).WaitAsync(cancellationToken);
        }

        var received = JsonSerializer.Deserialize(batch.Span, ContractJson.Default.PushBatch)!;
        lock (gate)
        {
            if (ended)
            {
                throw new IOException("The connection is gone.");
            }

            Sent++;
            device.Receive(received);
        }
    }

    public void Close(string reason)
    {
        lock (gate)
        {
            ended = true;
            ClosedBecause ??= reason;
        }
    }

    /// <summary>The network is gone.</summary>
    public void Cut()
    {
        lock (gate)
        {
            ended = true;
        }
    }
}
