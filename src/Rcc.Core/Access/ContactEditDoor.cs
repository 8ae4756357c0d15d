using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Core.Customers;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to changing what is kept of customers. Who names a contact that was merged into another changes the other.</summary>
public sealed class ContactEditDoor(
    IGrainFactory grains, ICustomerStore customers, Admission admission, IOptions<AccessOptions> access)
{
    const int MaxTries = 4;

    public Task<Outcome> EditAsync(Caller caller, Guid contact, EditContact edit, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(edit);
        var limits = access.Value;
        var email = edit.Email?.Trim().ToLowerInvariant();
        var key = CommandKeys.Make(new(contact, edit), AccessJson.Default.EditOfContact, 0, attempt, out var refusal);
        refusal ??= (edit.Name is null or "" ? null : Shape.Name(edit.Name, "name", limits.MaxNameLength))
            ?? Shape.OptionalName(edit.Identifier, "identifier", limits.MaxIdentifierLength)
            ?? (email is null or "" ? null : Shape.Email(email, "email", limits.MaxEmailLength))
            ?? (edit.Labels is { } labels && labels.Any(label => label is null) ? Shape.Malformed("labels has an empty name.") : null);

        // Whoever may say who a customer is could be let in as that customer by it: that is the account's own systems' alone.
        refusal ??= edit.Identifier is null ? null : Permission.RequireApplication(caller, Scopes.ContactsWrite);
        return ChangeAsync(
            caller,
            contact,
            refusal,
            grain => grain.EditAsync(
                caller,
                key,
                new()
                {
                    Name = edit.Name, Email = email, Identifier = edit.Identifier, Labels = edit.Labels,
                    CustomAttributes = [.. edit.CustomAttributes.Select(value => new AttributeText(value.Key, value.Value))],
                },
                cancellationToken),
            cancellationToken);
    }

    /// <summary>Adds an address, in any of the forms people write, or changes whether it is verified.</summary>
    public Task<Outcome> PutAddressAsync(Caller caller, Guid contact, AddressKind kind, string value, bool? verified, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("putAddress", contact, $"{kind} {verified} {value}"), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        var wrong = CheckAddress(kind, value, out var canonical);
        refusal ??= wrong;
        return ChangeAsync(caller, contact, refusal, grain => grain.PutAddressAsync(caller, key, kind, canonical, verified, cancellationToken), cancellationToken);
    }

    public Task<Outcome> RemoveAddressAsync(Caller caller, Guid contact, AddressKind kind, string value, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("removeAddress", contact, $"{kind} {value}"), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        var wrong = CheckAddress(kind, value, out var canonical);
        refusal ??= wrong;
        return ChangeAsync(caller, contact, refusal, grain => grain.RemoveAddressAsync(caller, key, kind, canonical, cancellationToken), cancellationToken);
    }

    /// <summary>Asks the tenant's own server again what it knows of the customer. What it answers comes to devices when it has.</summary>
    public Task<Outcome> LookUpAsync(Caller caller, Guid contact, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("lookUp", contact, ""), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        return ChangeAsync(caller, contact, refusal, grain => grain.RequestLookupAsync(caller, key, cancellationToken), cancellationToken, Services.ContextLookup);
    }

    /// <summary>A master agent or an application merges one contact into another.</summary>
    public Task<Outcome> MergeAsync(Caller caller, Guid contact, Guid other, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("merge", contact, other.ToString()), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.ContactsWrite) ?? Shape.Id(other, "contact_id");
        return ChangeAsync(
            caller,
            contact,
            refusal,
            async grain => await customers.ResolveAsync(caller.Tenant, other, cancellationToken) is { } found ? await grain.MergeAsync(caller, key, found, cancellationToken) : Contact.NotFound,
            cancellationToken);
    }

    public Task<Outcome> UnmergeAsync(Caller caller, Guid contact, Guid other, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("unmerge", contact, other.ToString()), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.ContactsWrite) ?? Shape.Id(other, "contact_id");
        return ChangeAsync(caller, contact, refusal, grain => grain.UnmergeAsync(caller, key, other, cancellationToken), cancellationToken);
    }

    /// <summary>Finds the contact that counts, and again when it was merged meanwhile.</summary>
    internal Task<Outcome> ChangeAsync(Caller caller, Guid contact, Outcome? refusal, Func<ICustomerGrain, Task<Answer>> act, CancellationToken cancellationToken, Services service = Services.None)
    {
        refusal ??= Permission.RequireAgentOr(caller, Scopes.ContactsWrite) ?? Shape.Id(contact, "contact_id");
        return admission.CommandAsync(caller, service, refusal, async () =>
        {
            for (var tries = 1; ; tries++)
            {
                if (await customers.ResolveAsync(caller.Tenant, contact, cancellationToken) is not { } found)
                {
                    return Contact.NotFound;
                }

                var answer = await act(grains.GetGrain<ICustomerGrain>(caller.Tenant.KeyOf(found)));
                if (answer != Contact.MergedMeanwhile || tries == MaxTries)
                {
                    return answer;
                }
            }
        });
    }

    static Outcome? CheckAddress(AddressKind kind, string value, out string canonical)
    {
        canonical = "";
        return Shape.Defined(kind, "kind") ?? (AddressForm.TryMake(kind, value, out canonical, out var wrong) ? null : Shape.Malformed($"value: {wrong}"));
    }
}

/// <summary>What to change of a contact; absent members stay.</summary>
public sealed record EditContact
{
    /// <summary>Empty: it has none any more.</summary>
    public string? Name { get; init; }

    /// <summary>Empty: it has none any more.</summary>
    public string? Email { get; init; }

    /// <summary>The tenant's own id for it; unique. For applications only.</summary>
    public string? Identifier { get; init; }

    /// <summary>All labels it is to have.</summary>
    public ImmutableArray<string>? Labels { get; init; }

    /// <summary>JSON texts by key; <c>null</c> takes an attribute away.</summary>
    public ImmutableSortedDictionary<string, string> CustomAttributes { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
