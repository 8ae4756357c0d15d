using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Sync;

namespace Rcc.Server.Devices;

/// <summary>
/// SignalR's JSON protocol, which also tells when the answer to Synchronize is on its way: the OK must precede the first change (catalogue SYNC-11), and a hub method cannot see its own answer being written.
/// </summary>
internal sealed class DeviceProtocol(IOptions<JsonHubProtocolOptions> options) : IHubProtocol
{
    readonly JsonHubProtocol json = new(options);
    readonly ConditionalWeakTable<SyncAnswer, TaskCompletionSource> awaited = [];

    public string Name => json.Name;

    public int Version => json.Version;

    public TransferFormat TransferFormat => json.TransferFormat;

    /// <summary>Completes the source when the answer has been written.</summary>
    public void TellWhenWritten(SyncAnswer answer, TaskCompletionSource written) => awaited.Add(answer, written);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        json.WriteMessage(message, output);
        if (message is CompletionMessage { Result: SyncAnswer answer } && awaited.TryGetValue(answer, out var written))
        {
            // The connection's write lock is held: what waits for this is written after it.
            written.TrySetResult();
        }
    }

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message) =>
        json.TryParseMessage(ref input, binder, out message);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => json.GetMessageBytes(message);

    public bool IsVersionSupported(int version) => json.IsVersionSupported(version);
}
