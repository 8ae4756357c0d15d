using System.Globalization;
using Npgsql;
using Rcc.Contracts.Customers;
using Rcc.Core.Customers;

namespace Rcc.Postgres.Customers;

/// <summary>What a search for subscriptions means, as SQL; <c>$1</c> is the tenant.</summary>
static class SubscriptionCondition
{
    /// <summary>Who is served by an agent: contacts that count.</summary>
    const string Served =
        """
        ARRAY(
            SELECT contact_root($1, c.contact)
            FROM (SELECT x.conversation FROM participant x WHERE x.tenant = $1 AND x.person = {0} AND x.is_agent AND NOT x.has_left OFFSET 0) p
            CROSS JOIN LATERAL (SELECT x.contact FROM conversation x WHERE x.tenant = $1 AND x.id = p.conversation AND x.status <> 1 LIMIT 1) c)
        """;

    /// <summary>The contacts that have one of those that are looked for, which lead to them or are asked of each. Its parameters are added to those there are.</summary>
    public static string Contacts(SubscriptionQuery query, bool leads, List<NpgsqlParameter> parameters)
    {
        var at = Add(query.At);
        var table = "contact_subscription";
        List<string> all = ["s.tenant = $1", $"(s.expires_at IS NULL OR s.expires_at > {at})"];
        if (query.Filter.Service is { } service)
        {
            all.Add($"s.service = {Add(service)}");
        }

        if (query.Filter.Plan is { } plan)
        {
            all.Add($"s.plan = {Add(plan)}");
        }

        switch (query.Filter.Status)
        {
            case null:
                break;
            case SubscriptionStatus.Ended:
                all.Add($"s.ends_at <= {at}");
                break;
            case SubscriptionStatus.Pending:
                // Of all there are, few begin later: where they lead, those alone are read.
                table = leads ? $"(SELECT * FROM contact_subscription x WHERE x.tenant = $1 AND x.begins_at > {at} OFFSET 0)" : table;
                all.Add($"s.begins_at > {at} AND (s.ends_at IS NULL OR s.ends_at > {at})");
                break;
            case { } status:
                all.Add($"s.status = {Add((short)status)} AND (s.begins_at IS NULL OR s.begins_at <= {at}) AND (s.ends_at IS NULL OR s.ends_at > {at})");
                break;
        }

        var served = query.ServedBy is { } agent ? "s.contact = ANY (" + Served.Replace("{0}", Add(agent), StringComparison.Ordinal) + ")" : null;
        if (query.Rules.IsEmpty)
        {
            all.Add(served ?? "true");
        }
        else
        {
            var (texts, prefixes, allows) = (Add(Each(rule => rule.Text)), Add(Each(rule => rule.IsPrefix)), Add(Each(rule => rule.Allows)));
            all.Add(
                $"""
                coalesce((
                    SELECT r.allows FROM unnest({texts}, {prefixes}, {allows}) WITH ORDINALITY AS r(text, is_prefix, allows, place)
                    WHERE CASE WHEN r.is_prefix THEN starts_with(s.name, r.text) ELSE s.name = r.text END ORDER BY r.place LIMIT 1), {served ?? "true"})
                """);

            // Then only who is served is left: it is where to begin.
            all.AddRange(served is not null && query.Rules.All(rule => !rule.Allows) ? [served] : []);
        }

        return $"SELECT s.contact FROM {table} s WHERE {string.Join(" AND ", all)}";

        T[] Each<T>(Func<NameRule, T> member) => [.. query.Rules.Select(member)];

        string Add<T>(T value)
        {
            parameters.Add(Database.Of(value));
            return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
        }
    }
}
