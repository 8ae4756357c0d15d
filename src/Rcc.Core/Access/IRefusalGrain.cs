using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>What one person or application was refused for want of a right or a service, keyed by <see cref="TenantId.KeyOf"/>: one place, so that its record is thinned over all its devices and all nodes.</summary>
[Alias("rcc.IRefusalGrain")]
public interface IRefusalGrain : IGrainWithStringKey
{
    /// <summary>Puts a refusal into the action record, unless it is one too many (<see cref="RecordedRefusals"/>). Answers when it is kept.</summary>
    [Alias("Record")]
    Task<Answer> RecordAsync(Caller caller, RefusedCommand refused, CancellationToken cancellationToken);

    /// <summary>Puts a sign-in as the agent that was refused into the action record, unless it is one too many. Nobody is named as who tried: it may be anybody.</summary>
    [Alias("RecordSignIn")]
    Task<Answer> RecordSignInAsync(ErrorCode why, CancellationToken cancellationToken);
}

/// <summary>A command that was refused.</summary>
/// <param name="Operation">What was asked for, by its name in the public API: <c>createInbox</c>, <c>transfer</c>.</param>
/// <param name="ObjectType">The kind of thing it was asked of, as in <see cref="Sync.Act"/>.</param>
/// <param name="ObjectId">The thing, as it was named: whether there is one was not looked at.</param>
/// <param name="Code">Why.</param>
[GenerateSerializer, Immutable, Alias("rcc.access.RefusedCommand")]
public sealed record RefusedCommand(
    [property: Id(0)] string Operation, [property: Id(1)] string ObjectType, [property: Id(2)] Guid ObjectId, [property: Id(3)] ErrorCode Code)
{
    /// <summary>Whether the action record is to know of a refusal like this.</summary>
    public bool IsRecorded => Code is ErrorCode.Forbidden or ErrorCode.NotEntitled;
}
