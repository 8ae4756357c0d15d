using System.Collections.Immutable;
using Rcc.Contracts.Customers;
using Rcc.Core.Devices;

namespace Rcc.Core.Customers;

/// <summary>Reads of customers. They are written through the log only.</summary>
public interface ICustomerStore
{
    /// <summary>The contact's row; null when there is none, or it was erased.</summary>
    Task<ContactSnapshot?> FindAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken);

    Task<ContactSnapshot?> FindByIdentifierAsync(TenantId tenant, string identifier, CancellationToken cancellationToken);

    /// <summary>The contact that counts for this one: itself, or the one it was merged into in the end. Null when there is no such contact.</summary>
    Task<Guid?> ResolveAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken);

    /// <summary>The contact that counts for the owner of an address in canonical form.</summary>
    Task<Guid?> FindByAddressAsync(TenantId tenant, AddressKind kind, string value, CancellationToken cancellationToken);

    /// <summary>All of the contacts, each with what decisions about it rest on, in the order asked; without those that do not exist.</summary>
    Task<IReadOnlyList<Dossier>> LoadAsync(TenantId tenant, IReadOnlyCollection<Guid> contacts, CancellationToken cancellationToken);

    /// <summary>Contacts that count, oldest first, after one of them; with <paramref name="tags"/> those that have them all, with <paramref name="subscription"/> those that have such a one.</summary>
    Task<IReadOnlyList<Guid>> ListAsync(TenantId tenant, Tags? tags, SubscriptionQuery? subscription, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Contacts that count whose name has words that begin with each word of the text, whose e-mail address begins with the text, whose identifier is it, or one of whose addresses begins with it; in no order of
    /// importance, after one of them. By nothing that the search does not name.
    /// </summary>
    Task<IReadOnlyList<Guid>> SearchAsync(TenantId tenant, ContactSearch search, Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>The devices of the contact and of all that was merged into it that are signed in, or are still called what the person called them.</summary>
    Task<IReadOnlyList<(Guid Contact, Guid Device)>> ListDevicesAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken);

    /// <summary>The devices of the contact itself that are signed in, the one that signed in first first.</summary>
    Task<IReadOnlyList<DeviceSnapshot>> ListLiveDevicesAsync(TenantId tenant, Guid contact, int limit, CancellationToken cancellationToken);

    /// <summary>What the tenant has defined for its contacts.</summary>
    Task<ContactSettingsSnapshot> LoadSettingsAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Whether the contact, or the agent's context, is to be looked at, now or later; null when it is not. What is read after this is at least as new as the stamp.</summary>
    Task<ContextDue?> FindDueAsync(TenantId tenant, Guid person, CancellationToken cancellationToken);

    /// <summary>The lookup is over. The contact stays due for whatever else it is due for.</summary>
    Task FinishLookupAsync(TenantId tenant, Guid contact, Guid lookup, CancellationToken cancellationToken);

    /// <summary>The contact or agent was looked at. Unless something has happened since the stamp was read, it is not due any more, or only at <paramref name="next"/>.</summary>
    Task SettleAsync(TenantId tenant, Guid person, Guid stamp, DateTimeOffset? next, CancellationToken cancellationToken);

    /// <summary>Contacts and agents of all tenants that are not suspended that are to be looked at by now.</summary>
    Task<IReadOnlyList<DuePerson>> ListDueAsync(int limit, CancellationToken cancellationToken);
}

/// <summary>What contacts are looked for by, besides their names.</summary>
/// <param name="Text">What is looked for.</param>
/// <param name="ByEmail">E-mail addresses count.</param>
/// <param name="ByIdentifier">Identifiers count.</param>
/// <param name="ByAddresses">Addresses of these kinds count.</param>
public sealed record ContactSearch(string Text, bool ByEmail, bool ByIdentifier, ImmutableArray<AddressKind> ByAddresses)
{
    /// <summary>Only those who have such a subscription; null: with any or none.</summary>
    public SubscriptionQuery? Subscription { get; init; }
}

/// <summary>A contact's row as stored.</summary>
public sealed record ContactSnapshot(Guid Id, string? Name, string? Email, string? Identifier, DateTimeOffset CreatedAt, Guid? MergedInto = null);

/// <summary>A contact, or an agent for its context, is to be looked at.</summary>
public readonly record struct DuePerson(TenantId Tenant, Guid Id, bool IsAgent);

/// <summary>Why one is to be looked at.</summary>
/// <param name="Stamp">New with each reason.</param>
/// <param name="Lookup">Its context is to be looked up: one of its conversations was opened, or somebody asks. New with each reason.</param>
public sealed record ContextDue(Guid Stamp, Guid? Lookup);
