using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>The rules of what a tenant defines for all its contacts: labels, attributes, disclosure. Pure. What a definition allowed stays with the contacts when it is taken away, unseen, and is seen again when it comes back.</summary>
public static class ContactSettings
{
    const string Attribute = "custom_attribute_definition";

    public static Decision<ContactSettingsSnapshot> PutLabel(TenantId tenant, ContactSettingsSnapshot? now, LabelEdit label, bool mustBeNew, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(options);
        now ??= new();
        var old = FindLabel(now, label.Name);
        if (Refuse(old is not null, mustBeNew, "label", now.Settings.Labels.Count, nameof(CustomerOptions.MaxLabels), options.MaxLabels) is { } refusal)
        {
            return refusal;
        }

        return Change(tenant, now, now with
        {
            Settings = now.Settings with
            {
                Labels = [.. now.Settings.Labels.Where(known => known != old).Append(new(label.Name, label.Color ?? old!.Color, label.Description ?? old?.Description)).OrderBy(known => known.Name, StringComparer.Ordinal)],
            },
        }, Of(tenant, "label", label.Name, old is null, ActChanges.Of("color", old?.Color, label.Color ?? old?.Color).And("description", old?.Description, label.Description ?? old?.Description)));
    }

    public static Decision<ContactSettingsSnapshot> RemoveLabel(TenantId tenant, ContactSettingsSnapshot? now, string name) =>
        now is not null && FindLabel(now, name) is { } old
            ? Change(tenant, now, now with { Settings = now.Settings with { Labels = [.. now.Settings.Labels.Where(known => known != old)] } }, new("label", tenant.Value, "delete", Act.Of(("title", name))))
            : Decision.NotFound("label");

    public static Decision<ContactSettingsSnapshot> PutAttribute(TenantId tenant, ContactSettingsSnapshot? now, AttributeEdit definition, bool mustBeNew, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(options);
        now ??= new();
        var old = Find(now, definition.Of, definition.Key);
        if (Refuse(old is not null, mustBeNew, "custom attribute", now.Settings.CustomAttributes.Count, nameof(CustomerOptions.MaxAttributeDefinitions), options.MaxAttributeDefinitions) is { } refusal)
        {
            return refusal;
        }

        var type = old?.Type ?? definition.Type;
        var values = definition.Values ?? [.. old?.Values ?? []];
        if (type == AttributeType.List ? values.IsEmpty : !values.IsEmpty)
        {
            return Answer.Refused(ErrorCode.Malformed, "A list has values, and nothing else has.");
        }

        var next = new AttributeDefinition { Key = definition.Key, Of = definition.Of, Type = type, DisplayName = definition.DisplayName ?? old?.DisplayName ?? definition.Key, Values = values };
        return Change(tenant, now, now with
        {
            Settings = now.Settings with
            {
                CustomAttributes = [.. now.Settings.CustomAttributes.Where(known => known != old).Append(next).OrderBy(known => known.Of).ThenBy(known => known.Key, StringComparer.Ordinal)],
            },
        }, new(Attribute, tenant.Value, old is null ? "create" : "update", Act.Of(("key", definition.Key), ("model", Word(definition.Of)))) { Changes = ActChanges.Of(old, next, ContractJson.Default.AttributeDefinition).ToImmutable() });
    }

    public static Decision<ContactSettingsSnapshot> RemoveAttribute(TenantId tenant, ContactSettingsSnapshot? now, AttributeOwner of, string key) =>
        now is not null && Find(now, of, key) is { } old
            ? Change(tenant, now, now with { Settings = now.Settings with { CustomAttributes = [.. now.Settings.CustomAttributes.Where(known => known != old)] } }, new(Attribute, tenant.Value, "delete", Act.Of(("key", key), ("model", Word(of)))))
            : Decision.NotFound("custom attribute");

    /// <summary>Puts all rules of disclosure in the place of those there are.</summary>
    public static Decision<ContactSettingsSnapshot> SetDisclosure(TenantId tenant, ContactSettingsSnapshot? now, ImmutableArray<DisclosureRule> rules, CustomerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        now ??= new();
        return rules.Length > options.MaxDisclosureRules
            ? Answer.Refused(ErrorCode.TooLarge, $"There would be {rules.Length} rules; MaxDisclosureRules is {options.MaxDisclosureRules}.")
            : Change(tenant, now, now with { Disclosure = new() { Rules = rules } }, new("disclosure_rules", tenant.Value, "update") { Changes = ActChanges.None.And("rules", now.Disclosure.Rules.Select(Tell), rules.Select(Tell)).ToImmutable() });
    }

    /// <summary>A rule in a line: <c>custom.tier hide agent</c>, <c>context.geopriv:location allow civic=city radius=1000</c>.</summary>
    static string Tell(DisclosureRule rule) => string.Join(' ', new[]
    {
        rule.Pattern, JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.Handling.ToString()), rule.Role is { } role ? JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString()) : null, rule.GroupId?.ToString(),
        rule.ProvideLocation?.Civic is { } level ? $"civic={JsonNamingPolicy.SnakeCaseLower.ConvertName(level.ToString())}" : null, rule.ProvideLocation?.Radius is { } radius ? $"radius={radius}" : null,
    }.OfType<string>());

    /// <summary>What is defined has a name and no id of its own: the act is about the account.</summary>
    static Act Of(TenantId tenant, string type, string name, bool isNew, ActChanges changes) =>
        new(type, tenant.Value, isNew ? "create" : "update", Act.Of(("title", name))) { Changes = changes.ToImmutable() };

    static string Word(AttributeOwner of) => of == AttributeOwner.Contact ? "contact" : "conversation";

    /// <summary>Says where context information is looked up. The secret that signs the questions stays, unless there is none or <paramref name="rotates"/>; then it is <paramref name="newSecret"/>.</summary>
    public static Decision<ContactSettingsSnapshot> SetLookup(TenantId tenant, ContactSettingsSnapshot? now, string url, ImmutableArray<byte> newSecret, bool rotates)
    {
        now ??= new();
        var isNew = rotates || now.Lookup.Secret.IsEmpty;
        return Change(tenant, now, now with { Lookup = now.Lookup with { Url = url, Secret = isNew ? newSecret : now.Lookup.Secret } }, new("context_lookup", tenant.Value, "update")
        {
            Changes = ActChanges.Of("url", now.Lookup.Url, url).AndUnseen("secret", isNew).ToImmutable(),
        });
    }

    public static Decision<ContactSettingsSnapshot> RemoveLookup(TenantId tenant, ContactSettingsSnapshot? now) =>
        Change(tenant, now ??= new(), now with { Lookup = now.Lookup with { Url = null, Secret = [] } }, new("context_lookup", tenant.Value, "delete"));

    /// <summary>Says where customers' profiles are looked up. Without a password the one before is kept, if server and user are the same.</summary>
    public static Decision<ContactSettingsSnapshot> SetProfileLookup(TenantId tenant, ContactSettingsSnapshot? now, ProfileServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        now ??= new();
        var before = now.Lookup.Profile;
        if (server is { Username: not null, Password.IsEmpty: true })
        {
            if (!server.HasPasswordOf(before))
            {
                return Answer.Refused(ErrorCode.Malformed, "password is missing.");
            }

            server = server with { Password = before!.Password };
        }

        return Change(tenant, now, now with { Lookup = now.Lookup with { Profile = server } }, new("profile_lookup", tenant.Value, "update")
        {
            Changes = ActChanges.Of("xcap_root", before?.Root, server.Root).And("username", before?.Username, server.Username).And("asserted_identity", before?.AssertedIdentity, server.AssertedIdentity)
                .AndUnseen("password", !(before?.Password ?? []).SequenceEqual(server.Password)).ToImmutable(),
        });
    }

    public static Decision<ContactSettingsSnapshot> RemoveProfileLookup(TenantId tenant, ContactSettingsSnapshot? now) =>
        Change(tenant, now ??= new(), now with { Lookup = now.Lookup with { Profile = null } }, new("profile_lookup", tenant.Value, "delete"));

    static AttributeDefinition? Find(ContactSettingsSnapshot now, AttributeOwner of, string key) => now.Settings.CustomAttributes.FirstOrDefault(known => known.Of == of && string.Equals(known.Key, key, StringComparison.Ordinal));

    static LabelDefinition? FindLabel(ContactSettingsSnapshot now, string name) => now.Settings.Labels.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.Ordinal));

    static Answer? Refuse(bool exists, bool mustBeNew, string what, int count, string limit, int max)
    {
        if (mustBeNew == exists)
        {
            return exists ? Answer.Refused(ErrorCode.Taken, $"There is a {what} of this name.") : Decision.NotFound(what);
        }

        return mustBeNew && count >= max ? Answer.Refused(ErrorCode.TooLarge, $"The account has {count}; {limit} is {max}.") : null;
    }

    static Decision<ContactSettingsSnapshot> Change(TenantId tenant, ContactSettingsSnapshot now, ContactSettingsSnapshot next, Act act)
    {
        var items = ImmutableArray.CreateBuilder<ItemChange>();
        var home = Audience.OfAgents(tenant);
        var revision = Add(new(ItemKind.ContactSettings, tenant.Value), now.Revision, Bytes(now), Bytes(next), home, [home]);
        var rules = Add(DisclosureKey, now.DisclosureRevision, now.Disclosure.ToJson(), next.Disclosure.ToJson(), Audience.OfNobody, []);
        var lookup = Add(LookupKey, now.LookupRevision, now.Lookup.ToJson(), next.Lookup.ToJson(), Audience.OfNobody, []);
        var isChanged = items.Count > 0;
        var showsOther = revision != now.Revision || rules != now.DisclosureRevision;
        return Decision.Accept(next with { Revision = revision, DisclosureRevision = rules, LookupRevision = lookup }, new()
        {
            Answer = Answer.Done with { Id = tenant.Value, Revision = Math.Max(Math.Max(revision, rules), lookup) },
            Fences = isChanged ? [] : [new(new(ItemKind.ContactSettings, tenant.Value), revision), new(DisclosureKey, rules), new(LookupKey, lookup)],
            Act = isChanged ? act : null,

            // Everybody who serves a customer may see more now, or less.
            Rows = showsOther ? [new ContactSettingsRow()] : [],
            Items = items.DrainToImmutable(),
        });

        int Add(ItemKey key, int at, byte[] before, byte[] after, Audience readBy, ImmutableArray<Audience> tell)
        {
            if (before.AsSpan().SequenceEqual(after))
            {
                return at;
            }

            items.Add(new(key, at + 1, ImmutableArray.Create(after), readBy, tell));
            return at + 1;
        }
    }

    internal static ItemKey DisclosureKey => new(ItemKind.Disclosure, Guid.Empty);

    static ItemKey LookupKey => new(ItemKind.ContextLookup, Guid.Empty);

    static byte[] Bytes(ContactSettingsSnapshot settings) => JsonSerializer.SerializeToUtf8Bytes(settings.Settings, ContractJson.Default.ContactSettingsState);
}

/// <summary>What a tenant has defined for its contacts, as stored.</summary>
public sealed record ContactSettingsSnapshot
{
    public int Revision { get; init; }

    public ContactSettingsState Settings { get; init; } = new();

    public int DisclosureRevision { get; init; }

    public DisclosureRecord Disclosure { get; init; } = new();

    public int LookupRevision { get; init; }

    public LookupRecord Lookup { get; init; } = new();
}
