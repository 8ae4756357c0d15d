namespace Rcc.Core.Tests.Sync;

/// <summary>Holds a call of the store back until it is opened, and says when the call has come.</summary>
sealed class Gate
{
    readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    volatile bool stopped;

    /// <summary>Somebody waits.</summary>
    public Task Reached => reached.Task;

    public void Open() => opened.TrySetResult();

    /// <summary>Lets pass who comes from now on; who waits goes on waiting.</summary>
    public void Stop() => stopped = true;

    public Task PassAsync()
    {
        if (stopped)
        {
            return Task.CompletedTask;
        }

        reached.TrySetResult();
        return opened.Task;
    }

    /// <summary>Holds back calls of one kind, and no others.</summary>
    public Func<StoreCall, Task> For(StoreCall call) => made => made == call ? PassAsync() : Task.CompletedTask;
}
