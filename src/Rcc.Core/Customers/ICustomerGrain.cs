using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>One customer (contact), keyed by <see cref="TenantId.KeyOf"/>.</summary>
[Alias("rcc.ICustomerGrain")]
public interface ICustomerGrain : IGrainWithStringKey
{
    /// <summary>
    /// Begins a session of the customer in an inbox: makes the contact when it is new. <paramref name="identity"/> was verified by the door; null for an anonymous customer.
    /// <see cref="Contracts.ErrorCode.Taken"/> when the identifier belongs to another contact by now: look it up again.
    /// </summary>
    [Alias("Begin")]
    Task<Answer> BeginAsync(Guid inbox, VerifiedIdentity? identity, string? name, string? email, NewDevice device, CancellationToken cancellationToken);

    /// <summary>An application makes the contact. <see cref="Contracts.ErrorCode.Taken"/> when the identifier belongs to another.</summary>
    [Alias("Create")]
    Task<Answer> CreateAsync(Caller caller, CommandKey? command, NewContact contact, CancellationToken cancellationToken);

    /// <summary>Ends the session of the device that calls. Answers when every node has passed it.</summary>
    [Alias("End")]
    Task<Answer> EndAsync(Caller caller, CancellationToken cancellationToken);
}

/// <summary>A new contact.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.NewContact")]
public sealed record NewContact([property: Id(0)] string? Name, [property: Id(1)] string? Email, [property: Id(2)] string? Identifier);

/// <summary>An identifier of the tenant for its customer, proven by the tenant's HMAC.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.VerifiedIdentity")]
public sealed record VerifiedIdentity([property: Id(0)] string Identifier);

/// <summary>Reads of customers. They are written through the log only.</summary>
public interface ICustomerStore
{
    Task<ContactSnapshot?> LoadAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken);

    Task<ContactSnapshot?> FindByIdentifierAsync(TenantId tenant, string identifier, CancellationToken cancellationToken);

    Task<IReadOnlyList<ContactSnapshot>> ListAsync(TenantId tenant, Guid? after, int limit, CancellationToken cancellationToken);
}

/// <summary>A contact as stored.</summary>
public sealed record ContactSnapshot(Guid Id, string? Name, string? Email, string? Identifier, DateTimeOffset CreatedAt);

/// <summary>The contact's row.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.ContactRow")]
public sealed record ContactRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public string? Name { get; init; }

    [Id(2)] public string? Email { get; init; }

    /// <summary>The tenant's own id for the customer, verified; unique in the tenant.</summary>
    [Id(3)] public string? Identifier { get; init; }
}
