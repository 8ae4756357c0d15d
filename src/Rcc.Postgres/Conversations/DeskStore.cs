using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Core;
using Rcc.Core.Conversations;

namespace Rcc.Postgres.Conversations;

/// <summary>What an agent's desk shows, in PostgreSQL.</summary>
sealed class DeskStore(Database database) : IDeskStore
{
    // A place is reserved for who is consulted as well: of what is offered, the offer has a home.
    public async Task<IReadOnlyList<OfferListing>> ListOffersAsync(TenantId tenant, Guid agent, int limit, CancellationToken cancellationToken) => await database.ListAsync(
        """
        SELECT i.id, i.state
        FROM conversation c JOIN item i ON i.tenant = $1 AND i.kind = 21 AND i.id = c.id AND i.sub = $2
        WHERE c.tenant = $1 AND c.offered_to = $2 AND i.home_kind = 3
        ORDER BY i.modseq LIMIT $3
        """,
        row => new OfferListing(row.GetGuid(0), JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), ContractJson.Default.OfferState)!),
        [Database.Of(tenant), Database.Of(agent), Database.Of((long)limit)],
        cancellationToken);

    public async Task<DeskNumbers> CountAsync(TenantId tenant, Guid agent, CancellationToken cancellationToken)
    {
        var numbers = await database.ListAsync(
            """
            SELECT 0, NULL::uuid, count(*)::integer FROM conversation c WHERE c.tenant = $1 AND c.assignee = $2 AND c.status = 0
            UNION ALL
            SELECT 1, NULL, count(*)::integer
            FROM participant p JOIN conversation c ON c.tenant = $1 AND c.id = p.conversation
            WHERE p.tenant = $1 AND p.person = $2 AND NOT p.has_left AND c.status = 0 AND EXISTS (
                SELECT FROM message m
                WHERE m.tenant = $1 AND m.conversation = c.id AND m.lane = 0 AND m.person <> $2
                    AND m.seq > coalesce((SELECT k.first FROM mark k WHERE k.tenant = $1 AND k.conversation = c.id AND k.kind = 3 AND k.person = $2), 0))
            UNION ALL
            SELECT 2, c.queue, count(*)::integer FROM conversation c WHERE c.tenant = $1 AND c.waiting_since IS NOT NULL GROUP BY c.queue
            UNION ALL
            SELECT 100 + a.availability, NULL, count(*)::integer FROM agent a WHERE a.tenant = $1 AND NOT a.suspended AND NOT a.removed GROUP BY a.availability
            """,
            row => (Of: row.GetInt32(0), Queue: row.IsDBNull(1) ? default : row.GetGuid(1), Count: row.GetInt32(2)),
            [Database.Of(tenant), Database.Of(agent)],
            cancellationToken);
        return new(
            numbers.Single(number => number.Of == 0).Count,
            numbers.Single(number => number.Of == 1).Count,
            numbers.Where(number => number.Of == 2).ToDictionary(number => number.Queue, number => number.Count),
            numbers.Where(number => number.Of >= 100).ToDictionary(number => (Availability)(number.Of - 100), number => number.Count));
    }
}
