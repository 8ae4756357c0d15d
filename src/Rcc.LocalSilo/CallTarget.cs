namespace Rcc.LocalSilo;

/// <summary>What a reference points to: a grain's address or an observer.</summary>
abstract class CallTarget(Silo silo)
{
    public Silo Silo => silo;

    /// <summary>Takes the call in or fails it; never throws, so that a caller meets every failure in the task it awaits.</summary>
    public abstract void Send(GrainCall call);
}

/// <summary>Runs calls.</summary>
interface ICallRunner
{
    void Finished(GrainCall call);
}
