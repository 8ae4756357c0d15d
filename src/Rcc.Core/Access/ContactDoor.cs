using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to customers: how they come in, and what their tenant may know of them.</summary>
public sealed class ContactDoor(
    IGrainFactory grains, ICustomerStore customers, ITenantStore tenants, InboxNames inboxes, IAgentStore agents, Admission admission, NewContactRates rates, SuspendedText suspended, SealedSecrets secrets, TimeProvider clock, IOptions<AccessOptions> access, ILogger<ContactDoor> logger)
{
    const int MaxIdentifierTries = 3;
    const int MinSearchLength = 2;

    static readonly Outcome NoInbox = Decision.NotFound("inbox").ToOutcome();

    /// <summary>
    /// A customer comes in by an inbox's public token. A signed identity is checked against the inbox's secret, in constant time; a wrong or missing one where it is needed is <see cref="ErrorCode.Unauthenticated"/>,
    /// an origin that is not allowed <see cref="ErrorCode.Forbidden"/>.
    /// </summary>
    public Task<Found<CustomerSession>> BeginSessionAsync(string inboxIdentifier, NewSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var limits = access.Value;
        var refusal = SignIns.Check(session.Device, limits)
            ?? Shape.OptionalName(session.Name, "name", limits.MaxNameLength)
            ?? Shape.OptionalName(session.Identifier, "identifier", limits.MaxIdentifierLength)
            ?? (session.Email is null ? null : Shape.Email(session.Email.Trim().ToLowerInvariant(), "email", limits.MaxEmailLength));
        return admission.ReadAsync<CustomerSession>(refusal, async () =>
        {
            if (Shape.Name(inboxIdentifier, "inbox_identifier", limits.MaxIdentifierLength) is not null
                || await inboxes.FindAsync(inboxIdentifier, cancellationToken) is not { } tenant)
            {
                return NoInbox;
            }

            return await admission.ReadOfAsync<CustomerSession>(tenant, async () =>
                await tenants.FindInboxAsync(inboxIdentifier, cancellationToken) is not { } inbox ? NoInbox
                : (Inbox.RefuseOrigin(inbox.Row, session.Origin)?.ToOutcome() ?? RefuseIdentity(inbox, session)) is { } refused ? refused
                : await BeginAsync(inbox, session, cancellationToken));
        });
    }

    /// <summary>The customer ends the session of the device that calls. Answers when no node serves it any more.</summary>
    public Task<Outcome> EndSessionAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var refusal = caller.Role == Role.Customer ? null : Outcome.Refused(ErrorCode.Forbidden, "Only a customer has such a session.");
        return admission.CommandAsync(caller, refusal, () => Grain(caller.Tenant, caller.PersonId).EndAsync(caller, cancellationToken));
    }

    /// <summary>An agent or an application makes a contact. <see cref="Outcome.Id"/> names it. Whoever may say who a customer is could be let in as that customer by it: an identifier is the account's own systems' alone to give.</summary>
    public Task<Outcome> CreateAsync(Caller caller, CreateContact contact, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(contact);
        var limits = access.Value;
        var key = CommandKeys.Make(contact, AccessJson.Default.CreateContact, 0, attempt, out var refusal);
        var email = contact.Email?.Trim().ToLowerInvariant();
        var addresses = ImmutableArray.CreateBuilder<NewAddress>();
        refusal ??= (contact.Identifier is null ? Permission.RequireAgentOr(caller, Scopes.ContactsWrite) : Permission.RequireApplication(caller, Scopes.ContactsWrite))
            ?? Shape.OptionalName(contact.Name, "name", limits.MaxNameLength)
            ?? Shape.OptionalName(contact.Identifier, "identifier", limits.MaxIdentifierLength)
            ?? (email is null ? null : Shape.Email(email, "email", limits.MaxEmailLength))
            ?? contact.Addresses.Select(address => Add(address, addresses)).FirstOrDefault(wrong => wrong is not null);
        return admission.CommandAsync(caller, refusal, () => Grain(caller.Tenant, Guid.CreateVersion7()).CreateAsync(
            caller, key, new(contact.Name, email, contact.Identifier, addresses.DrainToImmutable()), cancellationToken));

        static Outcome? Add(ContactAddress address, ImmutableArray<NewAddress>.Builder addresses)
        {
            if (!AddressForm.TryMake(address.Kind, address.Value, out var canonical, out var wrong))
            {
                return Shape.Malformed($"addresses: {wrong}");
            }

            if (!addresses.Any(other => other.Kind == address.Kind && string.Equals(other.Value, canonical, StringComparison.Ordinal)))
            {
                addresses.Add(new(address.Kind, canonical, address.Verified));
            }

            return null;
        }
    }

    /// <summary>The contact as the caller may see it; of one that was merged into another, the other. What was looked up and is not as good as new any more is looked up again, without waiting for it.</summary>
    public Task<Found<ContactSheet>> FindAsync(Caller caller, Guid contact, CancellationToken cancellationToken) => FindAsync(caller, contact, null, cancellationToken);

    Task<Found<ContactSheet>> FindAsync(Caller caller, Guid contact, Outcome? refusal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<ContactSheet>(caller, Permission.RequireAgentOr(caller, Scopes.ContactsRead) ?? refusal, async () =>
        {
            if (await customers.ResolveAsync(caller.Tenant, contact, cancellationToken) is not { } found || (await ShowAsync(caller, await ViewerOfAsync(caller, cancellationToken), [found], cancellationToken)).SingleOrDefault() is not { } sheet)
            {
                return Decision.NotFound("contact").ToOutcome();
            }

            if (sheet.IsOutdated)
            {
                grains.RefreshSoon(caller.Tenant, found, logger);
            }

            return sheet;
        });
    }

    /// <summary>
    /// Contacts as the caller may see them, oldest first; those that were merged into others are not among them. With filters, those that have what they name, as far as the caller may see that they have.
    /// </summary>
    public Task<Found<Listing<ContactSheet>>> ListAsync(Caller caller, TagFilter filter, SubscriptionFilter subscribed, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(subscribed);
        var refusal = Permission.RequireAgentOr(caller, Scopes.ContactsRead)
            ?? Shape.Tags(filter)
            ?? Shape.Subscription(subscribed);
        return admission.ListAsync(caller, refusal, page, async (after, limit) =>
        {
            var viewer = await ViewerOfAsync(caller, cancellationToken);
            Tags? tags = null;
            SubscriptionQuery? subscription = null;
            if (!filter.IsEmpty || !subscribed.IsEmpty)
            {
                var settings = await customers.LoadSettingsAsync(caller.Tenant, cancellationToken);
                if (!Tags.TryMake(AttributeOwner.Contact, filter, settings.Settings, out tags) || !Disclosure.MayFindBy(settings.Disclosure, viewer, tags)
                    || !TryAsk(caller, viewer, settings.Disclosure, subscribed, out subscription))
                {
                    return [];
                }
            }

            return await FillAsync(caller, viewer, subscribed, after, limit, (from, length) => customers.ListAsync(caller.Tenant, tags, subscription, from, length, cancellationToken), cancellationToken);
        });
    }

    /// <summary>
    /// Contacts by words of their name, by the beginning of their e-mail address or an address, or by their whole identifier. What the caller may not see finds nothing: a search is a read. An address with its scheme
    /// (<c>tel:…</c>) is looked up in any form people write. With a filter, those that have such a subscription besides.
    /// </summary>
    public Task<Found<Listing<ContactSheet>>> SearchAsync(Caller caller, string? text, SubscriptionFilter subscribed, PageOf page, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(subscribed);
        var asked = text?.Trim() ?? "";
        var refusal = Permission.RequireAgentOr(caller, Scopes.ContactsRead)
            ?? (asked.Length >= MinSearchLength ? Shape.Name(asked, "q", access.Value.MaxIdentifierLength) : Shape.Malformed($"q must have {MinSearchLength} characters or more."))
            ?? Shape.Subscription(subscribed);
        return admission.ListAsync(caller, refusal, page, async (after, limit) =>
        {
            var viewer = await ViewerOfAsync(caller, cancellationToken);
            var rules = (await customers.LoadSettingsAsync(caller.Tenant, cancellationToken)).Disclosure;
            if (AddressForm.TryRead(asked, out var kind, out var address))
            {
                return Disclosure.IsDisclosed(rules, Disclosure.PathOf(kind), viewer)
                    && await customers.FindByAddressAsync(caller.Tenant, kind, address, cancellationToken) is { } owner && owner.CompareTo(after.GetValueOrDefault()) > 0
                    ? [.. Having(subscribed, await ShowAsync(caller, viewer, [owner], cancellationToken))]
                    : [];
            }

            if (!TryAsk(caller, viewer, rules, subscribed, out var subscription))
            {
                return [];
            }

            var search = Disclosure.SearchFor(rules, viewer, asked) with { Subscription = subscription };
            return await FillAsync(caller, viewer, subscribed, after, limit, (from, length) => customers.SearchAsync(caller.Tenant, search, from, length, cancellationToken), cancellationToken);
        });
    }

    /// <summary>
    /// A contact's subscriptions that the caller may see, by name; those that have ended among them until they are cleared or expire (RCC-50). Of one that was merged into another, the other's.
    /// </summary>
    public async Task<Found<SubscriptionList>> ListSubscriptionsAsync(Caller caller, Guid contact, SubscriptionFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var found = await FindAsync(caller, contact, Shape.Subscription(filter, prefix: ""), cancellationToken);
        return found.IsOk ? new SubscriptionList([.. SubscriptionsOf(found.Value, filter, clock.GetUtcNow())]) : found.Outcome;
    }

    static IEnumerable<ListedSubscription> SubscriptionsOf(ContactSheet sheet, SubscriptionFilter filter, DateTimeOffset at) =>
        Subscription.In(sheet.State.Context).Where(found => found.Subscription.Fits(filter, at)).Select(found => new ListedSubscription(found.Subscription, found.Subscription.StatusAt(at), found.Of));

    /// <summary>Those that are shown what a filter names: between finding one and reading it, it may have changed.</summary>
    IEnumerable<ContactSheet> Having(SubscriptionFilter filter, IEnumerable<ContactSheet> sheets) =>
        filter.IsEmpty ? sheets : sheets.Where(sheet => SubscriptionsOf(sheet, filter, clock.GetUtcNow()).Any());

    /// <summary>False when the caller may see no subscription that a filter names.</summary>
    bool TryAsk(Caller caller, Viewer viewer, DisclosureRecord rules, SubscriptionFilter filter, out SubscriptionQuery? query)
    {
        query = filter.IsEmpty ? null : Disclosure.SubscriptionsFor(rules, viewer, caller.PersonId, filter, clock.GetUtcNow());
        return filter.IsEmpty || query is not null;
    }

    /// <summary>What a page finds was judged before; only what is erased or changes between finding and reading it leaves a place, and then it is asked on until the page is full.</summary>
    async Task<IReadOnlyList<ContactSheet>> FillAsync(
        Caller caller, Viewer viewer, SubscriptionFilter subscribed, Guid? after, int limit, Func<Guid?, int, Task<IReadOnlyList<Guid>>> find, CancellationToken cancellationToken)
    {
        IReadOnlyList<Guid> found;
        List<ContactSheet> sheets = [];
        do
        {
            found = await find(after, limit);
            sheets.AddRange(Having(subscribed, await ShowAsync(caller, viewer, found, cancellationToken)));
            after = found.Count == 0 ? after : found[^1];
        }
        while (found.Count == limit && sheets.Count < limit);
        return [.. sheets.Take(limit)];
    }

    Outcome? RefuseIdentity(InboxSnapshot inbox, NewSession session)
    {
        if (session.Identifier is null)
        {
            return inbox.Row.HmacMandatory ? Outcome.Refused(ErrorCode.Unauthenticated, "The inbox needs identifier and identifier_hash.") : null;
        }

        // An unsigned identifier would let anybody be anybody.
        var good = inbox.Secret.Open(secrets, inbox.Tenant, inbox.Row.Id, clock.GetUtcNow());
        if (good.Count == 0)
        {
            return Outcome.Refused(ErrorCode.SecretLost, "The inbox's identity secret cannot be opened with this server's keys: it must be rotated.");
        }

        var identifier = Encoding.UTF8.GetBytes(session.Identifier);
        var given = new byte[HMACSHA256.HashSizeInBytes];
        return Convert.FromHexString(session.IdentifierHash ?? "", given, out _, out var length) == OperationStatus.Done
            && good.Any(secret => CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, identifier), given.AsSpan(0, length)))
            ? null
            : Outcome.Refused(ErrorCode.Unauthenticated, "identifier_hash is not the identifier's HMAC-SHA256.");
    }

    /// <summary>The caller, as one who serves nobody.</summary>
    async Task<Viewer> ViewerOfAsync(Caller caller, CancellationToken cancellationToken) =>
        new(caller.Role, await agents.FindGroupOfAsync(caller, cancellationToken), Serves: false);

    async Task<IReadOnlyList<ContactSheet>> ShowAsync(Caller caller, Viewer anyone, IReadOnlyCollection<Guid> contacts, CancellationToken cancellationToken)
    {
        if (contacts.Count == 0)
        {
            return [];
        }

        var now = clock.GetUtcNow();
        return
        [
            .. from dossier in await customers.LoadAsync(caller.Tenant, contacts, cancellationToken)
               where dossier.Record.ErasedAt is null
               let viewer = anyone with { Serves = dossier.Serving.Any(agent => agent.Id == caller.PersonId) }
               let current = Contact.AsOf(dossier, now)
               select new ContactSheet(dossier.Id, Disclosure.Show(current, viewer), Disclosure.ShowVolatile(current, viewer).Context, [.. dossier.Merged.Select(merged => merged.Id)])
               {
                   IsOutdated = dossier.IsLookedUp && !(dossier.FreshUntil > now),
               },
        ];
    }

    ICustomerGrain Grain(TenantId tenant, Guid contact) => grains.GetGrain<ICustomerGrain>(tenant.KeyOf(contact));

    async Task<Found<CustomerSession>> BeginAsync(InboxSnapshot inbox, NewSession session, CancellationToken cancellationToken)
    {
        var identity = session.Identifier is { } identifier ? new VerifiedIdentity(identifier) : null;
        for (var tries = 1; ; tries++)
        {
            var known = identity is null ? null : await customers.FindByIdentifierAsync(inbox.Tenant, identity.Identifier, cancellationToken);
            if (known is null && inbox.Row.IsArchived)
            {
                // A customer who is known may go on with what it has open.
                return Inbox.Archived.ToOutcome();
            }

            // Whom the account has signed, it vouches for.
            if (identity is null && rates.Refuse(inbox.Tenant) is { } tooMany)
            {
                return tooMany;
            }

            var contact = known?.Id ?? Guid.CreateVersion7();
            var device = SignIns.NewDevice(session.Device, clock);
            var answer = await Grain(inbox.Tenant, contact).BeginAsync(
                inbox.Row.Id, identity, session.Name, session.Email?.Trim().ToLowerInvariant(), device, cancellationToken);
            if (answer.IsOk)
            {
                return new CustomerSession(inbox.Tenant, contact, device.DeviceId);
            }

            // Another device of the same new customer was faster: the contact exists now.
            if (answer.Code != ErrorCode.Taken || identity is null || tries == MaxIdentifierTries)
            {
                return await suspended.PutIntoAsync(answer.ToOutcome(), inbox.Tenant, cancellationToken);
            }
        }
    }
}

/// <summary>What a customer comes in with.</summary>
public sealed record NewSession
{
    /// <summary>The tenant's own id for the customer; absent: anonymous.</summary>
    public string? Identifier { get; init; }

    /// <summary>Lower- or upper-case hex HMAC-SHA256 of the UTF-8 <see cref="Identifier"/> with the inbox's identity secret as key.</summary>
    public string? IdentifierHash { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    /// <summary>The <c>Origin</c> header of a browser; absent: no browser.</summary>
    public string? Origin { get; init; }

    public required SigningIn Device { get; init; }
}

/// <summary>A customer's new session.</summary>
public sealed record CustomerSession(TenantId Tenant, Guid ContactId, Guid DeviceId);

/// <summary>A contact to make.</summary>
public sealed record CreateContact
{
    public string? Name { get; init; }

    public string? Email { get; init; }

    /// <summary>The tenant's own id for it; unique.</summary>
    public string? Identifier { get; init; }

    public IReadOnlyList<ContactAddress> Addresses { get; init; } = [];
}

/// <summary>A contact as somebody may see it.</summary>
/// <param name="Id">The contact that counts.</param>
/// <param name="State">What is durable.</param>
/// <param name="Volatile">Volatile context, one value for each name.</param>
/// <param name="Merged">The contacts that were merged into it.</param>
public sealed record ContactSheet(Guid Id, ContactState State, IReadOnlyList<ContextValue> Volatile, ImmutableArray<Guid> Merged)
{
    /// <summary>What was looked up is not as good as new any more.</summary>
    public bool IsOutdated { get; init; }
}

/// <summary>Subscriptions of a contact as somebody may see them.</summary>
public sealed record SubscriptionList(ImmutableArray<ListedSubscription> Subscriptions);

/// <summary>A subscription, how it stands now, and the context information that says so.</summary>
public sealed record ListedSubscription(Subscription Subscription, SubscriptionStatus Status, ContextValue Of);
