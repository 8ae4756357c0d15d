using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Npgsql;
using Rcc.Contracts;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Postgres.Customers;

/// <summary>Reads of customers.</summary>
public sealed class CustomerStore(Database database) : ICustomerStore
{
    /// <summary>A search looks at no more matches of one kind than these; a longer text finds the rest.</summary>
    const int MaxMatches = 2_000;

    /// <summary>Of several words of a name, the first looks at no more uses than these for the others.</summary>
    const int MaxWords = 20_000;

    const string Columns = "SELECT c.id, c.name, c.email, c.identifier, c.created_at, c.merged_into FROM contact c";

    /// <summary>What holds for all contacts.</summary>
    const string Settings =
        """

        SELECT NULL::uuid, i.kind, i.id, i.sub, i.revision, i.state
        FROM (VALUES (54::smallint, $1), ((-55)::smallint, '00000000-0000-0000-0000-000000000000'::uuid), ((-56)::smallint, '00000000-0000-0000-0000-000000000000'::uuid)) AS k(kind, id)
        CROSS JOIN LATERAL (SELECT * FROM item x WHERE x.tenant = $1 AND x.kind = k.kind AND x.id = k.id AND x.sub = '00000000-0000-0000-0000-000000000000' LIMIT 1) i
        """;

    public Task<ContactSnapshot?> FindAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) =>
        database.FindAsync(Columns + " WHERE c.tenant = $1 AND c.id = $2 AND NOT c.erased", Read, [Database.Of(tenant), Database.Of(contact)], cancellationToken);

    public Task<ContactSnapshot?> FindByIdentifierAsync(TenantId tenant, string identifier, CancellationToken cancellationToken) =>
        database.FindAsync(Columns + " WHERE c.tenant = $1 AND c.identifier = $2", Read, [Database.Of(tenant), Database.Of(identifier)], cancellationToken);

    public Task<Guid?> ResolveAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) =>
        FindIdAsync("SELECT contact_root($1, $2)", [Database.Of(tenant), Database.Of(contact)], cancellationToken);

    public Task<Guid?> FindByAddressAsync(TenantId tenant, AddressKind kind, string value, CancellationToken cancellationToken) => FindIdAsync(
        "SELECT contact_root($1, a.contact) FROM contact_address a WHERE a.tenant = $1 AND a.kind = $2 AND a.value = $3",
        [Database.Of(tenant), Database.Of((short)kind), Database.Of(value)], cancellationToken);

    public async Task<IReadOnlyList<Dossier>> LoadAsync(TenantId tenant, IReadOnlyCollection<Guid> contacts, CancellationToken cancellationToken)
    {
        // Records of the contact and of all that was merged into it; then its own volatile record and what its agents see; then what holds for all contacts.
        const string Items =
            """
            SELECT r.contact, i.kind, i.id, i.sub, i.revision, i.state
            FROM unnest($2) AS r(contact) CROSS JOIN LATERAL contact_family($1, r.contact) AS f(id)
            CROSS JOIN LATERAL (SELECT * FROM item x WHERE x.tenant = $1 AND x.kind = -50 AND x.id = f.id AND x.sub = '00000000-0000-0000-0000-000000000000' LIMIT 1) i
            UNION ALL
            SELECT r.contact, i.kind, i.id, i.sub, i.revision, i.state
            FROM unnest($2) AS r(contact) CROSS JOIN unnest('{-51,52,53}'::smallint[]) AS k(kind)
            CROSS JOIN LATERAL (SELECT x.kind, x.id, x.sub, x.revision, item_state(x) AS state FROM item x WHERE x.tenant = $1 AND x.kind = k.kind AND x.id = r.contact OFFSET 0) i
            UNION ALL
            """ + Settings;
        const string Serving =
            """
            SELECT r.contact, c.id, a.id, a.role, a.group_id
            FROM unnest($2) AS r(contact) CROSS JOIN LATERAL contact_family($1, r.contact) AS f(id)
            CROSS JOIN LATERAL (SELECT x.id FROM conversation x WHERE x.tenant = $1 AND x.contact = f.id AND x.status <> 1 OFFSET 0) c
            LEFT JOIN LATERAL (
                SELECT x.id, x.role, x.group_id
                FROM participant p CROSS JOIN LATERAL (SELECT * FROM agent y WHERE y.tenant = $1 AND y.id = p.person LIMIT 1) x
                WHERE p.tenant = $1 AND p.conversation = c.id AND p.is_agent AND NOT p.has_left OFFSET 0) a ON true
            """;
        NpgsqlParameter[] Parameters() => [Database.Of(tenant), Database.Of(contacts.ToArray())];
        var serving = await database.ListAsync(Serving, ServingRow.Read, Parameters(), cancellationToken);
        var items = await database.ListAsync(Items, ItemRow.Read, Parameters(), cancellationToken);
        var rules = SettingsOf(items.Where(row => row.Contact is null).Select(row => row.Item));
        var byContact = items.ToLookup(row => row.Contact, row => row.Item);
        var servingOf = serving.ToLookup(row => row.Contact);
        return [.. contacts.Select(contact => Assemble(contact, [.. byContact[contact]], [.. servingOf[contact]], rules)).OfType<Dossier>()];
    }

    public async Task<ContactSettingsSnapshot> LoadSettingsAsync(TenantId tenant, CancellationToken cancellationToken) =>
        SettingsOf((await database.ListAsync(Settings, ItemRow.Read, [Database.Of(tenant)], cancellationToken)).Select(row => row.Item));

    public async Task<IReadOnlyList<Guid>> ListAsync(TenantId tenant, Tags? tags, SubscriptionQuery? subscription, Guid? after, int limit, CancellationToken cancellationToken)
    {
        List<NpgsqlParameter> parameters = [Database.Of(tenant), Database.Of(after.GetValueOrDefault()), Database.Of((long)limit)];
        List<string> asked = [];
        if (tags?.Label is { } label)
        {
            parameters.Add(Database.Of(label));
            asked.Add(string.Create(CultureInfo.InvariantCulture, $"SELECT l.id FROM label_use l WHERE l.tenant = $1 AND l.owner = 0 AND l.label = ${parameters.Count}"));
        }

        if (tags?.Attribute is { } attribute)
        {
            parameters.AddRange([Database.Of(attribute.Key), Database.Of(attribute.Value)]);
            asked.Add(string.Create(CultureInfo.InvariantCulture, $"SELECT a.id FROM attribute_use a WHERE a.tenant = $1 AND a.owner = 0 AND a.key = ${parameters.Count - 1} AND a.value = ${parameters.Count}"));
        }

        // A contact may have several such subscriptions: they lead only where nothing else is asked for.
        var mayRepeat = subscription is not null && asked.Count == 0;
        if (subscription is not null)
        {
            asked.Add(SubscriptionCondition.Contacts(subscription, leads: mayRepeat, parameters));
        }

        // What is asked for leads: only contacts that count have rows there.
        var first = asked.Count == 0 ? "SELECT c.id FROM contact c WHERE c.tenant = $1 AND c.merged_into IS NULL AND NOT c.erased" : asked[0];
        var others = string.Concat(asked.Skip(1).Select(one => $" AND f.id IN ({one})"));
        return await database.ListAsync(
            $"SELECT {(mayRepeat ? "DISTINCT " : "")}f.id FROM ({first}) AS f(id) WHERE f.id > $2{others} ORDER BY f.id LIMIT $3",
            row => row.GetGuid(0), [.. parameters], cancellationToken);
    }

    public async Task<IReadOnlyList<Guid>> SearchAsync(TenantId tenant, ContactSearch search, Guid? after, int limit, CancellationToken cancellationToken)
    {
        // The longest word leads, being the rarest most likely; the others are looked up of what it finds.
        const string Sql =
            """
            WITH found AS MATERIALIZED (
                (SELECT w.contact AS id
                FROM (SELECT x.contact FROM contact_word x WHERE x.tenant = $1 AND x.word >= $8 AND x.word < $9 ORDER BY x.word LIMIT $10) w
                WHERE NOT EXISTS (
                    SELECT FROM unnest($11) AS other(word)
                    WHERE NOT EXISTS (SELECT FROM contact_word y WHERE y.tenant = $1 AND y.contact = w.contact AND y.word >= other.word AND y.word < other.word || U&'\+10FFFF'))
                LIMIT $5)
                UNION ALL
                (SELECT c.id FROM contact c WHERE $12 AND c.tenant = $1 AND c.email_key IS NOT NULL AND c.email_key >= $2 AND c.email_key < $3 ORDER BY c.email_key LIMIT $5)
                UNION ALL
                SELECT c.id FROM contact c WHERE $13 AND c.tenant = $1 AND c.identifier = $4
                UNION ALL
                (SELECT a.contact FROM contact_address a WHERE a.tenant = $1 AND a.kind >= 0 AND a.kind = ANY ($14) AND a.value >= $2 AND a.value < $3 ORDER BY a.value LIMIT $5)
            )
            SELECT DISTINCT r.id FROM (SELECT contact_root($1, f.id) AS id FROM found f) r WHERE r.id > $6
            """;
        const string End = "\U0010FFFF";
        var key = search.Text.ToLowerInvariant();
        var words = NameWords.Of(search.Text).Sort((one, other) => other.Length.CompareTo(one.Length));
        var first = words.IsEmpty ? "" : words[0];
        List<NpgsqlParameter> parameters =
        [
            Database.Of(tenant), Database.Of(key), Database.Of(key + End), Database.Of(search.Text), Database.Of((long)MaxMatches), Database.Of(after.GetValueOrDefault()), Database.Of((long)limit),
            Database.Of(first), Database.Of(first.Length == 0 ? "" : first + End), Database.Of((long)MaxWords), Database.Of(words.Skip(1).ToArray()),
            Database.Of(search.ByEmail), Database.Of(search.ByIdentifier), Database.Of(search.ByAddresses.Select(kind => (short)kind).ToArray()),
        ];
        var subscribed = search.Subscription is { } subscription ? $" AND r.id IN ({SubscriptionCondition.Contacts(subscription, leads: false, parameters)})" : "";
        return await database.ListAsync($"{Sql}{subscribed} ORDER BY r.id LIMIT $7", row => row.GetGuid(0), [.. parameters], cancellationToken);
    }

    public async Task<IReadOnlyList<(Guid Contact, Guid Device)>> ListDevicesAsync(TenantId tenant, Guid contact, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT f.id, d.id
        FROM contact_family($1, $2) AS f(id)
        CROSS JOIN LATERAL (SELECT x.id FROM device x WHERE x.tenant = $1 AND x.person = f.id AND x.scopes >= 0 AND (x.signed_out_at IS NULL OR x.name <> $3) OFFSET 0) d
        """,
        row => (row.GetGuid(0), row.GetGuid(1)), [Database.Of(tenant), Database.Of(contact), Database.Of(DeviceSignOutRow.NoName)], cancellationToken);

    public async Task<IReadOnlyList<DeviceSnapshot>> ListLiveDevicesAsync(TenantId tenant, Guid contact, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT d.id, i.revision, d.name, d.signed_in_at
        FROM (SELECT * FROM device x WHERE x.tenant = $1 AND x.person = $2 AND x.signed_out_at IS NULL ORDER BY x.signed_in_at, x.id LIMIT $3) d
        CROSS JOIN LATERAL (SELECT * FROM item x WHERE x.tenant = $1 AND x.kind = 8 AND x.id = d.id AND x.sub = '00000000-0000-0000-0000-000000000000' LIMIT 1) i
        ORDER BY d.signed_in_at, d.id
        """,
        row => new DeviceSnapshot(row.GetGuid(0), row.GetInt32(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3)),
        [Database.Of(tenant), Database.Of(contact), Database.Of((long)limit)], cancellationToken);

    public Task<ContextDue?> FindDueAsync(TenantId tenant, Guid person, CancellationToken cancellationToken) => database.FindAsync(
        """
        SELECT coalesce(d.stamp, '00000000-0000-0000-0000-000000000000'), d.lookup
        FROM (VALUES ($1, $2)) AS p(tenant, person) LEFT JOIN context_due d ON d.tenant = p.tenant AND d.person = p.person
        WHERE d.stamp IS NOT NULL OR EXISTS (SELECT FROM presence_lease l WHERE l.tenant = p.tenant AND l.agent = p.person AND l.until <= clock_timestamp())
        """,
        row => new ContextDue(row.GetGuid(0), row.IsDBNull(1) ? null : row.GetGuid(1)),
        [Database.Of(tenant), Database.Of(person)], cancellationToken);

    public Task SettleAsync(TenantId tenant, Guid person, Guid stamp, DateTimeOffset? next, CancellationToken cancellationToken) => next is { } at
        ? database.ExecuteAsync(
            "UPDATE context_due SET at = $4 WHERE tenant = $1 AND person = $2 AND stamp = $3",
            [Database.Of(tenant), Database.Of(person), Database.Of(stamp), Database.Of(at)], cancellationToken)
        : database.ExecuteAsync(
            "DELETE FROM context_due WHERE tenant = $1 AND person = $2 AND stamp = $3", [Database.Of(tenant), Database.Of(person), Database.Of(stamp)], cancellationToken);

    public Task FinishLookupAsync(TenantId tenant, Guid contact, Guid lookup, CancellationToken cancellationToken) => database.ExecuteAsync(
        "UPDATE context_due SET lookup = NULL, at = clock_timestamp() WHERE tenant = $1 AND person = $2 AND lookup = $3", [Database.Of(tenant), Database.Of(contact), Database.Of(lookup)], cancellationToken);

    public async Task<IReadOnlyList<DuePerson>> ListDueAsync(int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT d.tenant, d.person, EXISTS (SELECT FROM agent a WHERE a.tenant = d.tenant AND a.id = d.person)
        FROM (
            (SELECT c.tenant, c.person, c.at FROM context_due c WHERE c.at <= clock_timestamp() AND (SELECT t.suspended_at IS NULL FROM tenant t WHERE t.id = c.tenant) ORDER BY c.at LIMIT $1)
            UNION ALL
            (SELECT l.tenant, l.agent, l.until FROM presence_lease l WHERE l.until <= clock_timestamp() AND (SELECT t.suspended_at IS NULL FROM tenant t WHERE t.id = l.tenant) ORDER BY l.until LIMIT $1)) d
        ORDER BY d.at LIMIT $1
        """,
        row => new DuePerson(new TenantId(row.GetGuid(0)), row.GetGuid(1), row.GetBoolean(2)), [Database.Of((long)limit)], cancellationToken);

    static Dossier? Assemble(Guid contact, List<StoredItem> items, List<ServingRow> serving, ContactSettingsSnapshot rules)
    {
        var records = items.Where(item => item.Key.Kind == ItemKind.ContactRecord).ToDictionary(item => item.Key.Id, item => new MergedContact(item.Key.Id, item.Revision, ContactRecord.OfJson(item.State.AsSpan())));
        if (!records.TryGetValue(contact, out var own))
        {
            return null;
        }

        var volatileItem = items.Find(item => item.Key.Kind == ItemKind.VolatileRecord);
        return new()
        {
            Id = contact,
            Revision = own.Revision,
            Record = own.Record,
            Volatile = volatileItem is null ? [] : VolatileRecord.OfJson(volatileItem.State.AsSpan()).Context,
            VolatileRevision = volatileItem?.Revision ?? 0,
            Merged = [.. Below(own.Record, records)],
            Serving = [.. serving.Select(row => row.Agent).OfType<ServingAgent>().DistinctBy(agent => agent.Id).OrderBy(agent => agent.Id)],
            OpenConversations = [.. serving.Select(row => row.Conversation).Distinct()],
            Views = [.. items.Where(item => item.Key.Kind is ItemKind.Contact or ItemKind.VolatileContext)],
            Rules = rules,
        };
    }

    static ContactSettingsSnapshot SettingsOf(IEnumerable<StoredItem> items) => items.Aggregate(new ContactSettingsSnapshot(), (all, item) => item.Key.Kind switch
    {
        ItemKind.ContactSettings => all with { Revision = item.Revision, Settings = JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.ContactSettingsState)! },
        ItemKind.Disclosure => all with { DisclosureRevision = item.Revision, Disclosure = DisclosureRecord.OfJson(item.State.AsSpan()) },
        _ => all with { LookupRevision = item.Revision, Lookup = LookupRecord.OfJson(item.State.AsSpan()) },
    });

    /// <summary>In the order in which they were merged, each followed by what had been merged into it. One that was merged while this was read is not there yet.</summary>
    static IEnumerable<MergedContact> Below(ContactRecord record, Dictionary<Guid, MergedContact> records) =>
        record.Merged.Where(records.ContainsKey).Select(id => records[id]).SelectMany(merged => Below(merged.Record, records).Prepend(merged));

    async Task<Guid?> FindIdAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        (await database.ListAsync(sql, row => row.IsDBNull(0) ? (Guid?)null : row.GetGuid(0), parameters, cancellationToken)).SingleOrDefault();

    static ContactSnapshot Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), Text(row, 1), Text(row, 2), Text(row, 3), row.GetFieldValue<DateTimeOffset>(4), row.IsDBNull(5) ? null : row.GetGuid(5));

    static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    sealed record ItemRow(Guid? Contact, StoredItem Item)
    {
        public static ItemRow Read(NpgsqlDataReader row) => new(
            row.IsDBNull(0) ? null : row.GetGuid(0),
            new(new((ItemKind)row.GetInt16(1), row.GetGuid(2), row.GetGuid(3)), row.GetInt32(4), ImmutableCollectionsMarshal.AsImmutableArray(row.GetFieldValue<byte[]>(5))));
    }

    sealed record ServingRow(Guid Contact, Guid Conversation, ServingAgent? Agent)
    {
        public static ServingRow Read(NpgsqlDataReader row) => new(
            row.GetGuid(0), row.GetGuid(1), row.IsDBNull(2) ? null : new(row.GetGuid(2), (Role)row.GetInt16(3), row.IsDBNull(4) ? null : row.GetGuid(4)));
    }
}
