using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>The single writer of one tenant. Rules are in <see cref="Account"/>.</summary>
[GrainType("tenant")]
internal sealed class TenantGrain(
    ITenantStore store,
    ISyncStore sync,
    TimeProvider clock,
    IOptions<TenantOptions> options,
    ILogger<TenantGrain> logger) : DecidingGrain<TenantSnapshot>, ITenantGrain
{
    long? lastDisplayId;

    public Task<Answer> OnboardAsync(Onboarding onboarding, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Account.Onboard(Tenant, now, onboarding, clock.GetUtcNow()), cancellationToken);

    public Task<Answer> SetSuspendedAsync(Guid operatorId, bool suspended, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(null, null, sync, now => new(Account.SetSuspended(now, suspended, operatorId)), cancellationToken);

    public Task<Answer> SetTermsAsync(Guid operatorId, Terms terms, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Account.SetTerms(now, terms, operatorId), cancellationToken);

    public Task<Answer> DeleteAsync(Guid operatorId, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Account.Delete(now, operatorId, options.Value, clock.GetUtcNow()), cancellationToken);

    public Task<Answer> CancelDeletionAsync(Guid operatorId, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Account.CancelDeletion(now, operatorId), cancellationToken);

    public async Task<Answer> EndAsync(CancellationToken cancellationToken)
    {
        var answer = await CarryOutEverywhereAsync(null, null, sync, now => new(Account.End(now, clock.GetUtcNow())), cancellationToken);

        // The store finds it no more; what is in memory must not either.
        DeactivateOnIdle();
        return answer;
    }

    public Task<Answer> RecordExportAsync(Guid operatorId, CancellationToken cancellationToken) =>
        CarryOutAsync(null, null, now => Account.RecordExport(now, operatorId), cancellationToken);

    public Task<Answer> EditAsync(Caller caller, CommandKey? command, AccountChange change, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, async now => Account.Edit(now, change, await FindProviderAsync(cancellationToken)), cancellationToken);

    public Task<Answer> CreateInboxAsync(Caller caller, CommandKey? command, NewInbox inbox, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => Inbox.Create(now, inbox, (await store.ListInboxesAsync(Tenant, null, options.Value.MaxInboxes, cancellationToken)).Count, options.Value),
            cancellationToken);

    public Task<Answer> ChangeInboxAsync(Caller caller, CommandKey? command, Guid inbox, InboxChange change, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller, command, async now => Inbox.Edit(now, await store.LoadInboxAsync(Tenant, inbox, cancellationToken), change), cancellationToken);

    public Task<Answer> SetInboxArchivedAsync(Caller caller, CommandKey? command, Guid inbox, bool archived, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller, command, async now => Inbox.SetArchived(now, await store.LoadInboxAsync(Tenant, inbox, cancellationToken), archived), cancellationToken);

    public Task<Answer> RotateInboxSecretAsync(Caller caller, CommandKey? command, Guid inbox, SecretRotation rotation, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => Inbox.Rotate(now, await store.LoadInboxAsync(Tenant, inbox, cancellationToken), rotation, options.Value, clock.GetUtcNow()),
            cancellationToken);

    public Task<Answer> RemoveInboxAsync(Caller caller, CommandKey? command, Guid inbox, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => Inbox.Remove(now, await store.LoadInboxAsync(Tenant, inbox, cancellationToken), await store.HasConversationsAsync(Tenant, inbox, cancellationToken)),
            cancellationToken);

    public Task<Answer> CreateKeyAsync(Caller caller, CommandKey? command, NewKey key, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            command,
            async now => Account.CreateKey(now, key, await store.CountKeysAsync(Tenant, cancellationToken), options.Value, clock.GetUtcNow()),
            cancellationToken);

    public Task<Answer> RevokeKeyAsync(Caller caller, CommandKey? command, Guid key, CancellationToken cancellationToken) =>
        CarryOutEverywhereAsync(
            caller,
            command,
            sync,
            async now => Account.RevokeKey(now, await IsKeyAsync(key, cancellationToken), await FindDeviceAsync(key, cancellationToken), clock.GetUtcNow()),
            cancellationToken);

    public Task<Answer> RotateKeyAsync(Caller caller, Guid key, KeyRotation rotation, CancellationToken cancellationToken) =>
        CarryOutAsync(
            caller,
            null,
            async now =>
            {
                var listed = await store.FindKeyAsync(Tenant, key, cancellationToken);
                return Account.RotateKey(now, listed is not null, await FindDeviceAsync(key, cancellationToken), rotation, options.Value, clock.GetUtcNow(), listed?.ExpiresAt);
            },
            cancellationToken);

    public async Task<long> TakeDisplayIdAsync(CancellationToken cancellationToken)
    {
        // Should another activation give the same number, opening finds it taken and asks again.
        lastDisplayId = (lastDisplayId ?? await store.ReadHighestDisplayIdAsync(Tenant, cancellationToken)) + 1;
        return lastDisplayId.Value;
    }

    protected override Task<TenantSnapshot?> LoadAsync(CancellationToken cancellationToken) => store.LoadAsync(Tenant, cancellationToken);

    protected override void OnCommitted(TenantSnapshot? before, TenantSnapshot after)
    {
        if (before?.Revision != after.Revision)
        {
            logger.Changed(Tenant, after.Revision, after.Suspended);
        }
    }

    async Task<ProviderSnapshot?> FindProviderAsync(CancellationToken cancellationToken) =>
        await sync.FindItemAsync(Tenant, IdentityProvider.Key(Tenant), cancellationToken) is { } item ? new(item.Revision, IdentityProvider.Read(item)) : null;

    async Task<bool> IsKeyAsync(Guid key, CancellationToken cancellationToken) => await store.FindKeyAsync(Tenant, key, cancellationToken) is not null;

    async Task<DeviceSnapshot?> FindDeviceAsync(Guid key, CancellationToken cancellationToken) =>
        (await sync.FindItemAsync(Tenant, new(ItemKind.Device, key), cancellationToken))?.ToLiveDevice();
}
