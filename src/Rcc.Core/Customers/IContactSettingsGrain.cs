using System.Collections.Immutable;
using Rcc.Contracts.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>What one tenant has defined for its contacts, keyed by <see cref="TenantId.Key"/>.</summary>
[Alias("rcc.IContactSettingsGrain")]
public interface IContactSettingsGrain : IGrainWithStringKey
{
    /// <summary>Makes a label, or changes one there is.</summary>
    [Alias("PutLabel")]
    Task<Answer> PutLabelAsync(Caller caller, CommandKey? command, LabelEdit label, bool mustBeNew, CancellationToken cancellationToken);

    [Alias("RemoveLabel")]
    Task<Answer> RemoveLabelAsync(Caller caller, CommandKey? command, string name, CancellationToken cancellationToken);

    /// <summary>Defines an attribute, or changes one there is; its type stays.</summary>
    [Alias("PutAttribute")]
    Task<Answer> PutAttributeAsync(Caller caller, CommandKey? command, AttributeEdit definition, bool mustBeNew, CancellationToken cancellationToken);

    [Alias("RemoveAttribute")]
    Task<Answer> RemoveAttributeAsync(Caller caller, CommandKey? command, AttributeOwner of, string key, CancellationToken cancellationToken);

    [Alias("SetDisclosure")]
    Task<Answer> SetDisclosureAsync(Caller caller, CommandKey? command, ImmutableArray<DisclosureRule> rules, CancellationToken cancellationToken);

    /// <summary>Says where context information is looked up; <paramref name="newSecret"/> is for when there is no secret yet, or <paramref name="rotates"/>.</summary>
    [Alias("SetLookup")]
    Task<Answer> SetLookupAsync(Caller caller, CommandKey? command, string url, ImmutableArray<byte> newSecret, bool rotates, CancellationToken cancellationToken);

    [Alias("RemoveLookup")]
    Task<Answer> RemoveLookupAsync(Caller caller, CommandKey? command, CancellationToken cancellationToken);

    /// <summary>Says where customers' profiles are looked up; without a password the one before is kept, if server and user are the same.</summary>
    [Alias("SetProfileLookup")]
    Task<Answer> SetProfileLookupAsync(Caller caller, ProfileServer server, CancellationToken cancellationToken);

    [Alias("RemoveProfileLookup")]
    Task<Answer> RemoveProfileLookupAsync(Caller caller, CancellationToken cancellationToken);
}

/// <summary>A label to make or change; absent members stay.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.LabelEdit")]
public sealed record LabelEdit([property: Id(0)] string Name, [property: Id(1)] string? Color, [property: Id(2)] string? Description);

/// <summary>An attribute to define or change; absent members stay, and so does the type.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.AttributeEdit")]
public sealed record AttributeEdit(
    [property: Id(0)] string Key,
    [property: Id(1)] AttributeOwner Of,
    [property: Id(2)] AttributeType Type,
    [property: Id(3)] string? DisplayName,
    [property: Id(4)] ImmutableArray<string>? Values);

/// <summary>What is defined for contacts has changed: all that are being served are looked at.</summary>
[GenerateSerializer, Immutable, Alias("rcc.customers.ContactSettingsRow")]
public sealed record ContactSettingsRow : RowWrite;
