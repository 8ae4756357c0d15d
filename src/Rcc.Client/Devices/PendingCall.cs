namespace Rcc.Client.Devices;

/// <summary>A call whose answer has not come yet.</summary>
abstract class PendingCall
{
    public required long Id { get; init; }

    public CancellationTokenRegistration Cancellation { get; set; }

    public abstract Type AnswerType { get; }

    public abstract void Complete(object? answer);

    public abstract void Fail(Exception e);

    public abstract void Cancel(CancellationToken cancellationToken);
}

sealed class PendingCall<TAnswer> : PendingCall
{
    // Those who wait go on elsewhere: the receive loop must not run their code.
    readonly TaskCompletionSource<TAnswer> source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TAnswer> Task => source.Task;

    public override Type AnswerType => typeof(TAnswer);

    public override void Complete(object? answer)
    {
        Cancellation.Dispose();
        if (answer is TAnswer typed)
            source.TrySetResult(typed);
        else
            source.TrySetException(new HubErrorException($"The server has answered without a {typeof(TAnswer).Name}."));
    }

    public override void Fail(Exception e)
    {
        Cancellation.Dispose();
        source.TrySetException(e);
    }

    public override void Cancel(CancellationToken cancellationToken) => source.TrySetCanceled(cancellationToken);
}
