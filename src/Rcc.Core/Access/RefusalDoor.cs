using Rcc.Contracts.Sync;

namespace Rcc.Core.Access;

/// <summary>Lets the action record know what people and applications were refused for want of a right or a service (catalogue <c>DENY</c>).</summary>
public sealed class RefusalDoor(IGrainFactory grains, Admission admission)
{
    /// <summary>Records an administrative or control command that was refused so; others, and customers', are none of the record's. That the record is out of reach is logged, and refuses nothing a second time.</summary>
    public Task RecordAsync(Caller caller, RefusedCommand refused)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(refused);
        return refused.IsRecorded && (caller.IsAgent || caller.Role == Role.Application)
            ? admission.CommandAsync(null, () => grains.GetGrain<IRefusalGrain>(caller.Tenant.KeyOf(caller.PersonId)).RecordAsync(caller, refused, CancellationToken.None))
            : Task.CompletedTask;
    }
}
