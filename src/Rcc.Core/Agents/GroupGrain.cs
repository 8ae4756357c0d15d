using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>The single writer of one group. Rules are in <see cref="Group"/>.</summary>
[GrainType("group")]
internal sealed class GroupGrain(IAgentStore store, ILogStore answers) : DecidingGrain<GroupSnapshot>(answers), IGroupGrain
{
    Guid id;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (Tenant, id) = TenantId.ParseOf(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public Task<Answer> CreateAsync(Caller caller, CommandKey? command, string name, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Group.Create(Tenant, id, now, caller, name), cancellationToken);

    public Task<Answer> RenameAsync(Caller caller, CommandKey? command, string name, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => Group.Rename(Tenant, now, caller, name), cancellationToken);

    protected override Task<GroupSnapshot?> LoadAsync(CancellationToken cancellationToken) => store.LoadGroupAsync(Tenant, id, cancellationToken);
}
