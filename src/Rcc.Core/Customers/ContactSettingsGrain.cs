using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>The single writer of what a tenant defines for its contacts. Rules are in <see cref="ContactSettings"/>.</summary>
[GrainType("contact-settings")]
internal sealed class ContactSettingsGrain(ICustomerStore store, IOptions<CustomerOptions> options)
    : DecidingGrain<ContactSettingsSnapshot>, IContactSettingsGrain
{
    public Task<Answer> PutLabelAsync(Caller caller, CommandKey? command, LabelEdit label, bool mustBeNew, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactSettings.PutLabel(Tenant, now, label, mustBeNew, options.Value), cancellationToken);

    public Task<Answer> RemoveLabelAsync(Caller caller, CommandKey? command, string name, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactSettings.RemoveLabel(Tenant, now, name), cancellationToken);

    public Task<Answer> PutAttributeAsync(Caller caller, CommandKey? command, AttributeEdit definition, bool mustBeNew, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactSettings.PutAttribute(Tenant, now, definition, mustBeNew, options.Value), cancellationToken);

    public Task<Answer> RemoveAttributeAsync(Caller caller, CommandKey? command, AttributeOwner of, string key, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactSettings.RemoveAttribute(Tenant, now, of, key), cancellationToken);

    public Task<Answer> SetDisclosureAsync(Caller caller, CommandKey? command, ImmutableArray<DisclosureRule> rules, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactSettings.SetDisclosure(Tenant, now, rules, options.Value), cancellationToken);

    public Task<Answer> SetLookupAsync(Caller caller, CommandKey? command, string url, ImmutableArray<byte> newSecret, bool rotates, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactSettings.SetLookup(Tenant, now, url, newSecret, rotates), cancellationToken);

    public Task<Answer> RemoveLookupAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, command, now => ContactSettings.RemoveLookup(Tenant, now), cancellationToken);

    public Task<Answer> SetProfileLookupAsync(Caller caller, ProfileServer server, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, null, now => ContactSettings.SetProfileLookup(Tenant, now, server), cancellationToken);

    public Task<Answer> RemoveProfileLookupAsync(Caller caller, CancellationToken cancellationToken) =>
        CarryOutAsync(caller, null, now => ContactSettings.RemoveProfileLookup(Tenant, now), cancellationToken);

    protected override async Task<ContactSettingsSnapshot?> LoadAsync(CancellationToken cancellationToken) => await store.LoadSettingsAsync(Tenant, cancellationToken);
}
