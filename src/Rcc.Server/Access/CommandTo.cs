using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;

namespace Rcc.Server.Access;

/// <summary>What every request comes with that changes something: who asks, at which door, and what a repetition is known by.</summary>
/// <typeparam name="TDoor">The door.</typeparam>
internal readonly record struct CommandTo<TDoor>(
    SignedIn Caller,
    TDoor Door,
    [property: FromHeader(Name = "Idempotency-Key")] string? IdempotencyKey,
    CancellationToken CancellationToken)
    where TDoor : notnull
{
    public Attempt Attempt => Attempt.Keyed(IdempotencyKey);
}
