using System.Text.Json;
using Rcc.Client.Devices;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Tests;

/// <summary>A transport of which the test is the other side. Everything runs on the thread that answers or pushes.</summary>
sealed class ScriptedTransport : IDeviceTransport
{
    readonly Lock gate = new();
    readonly Queue<(TaskCompletionSource<IDeviceLink> Opened, Action<PushBatch> OnPush)> tries = [];

    public bool IsTrying
    {
        get
        {
            lock (gate)
                return tries.Count > 0;
        }
    }

    public Task<IDeviceLink> OpenAsync(Action<PushBatch> onPush, CancellationToken cancellationToken)
    {
        var opened = new TaskCompletionSource<IDeviceLink>();
        lock (gate)
            tries.Enqueue((opened, onPush));
        return opened.Task;
    }

    public ScriptedLink Accept()
    {
        var (opened, onPush) = Next();
        var link = new ScriptedLink(onPush);
        opened.SetResult(link);
        return link;
    }

    public void Refuse(Exception reason) => Next().Opened.SetException(reason);

    /// <summary>Lets nobody answer a client that is gone.</summary>
    public void Forget()
    {
        lock (gate)
            tries.Clear();
    }

    (TaskCompletionSource<IDeviceLink> Opened, Action<PushBatch> OnPush) Next()
    {
        lock (gate)
            return tries.Dequeue();
    }
}

/// <summary>A call the device has made.</summary>
sealed record ScriptedCall(string Method, JsonElement Argument, Action<JsonElement> Answer, Action<Exception> Fail);

sealed class ScriptedLink(Action<PushBatch> onPush) : IDeviceLink
{
    readonly Lock gate = new();
    readonly List<ScriptedCall> calls = [];
    readonly TaskCompletionSource<Exception?> closed = new();

    public Task<Exception?> Closed => closed.Task;

    public bool IsClosed => closed.Task.IsCompleted;

    public void Push(PushBatch batch) => onPush(batch);

    /// <summary>The oldest call that fits, which is then no longer there.</summary>
    public ScriptedCall? Take(Func<ScriptedCall, bool> fits)
    {
        lock (gate)
        {
            var call = calls.Find(c => fits(c));
            if (call is not null)
                calls.Remove(call);
            return call;
        }
    }

    public IReadOnlyList<ScriptedCall> Calls
    {
        get
        {
            lock (gate)
                return [.. calls];
        }
    }

    public Task<TAnswer> InvokeAsync<TAnswer>(string method, object argument, CancellationToken cancellationToken = default)
    {
        var source = new TaskCompletionSource<TAnswer>();
        var json = JsonSerializer.SerializeToElement(argument, argument.GetType(), HubRecords.Json);
        lock (gate)
            calls.Add(new ScriptedCall(method, json, answer => source.TrySetResult(answer.Deserialize<TAnswer>(HubRecords.Json)!), e => source.TrySetException(e)));
        return source.Task;
    }

    public void Close(Exception? reason) => closed.TrySetResult(reason);

    public ValueTask DisposeAsync()
    {
        Close(reason: null);
        return ValueTask.CompletedTask;
    }
}
