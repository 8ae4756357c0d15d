using System.Collections.Immutable;
using Rcc.Contracts.Customers;
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

    /// <summary>An application makes the contact. <see cref="Contracts.ErrorCode.Taken"/> when the identifier or an address belongs to another.</summary>
    [Alias("Create")]
    Task<Answer> CreateAsync(Caller caller, CommandKey? command, NewContact contact, CancellationToken cancellationToken);

    /// <summary>Ends the session of the device that calls. Answers when every node has passed it.</summary>
    [Alias("End")]
    Task<Answer> EndAsync(Caller caller, CancellationToken cancellationToken);

    /// <summary>Erases who the customer is and ends its sessions. Answers when every node has passed it; repeating it does what is left to do.</summary>
    [Alias("Erase")]
    Task<Answer> EraseAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);

    [Alias("Edit")]
    Task<Answer> EditAsync(Caller caller, CommandKey? command, ContactEdit edit, CancellationToken cancellationToken);

    /// <summary>Adds an address in canonical form, or changes whether it is verified.</summary>
    [Alias("PutAddress")]
    Task<Answer> PutAddressAsync(Caller caller, CommandKey? command, AddressKind kind, string value, bool? verified, CancellationToken cancellationToken);

    [Alias("RemoveAddress")]
    Task<Answer> RemoveAddressAsync(Caller caller, CommandKey? command, AddressKind kind, string value, CancellationToken cancellationToken);

    [Alias("SetContext")]
    Task<Answer> SetContextAsync(Caller caller, CommandKey? command, NewContext context, CancellationToken cancellationToken);

    /// <summary>Takes away what a source says of a name; without <paramref name="source"/>: what all do.</summary>
    [Alias("ClearContext")]
    Task<Answer> ClearContextAsync(Caller caller, CommandKey? command, string name, ContextSource? source, CancellationToken cancellationToken);

    /// <summary>Merges another contact, which nothing is merged away from yet, into this one.</summary>
    [Alias("Merge")]
    Task<Answer> MergeAsync(Caller caller, CommandKey? command, Guid other, CancellationToken cancellationToken);

    /// <summary>Gives a contact that was merged into this one back to itself.</summary>
    [Alias("Unmerge")]
    Task<Answer> UnmergeAsync(Caller caller, CommandKey? command, Guid other, CancellationToken cancellationToken);

    /// <summary>Asks that context information be looked up again soon. It is done when the answer has come, not when this returns.</summary>
    [Alias("RequestLookup")]
    Task<Answer> RequestLookupAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);

    /// <summary>Somebody looks at the contact: what was looked up is looked up again if it is not as good as new any more.</summary>
    [Alias("Refresh")]
    Task RefreshAsync(CancellationToken cancellationToken);

    /// <summary>What a lookup found in one place, or that it failed there. Answers whether there is nothing more to do about it.</summary>
    /// <param name="lookup">Which: <see cref="ContextDue.Lookup"/>.</param>
    /// <param name="origin">Where it looked.</param>
    /// <param name="result">How it ended.</param>
    /// <param name="ends">There is nowhere else to look: with this it is over.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("TakeLookup")]
    Task<bool> TakeLookupAsync(Guid lookup, LookupOrigin origin, LookupResult result, bool ends, CancellationToken cancellationToken);

    /// <summary>Something the contact rests on has changed, or something of it has expired: brings it and what its agents see up to date. It is safe to ask too often, and nothing is lost when nobody asks: see <see cref="ContextWatch"/>.</summary>
    [Alias("Look")]
    Task LookAsync(CancellationToken cancellationToken);
}

/// <summary>A new contact.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.NewContact")]
public sealed record NewContact(
    [property: Id(0)] string? Name, [property: Id(1)] string? Email, [property: Id(2)] string? Identifier, [property: Id(3)] ImmutableArray<NewAddress> Addresses);

/// <summary>An address in canonical form.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.NewAddress")]
public sealed record NewAddress([property: Id(0)] AddressKind Kind, [property: Id(1)] string Value, [property: Id(2)] bool Verified);

/// <summary>What to change of a contact; absent members stay.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.ContactEdit")]
public sealed record ContactEdit
{
    [Id(0)] public string? Name { get; init; }

    [Id(1)] public string? Email { get; init; }

    [Id(2)] public string? Identifier { get; init; }

    /// <summary>All labels it is to have.</summary>
    [Id(3)] public ImmutableArray<string>? Labels { get; init; }

    /// <summary>Attributes to set, or to take away with the JSON text <c>null</c>.</summary>
    [Id(4)] public ImmutableArray<AttributeText> CustomAttributes { get; init; } = [];
}

/// <summary>A value of an attribute.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.AttributeText")]
public sealed record AttributeText([property: Id(0)] string Key, [property: Id(1)] string Json);

/// <summary>An identifier of the tenant for its customer, proven by the tenant's HMAC.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.VerifiedIdentity")]
public sealed record VerifiedIdentity([property: Id(0)] string Identifier);

/// <summary>The contact's row.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.ContactRow")]
public sealed record ContactRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public string? Name { get; init; }

    [Id(2)] public string? Email { get; init; }

    /// <summary>The tenant's own id for the customer, verified; unique in the tenant.</summary>
    [Id(3)] public string? Identifier { get; init; }

    [Id(4)] public required DateTimeOffset CreatedAt { get; init; }

    [Id(5)] public Guid? MergedInto { get; init; }

    /// <summary>It is listed and found no more.</summary>
    [Id(6)] public bool IsErased { get; init; }
}

/// <summary>An address begins or ends to be a contact's; unique in the tenant.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.AddressRow")]
public sealed record AddressRow : RowWrite
{
    [Id(0)] public required Guid ContactId { get; init; }

    [Id(1)] public required AddressKind Kind { get; init; }

    [Id(2)] public required string Value { get; init; }

    [Id(3)] public bool IsRemoved { get; init; }
}

/// <summary>The contact, or the agent's context, is to be looked at, at this time at the latest; and the contact's context looked up, if <see cref="LooksUp"/>.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.ContextDueRow")]
public sealed record ContextDueRow : RowWrite
{
    [Id(0)] public required Guid PersonId { get; init; }

    [Id(1)] public required DateTimeOffset At { get; init; }

    [Id(2)] public bool LooksUp { get; init; }
}
