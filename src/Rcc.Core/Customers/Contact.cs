using System.Collections.Immutable;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>
/// The rules of one customer. Pure. The customer itself says its name and e-mail address when it comes in. Agents change what is kept of it while they serve it; master agents and applications at any time.
/// A contact that was merged into another is changed there, by the other's name.
/// </summary>
public static class Contact
{
    /// <summary>A session begins. What the customer says of itself is taken over where it says something. It goes on with a merged contact as before: its conversations are that one's. <paramref name="devices"/> are the devices it has, the one that signed in first first, which makes room.</summary>
    public static Decision<Dossier> Begin(
        Guid id, Dossier? now, Guid inbox, VerifiedIdentity? identity, string? name, string? email, NewDevice device, IReadOnlyList<DeviceSnapshot> devices, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(options);
        if (now?.Record.ErasedAt is not null)
        {
            // Its identifier is nobody's now: it comes in as somebody new.
            return Answer.Refused(ErrorCode.Taken, "The contact was erased.");
        }

        if (now is not null && (identity is null || !string.Equals(now.Record.Identifier, identity.Identifier, StringComparison.Ordinal)))
        {
            return Answer.Refused(ErrorCode.Conflict, "The customer has another identity.");
        }

        var next = now ?? New(id, identity?.Identifier, device.At);
        next = next with { Record = next.Record with { Name = name ?? next.Record.Name, Email = email ?? next.Record.Email } };
        var decision = ContactChange.Between(now, next);
        var signedOut = devices.Take(Math.Max(0, devices.Count + 1 - options.MaxDevices));
        return Decision.Accept(decision.Next!, signedOut.Aggregate(decision.Change!.WithSignedIn(id, Role.Customer, device, inbox), (sum, old) => sum.WithSignedOut(id, old, device.At)));
    }

    public static Decision<Dossier> Create(Guid id, Dossier? now, NewContact contact, DateTimeOffset at, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(contact);
        ArgumentNullException.ThrowIfNull(options);
        if (now is not null)
        {
            return Answer.Refused(ErrorCode.Taken, "Another contact has this id.");
        }

        if (contact.Addresses.Length > options.MaxAddresses)
        {
            return TooManyAddresses(contact.Addresses.Length, options);
        }

        var next = New(id, contact.Identifier, at);
        return ContactChange.Between(null, next with
        {
            Record = next.Record with
            {
                Name = contact.Name,
                Email = contact.Email,
                Addresses = [.. contact.Addresses.Select(address => new ContactAddress(address.Kind, address.Value, address.Verified))],
            },
        });
    }

    /// <summary>Ends a session; <paramref name="device"/> null: it has ended already.</summary>
    public static Decision<Dossier> End(Dossier? now, DeviceSnapshot? device, DateTimeOffset at)
    {
        if (now is null)
        {
            return NotFound;
        }

        return device is null ? Decision.NotFound("device") : Decision.Accept(now, new Proposal().WithSignedOut(now.Id, device, at));
    }

    /// <summary>Erases everything that says who the customer is, in all that was merged into it. That it was merged stays: its conversations are one customer's still.</summary>
    public static Decision<Dossier> Erase(Dossier? now, DateTimeOffset at)
    {
        if (now is null)
        {
            return NotFound;
        }

        if (now.Record.MergedInto is not null)
        {
            return MergedMeanwhile;
        }

        if (now.Record.ErasedAt is not null)
        {
            return ContactChange.Between(now, now);
        }

        return now.OpenConversations.IsEmpty
            ? ContactChange.Between(
                now,
                now.InAll(record => new() { CreatedAt = record.CreatedAt, Merged = record.Merged, MergedInto = record.MergedInto, ErasedAt = at }) with { Volatile = [] },
                act: new("contact", now.Id, "erase"))
            : Answer.Refused(ErrorCode.Conflict, $"The customer has {now.OpenConversations.Length} open conversations; they must be resolved first.");
    }

    /// <summary>Ends sessions of an erased customer, or of what was merged into it, and forgets what their devices were called. <see cref="Settled"/> when that is done.</summary>
    public static Decision<Dossier> ForgetDevices(Dossier? now, IEnumerable<(Guid Person, StoredItem Device)> devices, DateTimeOffset at)
    {
        var change = devices.Aggregate(new Proposal(), (sum, device) => sum.WithForgotten(device.Person, device.Device, at));
        return now is null || change.Items.IsEmpty ? Settled : Decision.Accept(now, change);
    }

    /// <summary>Empties the volatile context of what was merged into an erased customer; its own was in its state. <see cref="Settled"/> when that is done.</summary>
    public static Decision<Dossier> ForgetVolatile(Dossier? now, IEnumerable<StoredItem> merged)
    {
        var items = merged.Where(item => !VolatileRecord.OfJson(item.State.AsSpan()).Context.IsEmpty)
            .Select(item => new ItemChange(item.Key, item.Revision + 1, [.. new VolatileRecord().ToJson()], Audience.OfNobody, [])).ToImmutableArray();
        return now is null || items.IsEmpty ? Settled : Decision.Accept(now, new() { Items = items });
    }

    /// <summary>Changes what is kept of the customer.</summary>
    public static Decision<Dossier> Edit(Dossier? now, Caller caller, ContactEdit edit, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(edit);
        ArgumentNullException.ThrowIfNull(options);
        if (RefuseChange(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (AttributeValue.Refuse(edit.CustomAttributes.Select(value => KeyValuePair.Create(value.Key, value.Json)), AttributeOwner.Contact, now!.Rules.Settings, options.MaxAttributeBytes) is { } wrong)
        {
            return Answer.Refused(ErrorCode.Malformed, wrong);
        }

        if (edit.Labels is { } labels && labels.FirstOrDefault(label => !now.Rules.Settings.Labels.Any(known => string.Equals(known.Name, label, StringComparison.Ordinal))) is { } unknown)
        {
            return Answer.Refused(ErrorCode.Malformed, $"The account has no label {unknown}.");
        }

        // What is taken away is gone, whoever it came with: else that of a merged contact would come forth.
        var next = now.InAll(record => record with { Name = edit.Name is "" ? null : record.Name, Email = edit.Email is "" ? null : record.Email });
        next = next with
        {
            Record = next.Record with
            {
                Name = edit.Name is { Length: > 0 } name ? name : next.Record.Name,
                Email = edit.Email is { Length: > 0 } email ? email : next.Record.Email,
                Identifier = edit.Identifier ?? next.Record.Identifier,
            },
        };
        foreach (var (key, json) in edit.CustomAttributes)
        {
            next = string.Equals(json, "null", StringComparison.Ordinal)
                ? next.InAll(record => record with { CustomAttributes = record.CustomAttributes.Remove(key) })
                : next with { Record = next.Record with { CustomAttributes = next.Record.CustomAttributes.SetItem(key, json) } };
        }

        if (edit.Labels is { } given)
        {
            next = next.InAll(record => record with { Labels = record.Labels.RemoveAll(label => !given.Contains(label, StringComparer.Ordinal)) });
            next = next with { Record = next.Record with { Labels = [.. given.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] } };
        }

        return ContactChange.Between(now, next);
    }

    /// <summary>Adds an address, or says that one that is there has been verified. <see cref="ErrorCode.Taken"/> when another customer has it: the store knows.</summary>
    public static Decision<Dossier> PutAddress(Dossier? now, Caller caller, AddressKind kind, string value, bool? verified, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (RefuseChange(now, caller) is { } refusal)
        {
            return refusal;
        }

        var all = now!.Combined.Addresses;
        if (all.Any(address => Is(address, kind, value)))
        {
            return ContactChange.Between(now, now.InAll(record => record with
            {
                Addresses = [.. record.Addresses.Select(address => Is(address, kind, value) ? address with { Verified = verified ?? address.Verified } : address)],
            }));
        }

        return all.Length >= options.MaxAddresses
            ? TooManyAddresses(all.Length + 1, options)
            : ContactChange.Between(now, now with { Record = now.Record with { Addresses = now.Record.Addresses.Add(new(kind, value, verified ?? false)) } });
    }

    /// <summary>Takes an address away, whoever it came with.</summary>
    public static Decision<Dossier> RemoveAddress(Dossier? now, Caller caller, AddressKind kind, string value)
    {
        if (RefuseChange(now, caller) is { } refusal)
        {
            return refusal;
        }

        return now!.Combined.Addresses.Any(address => Is(address, kind, value))
            ? ContactChange.Between(now, now.InAll(record => record with { Addresses = record.Addresses.RemoveAll(address => Is(address, kind, value)) }))
            : Decision.NotFound("address");
    }

    /// <summary>Sets a piece of context information. One source says one thing of a name, durable or not.</summary>
    public static Decision<Dossier> SetContext(Dossier? now, Caller caller, NewContext context, DateTimeOffset at, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        if (RefuseChange(now, caller) is { } refusal)
        {
            return refusal;
        }

        if (context.ConversationId is { } cause && !now!.OpenConversations.Contains(cause))
        {
            return Answer.Refused(ErrorCode.Conflict, "The customer has no such open conversation.");
        }

        var (durable, fleeting) = ContextInformation.Set(now!.Record.Context, now.Volatile, context.ToEntry(caller.PersonId, at, options), context.IsVolatile);
        var next = now with { Volatile = fleeting, Record = now.Record with { Context = durable } };
        return ContextInformationLimits.Refuse([.. next.Volatile, .. next.Combined.Context], options) is { } tooMuch ? tooMuch : ContactChange.Between(now, next);
    }

    /// <summary>Takes away what a source says of a name, whoever it came with; without <paramref name="source"/>: what all do.</summary>
    public static Decision<Dossier> ClearContext(Dossier? now, Caller caller, string name, ContextSource? source) =>
        RefuseChange(now, caller) is { } refusal ? refusal : ContactChange.Between(now, WithoutContext(now!, name, source));

    /// <summary>Asks that context be looked up again: the contact is due for it.</summary>
    public static Decision<Dossier> RequestLookup(Dossier? now, Caller caller, DateTimeOffset at) =>
        RefuseChange(now, caller) is { } refusal ? refusal : ContactChange.Between(now, now!, looksUpAt: at);

    /// <summary>Asks for a lookup when what was looked up is not as good as new any more; <see cref="Settled"/> when it is, or there is nowhere to look.</summary>
    public static Decision<Dossier> Refresh(Dossier? now, DateTimeOffset at) =>
        now is { IsLookedUp: true } && !(now.FreshUntil > at) ? ContactChange.Between(now, now, looksUpAt: at) : Settled;

    /// <summary>
    /// Takes what a lookup found in the place of what the last one found there. After one that failed, or found more than there may be, what was found before stays, and says that nobody confirms it any more. What was
    /// found elsewhere is as it was.
    /// </summary>
    public static Decision<Dossier> TakeLookup(Dossier? now, LookupOrigin origin, LookupResult result, DateTimeOffset at, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null or { Record.ErasedAt: not null })
        {
            return NotFound;
        }

        if (now.Record.MergedInto is not null)
        {
            return MergedMeanwhile;
        }

        var (record, until, read) = (now.Record, FreshUntil(result, at, options), now.Record.Profile?.Document);
        if (result.IsUnchanged)
        {
            // Of what was taken away meanwhile it says nothing: then it is read again, whole.
            return ContactChange.Between(now, result.Document == read
                ? With(ContextInformation.Confirmed(record.Context, origin), until, read)
                : With(record.Context, at, null));
        }

        var next = With(ContextInformation.LookedUp(record.Context, origin, result.Found, at), until, result.Document);
        var isTaken = result.Failure is null && ContextInformationLimits.Refuse([.. next.Volatile, .. next.Combined.Context], options) is null;
        return ContactChange.Between(now, isTaken ? next : With(ContextInformation.NotLookedUp(record.Context, origin, at), until, read));

        Dossier With(ImmutableArray<ContextEntry> context, DateTimeOffset freshUntil, DocumentVersion? document) => now with { Record = record.LookedUp(origin, context, freshUntil, document) };
    }

    /// <summary>As long as everything that was found says it counts, within what the options say.</summary>
    static DateTimeOffset FreshUntil(LookupResult result, DateTimeOffset at, CustomerOptions options)
    {
        var shortest = result.Found.Min(found => found.Lifetime) is { } lifetime && lifetime < options.LookupRefresh ? lifetime : options.LookupRefresh;
        return at + (shortest < options.LookupRetry ? options.LookupRetry : shortest);
    }

    /// <summary>
    /// Drops what has expired or lost its cause, and shows each agent who serves the customer what it may see. <see cref="Settled"/> when everything is as it should be.
    /// </summary>
    public static Decision<Dossier> Look(Dossier? now, DateTimeOffset at)
    {
        if (now is null)
        {
            return Settled;
        }

        var decision = ContactChange.Between(now, AsOf(now, at));
        return decision.Change is { Items.IsEmpty: true, Departures.IsEmpty: true } ? Settled : decision;
    }

    /// <summary>The contact without what has expired or lost its cause.</summary>
    public static Dossier AsOf(Dossier now, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(now);
        var next = now.InAll(record => record with { Context = ContextInformation.Current(record.Context, at, now.OpenConversations, now.Refreshed) });
        return next with { Volatile = ContextInformation.Current(now.Volatile, at, now.OpenConversations, []) };
    }

    /// <summary>There was nothing to do.</summary>
    public static Answer Settled { get; } = Answer.Refused(ErrorCode.Conflict, "There is nothing to do.");

    internal static Answer NotFound => Decision.NotFound("contact");

    /// <summary>Whether the caller may change the contact; null when it may.</summary>
    internal static Answer? RefuseChange(Dossier? now, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null or { Record.ErasedAt: not null })
        {
            return NotFound;
        }

        if (now.Record.MergedInto is not null)
        {
            return MergedMeanwhile;
        }

        return caller.IsManager || caller.Role == Role.Application || (caller.Role == Role.Agent && now.Serving.Any(agent => agent.Id == caller.PersonId))
            ? null
            : Answer.Refused(ErrorCode.Forbidden, "Only an agent who serves the customer may do this.");
    }

    /// <summary>The contact was merged since the caller looked it up.</summary>
    internal static Answer MergedMeanwhile { get; } = Answer.Refused(ErrorCode.Conflict, "The contact was merged into another meanwhile.");

    static Dossier New(Guid id, string? identifier, DateTimeOffset at) => new() { Id = id, Record = new() { Identifier = identifier, CreatedAt = at } };

    static Dossier WithoutContext(Dossier now, string name, ContextSource? source) =>
        (now with { Volatile = ContextInformation.Clear(now.Volatile, name, source) }).InAll(record => record.Without(name, source));

    static bool Is(ContactAddress address, AddressKind kind, string value) => address.Kind == kind && string.Equals(address.Value, value, StringComparison.Ordinal);

    static Answer TooManyAddresses(int count, CustomerOptions options) =>
        Answer.Refused(ErrorCode.TooLarge, $"The contact would have {count} addresses; MaxAddresses is {options.MaxAddresses}.");
}
