namespace Rcc.Postgres.Sync;

/// <summary>
/// The statements that read pages. Parameters: $1 tenant, $2 person, $3 device, $4 position, $5 rows, $6 statuses of the filter or null, $7 without notes;
/// of a snapshot also $8 … $10, the key of the last item sent. Every row has the same columns and says in the first which it is.
/// </summary>
static class PageStatements
{
    /// <summary>Which row of a page it is.</summary>
    public enum RowType
    {
        /// <summary>Always there: verdict, newest number; of a page also what the person may do with conversations.</summary>
        Head = 0,
        Message = 1,
        Item = 2,
        Mark = 3,
        Left = 4,

        /// <summary>An audience the person reads now; whether the filter leaves it out.</summary>
        Audience = 5,

        /// <summary>An audience that a row of a gap is told to.</summary>
        ToldTo = 6,

        /// <summary>A membership change in a gap.</summary>
        Membership = 7,
    }

    /// <summary>The verdicts are those of PageVerdict.</summary>
    const string Head =
        """
        WITH state AS MATERIALIZED (
            SELECT t.suspended_at IS NULL AND t.id IS NOT NULL AS lives, t.floor,
                coalesce((SELECT b.newest FROM log_batch b WHERE b.tenant = $1 ORDER BY b.newest DESC LIMIT 1), 0) AS newest,
                EXISTS (SELECT FROM device d WHERE d.tenant = $1 AND d.id = $3 AND d.person = $2 AND d.signed_out_at IS NULL
                        AND session_lives(d.role, d.signed_in_at, d.used_at, d.expires_at, t.policies, now()))
                    AND NOT EXISTS (SELECT FROM agent a WHERE a.tenant = $1 AND a.id = $2 AND a.suspended) AS may_read,
                (SELECT a.controls FROM agent a WHERE a.tenant = $1 AND a.id = $2)::bigint AS controls
            FROM (SELECT) one LEFT JOIN tenant t ON t.id = $1
        ), head AS MATERIALIZED (
            SELECT s.newest, s.controls, CASE WHEN NOT s.lives THEN 2 WHEN NOT s.may_read THEN 1 WHEN $4 < s.floor THEN 3 WHEN $4 > s.newest THEN 4 ELSE 0 END AS verdict
            FROM state s
        )
        """;

    /// <summary>
    /// Bodies are fetched for the rows of the page only: sorting is done on keys. change 100 stands for a message; of an entry that tells a state as it stands, 50 is no change. Each row is looked up in a LATERAL ... LIMIT 1, which the planner cannot turn round: a plan is made
    /// once and kept, and while a table is small, reading all of the tenant's rows looks cheaper than looking one up. For the same reason there is no EXISTS, which it may hash.
    /// </summary>
    const string Bodies =
        """
        SELECT 0::smallint, h.newest, NULL::smallint AS kind, NULL::uuid AS id, NULL::uuid AS sub, h.verdict AS revision, NULL::bytea AS state,
            h.controls AS first, NULL::bigint AS second, NULL::uuid AS person, NULL::smallint AS role, NULL::timestamptz AS at, NULL::text AS content_type
        FROM head h
        UNION ALL
        SELECT 1, p.modseq, m.lane, m.conversation, m.message_id, NULL, m.content, m.seq, NULL, m.person, m.role, m.at, m.content_type
        FROM page p CROSS JOIN LATERAL (SELECT * FROM message x WHERE x.tenant = $1 AND x.conversation = p.id AND x.lane = p.kind AND x.seq = p.seq LIMIT 1) m
        WHERE p.change = 100
        UNION ALL
        SELECT 2, p.modseq, i.kind, i.id, i.sub, i.revision, i.state, NULL, NULL, NULL, NULL, NULL, NULL
        FROM page p CROSS JOIN LATERAL (SELECT x.kind, x.id, x.sub, x.revision, CASE WHEN x.kind IN (42, 53) THEN item_state(x) ELSE x.state END AS state FROM item x WHERE x.tenant = $1 AND x.kind = p.kind AND x.id = p.id AND x.sub = p.sub LIMIT 1) i
        WHERE p.change IS NULL AND p.kind NOT IN (2, 3)
        UNION ALL
        SELECT 3, p.modseq, k.kind, k.conversation, k.person, k.revision, NULL, k.first, k.second, NULL, NULL, NULL, NULL
        FROM page p CROSS JOIN LATERAL (SELECT * FROM mark x WHERE x.tenant = $1 AND x.conversation = p.id AND x.kind = p.kind AND x.person = p.sub LIMIT 1) k
        WHERE p.change IS NULL AND p.kind IN (2, 3)
        UNION ALL
        SELECT 4, p.modseq, p.kind, p.id, p.sub, p.change, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM page p
        WHERE p.change < 100
        """;

    /// <summary>
    /// The entries after a position. With a filter, a conversation that is inside it may have come back: what hangs on it and is older comes under its number, as the device has forgotten it.
    /// </summary>
    public const string Incremental =
        Head +
        """

        , reads AS MATERIALIZED (
            SELECT m.audience_kind, m.audience, greatest(m.since, $4) AS since, m.until,
                $6::smallint[] IS NULL OR m.audience_kind > 2
                    OR (SELECT c.status FROM conversation c WHERE c.tenant = $1 AND c.id = m.audience) = ANY ($6) AS matches
            FROM head h JOIN membership m ON m.tenant = $1 AND m.person = $2 AND m.until > $4
            WHERE h.verdict = 0 AND NOT ($7 AND m.audience_kind = 2)
        ), posts AS MATERIALIZED (
            -- What is held back says that its conversation is left out: by the time of its item, which says so too, it may be inside again.
            SELECT x.modseq, CASE WHEN r.matches THEN x.lane ELSE 1 END AS kind, x.conversation AS id,
                CASE WHEN NOT r.matches THEN '00000000-0000-0000-0000-000000000000'::uuid END AS sub,
                CASE WHEN r.matches THEN x.seq END AS seq, CASE WHEN r.matches THEN 100 ELSE 1 END::smallint AS change
            FROM reads r CROSS JOIN LATERAL (
                SELECT m.modseq, m.lane, m.conversation, m.seq
                FROM message m
                WHERE m.tenant = $1 AND m.conversation = r.audience AND m.lane = r.audience_kind - 1 AND m.modseq > r.since AND m.modseq <= r.until AND m.modseq <> 0
                ORDER BY m.modseq LIMIT CASE WHEN r.matches THEN $5 ELSE 1 END) x
            WHERE r.audience_kind <= 2
            ORDER BY x.modseq LIMIT $5
        ), bound AS MATERIALIZED (
            -- Where the messages fill the page, no entry behind them is looked at: many may be superseded.
            SELECT CASE WHEN count(*) < $5 THEN 9223372036854775807 ELSE max(p.modseq) END AS modseq FROM posts p
        ), page AS MATERIALIZED (
            SELECT DISTINCT ON (y.modseq) y.modseq, y.kind, y.id, y.sub, y.seq, y.change
            FROM (
                SELECT p.modseq, p.kind, p.id, p.sub, p.seq, p.change FROM posts p
                UNION ALL
                SELECT x.modseq, x.kind, x.id, x.sub, NULL, x.change
                FROM reads r CROSS JOIN bound b CROSS JOIN LATERAL (
                    SELECT e.modseq, e.id,
                        CASE WHEN f.change IS NULL AND NOT f.matches THEN 1 ELSE e.kind END AS kind,
                        CASE WHEN f.change IS NULL AND NOT f.matches THEN '00000000-0000-0000-0000-000000000000'::uuid ELSE e.sub END AS sub,
                        CASE WHEN f.change IS NULL AND NOT f.matches THEN 1 ELSE f.change END AS change
                    FROM entry e CROSS JOIN LATERAL (
                        SELECT nullif(e.change, 50) AS change, $6::smallint[] IS NULL OR e.kind NOT IN (1, 2, 3, 4, 20, 24, 25)
                            OR (SELECT c.status FROM conversation c WHERE c.tenant = $1 AND c.id = e.id) = ANY ($6) AS matches) f
                    WHERE e.tenant = $1 AND e.audience_kind = r.audience_kind AND e.audience = r.audience AND e.modseq > r.since AND e.modseq <= least(r.until, b.modseq)
                        AND (f.change IS NOT NULL
                            OR CASE WHEN e.kind IN (2, 3)
                                THEN coalesce((SELECT k.modseq = e.modseq OR e.change = 50 AND k.modseq < e.modseq FROM mark k
                                    WHERE k.tenant = $1 AND k.conversation = e.id AND k.kind = e.kind AND k.person = e.sub LIMIT 1), false)
                                ELSE coalesce((SELECT i.modseq = e.modseq OR e.change = 50 AND i.modseq < e.modseq FROM item i
                                    WHERE i.tenant = $1 AND i.kind = e.kind AND i.id = e.id AND i.sub = e.sub LIMIT 1), false) END)
                    ORDER BY e.modseq LIMIT $5) x
            ) y
            ORDER BY y.modseq LIMIT $5
        )

        """ +
        Bodies +
        """

        UNION ALL
        SELECT 3, p.modseq, k.kind, k.conversation, k.person, k.revision, NULL, k.first, k.second, NULL, NULL, NULL, NULL
        FROM page p CROSS JOIN LATERAL (
            SELECT * FROM mark x WHERE x.tenant = $1 AND x.conversation = p.id AND (x.kind = 2 OR x.kind = 3 AND x.person = $2) AND x.modseq < p.modseq OFFSET 0) k
        WHERE $6::smallint[] IS NOT NULL AND p.change IS NULL AND p.kind = 1
        UNION ALL
        SELECT 2, p.modseq, i.kind, i.id, i.sub, i.revision, i.state, NULL, NULL, NULL, NULL, NULL, NULL
        FROM page p CROSS JOIN LATERAL (
            SELECT * FROM item x WHERE x.tenant = $1 AND x.kind IN (4, 24, 25) AND x.id = p.id AND x.sub = $2 AND x.modseq < p.modseq OFFSET 0) i
        WHERE $6::smallint[] IS NOT NULL AND p.change IS NULL AND p.kind = 1
        UNION ALL
        SELECT 2, p.modseq, i.kind, i.id, i.sub, i.revision, i.state, NULL, NULL, NULL, NULL, NULL, NULL
        FROM page p CROSS JOIN LATERAL (
            SELECT FROM membership x WHERE x.tenant = $1 AND x.person = $2 AND x.audience_kind = 2 AND x.audience = p.id AND x.state <> 2 LIMIT 1) m CROSS JOIN LATERAL (
            SELECT * FROM item x WHERE x.tenant = $1 AND x.kind = 20 AND x.id = p.id AND x.sub = p.id AND x.modseq < p.modseq LIMIT 1) i
        WHERE $6::smallint[] IS NOT NULL AND p.change IS NULL AND p.kind = 1
        UNION ALL
        SELECT 5, NULL, r.audience_kind, r.audience, NULL, CASE WHEN r.matches THEN 0 ELSE 1 END, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM reads r
        WHERE r.until = 9223372036854775807 AND (SELECT count(*) FROM page) < $5
        """;

    /// <summary>
    /// The newest states of what the person may see, in the order of their keys. Conversations, their handling, receipts and read positions are found by the person's conversations, which lie in the same order;
    /// all other items by their home, of which a person has few.
    /// </summary>
    public const string Snapshot =
        Head +
        """

        , page AS MATERIALIZED (
            SELECT x.modseq, x.kind, x.id, x.sub, NULL::bigint AS seq, NULL::smallint AS change
            FROM head h CROSS JOIN LATERAL (
                (SELECT i.modseq, i.kind, i.id, i.sub
                FROM membership m
                CROSS JOIN LATERAL (
                    SELECT * FROM item x
                    WHERE x.tenant = $1 AND x.kind = 1 AND x.id = m.audience AND x.sub = '00000000-0000-0000-0000-000000000000' LIMIT 1) i
                WHERE $8 <= 1 AND m.tenant = $1 AND m.person = $2 AND m.audience_kind = 1 AND m.state <> 2
                    AND m.audience > CASE WHEN $8 = 1 THEN $9 ELSE '00000000-0000-0000-0000-000000000000' END
                    AND ($6::smallint[] IS NULL OR (SELECT c.status FROM conversation c WHERE c.tenant = $1 AND c.id = m.audience) = ANY ($6))
                ORDER BY m.audience LIMIT $5)
                UNION ALL
                (SELECT k.modseq, k.kind, k.conversation, k.person
                FROM membership m
                CROSS JOIN LATERAL (SELECT * FROM mark x WHERE x.tenant = $1 AND x.conversation = m.audience AND x.kind = 2 OFFSET 0) k
                WHERE $8 <= 2 AND m.tenant = $1 AND m.person = $2 AND m.audience_kind = 1 AND m.state <> 2
                    AND m.audience >= CASE WHEN $8 = 2 THEN $9 ELSE '00000000-0000-0000-0000-000000000000' END
                    AND ($8 < 2 OR m.audience > $9 OR k.person > $10)
                    AND ($6::smallint[] IS NULL OR (SELECT c.status FROM conversation c WHERE c.tenant = $1 AND c.id = m.audience) = ANY ($6))
                ORDER BY m.audience, k.person LIMIT $5)
                UNION ALL
                (SELECT k.modseq, k.kind, k.conversation, k.person
                FROM membership m
                CROSS JOIN LATERAL (SELECT * FROM mark x WHERE x.tenant = $1 AND x.conversation = m.audience AND x.kind = 3 AND x.person = $2 LIMIT 1) k
                WHERE $8 <= 3 AND m.tenant = $1 AND m.person = $2 AND m.audience_kind = 1 AND m.state <> 2
                    AND m.audience > CASE WHEN $8 = 3 THEN $9 ELSE '00000000-0000-0000-0000-000000000000' END
                    AND ($6::smallint[] IS NULL OR (SELECT c.status FROM conversation c WHERE c.tenant = $1 AND c.id = m.audience) = ANY ($6))
                ORDER BY m.audience LIMIT $5)
                UNION ALL
                (SELECT i.modseq, i.kind, i.id, i.sub
                FROM membership m CROSS JOIN LATERAL (
                    SELECT i.modseq, i.kind, i.id, i.sub
                    FROM item i
                    WHERE i.tenant = $1 AND i.home_kind = m.audience_kind AND i.home_kind > 0 AND i.home = m.audience AND i.kind >= 4 AND (i.kind, i.id, i.sub) > ($8, $9, $10)
                        AND ($6::smallint[] IS NULL OR i.kind NOT IN (4, 24, 25) OR (SELECT c.status FROM conversation c WHERE c.tenant = $1 AND c.id = i.id) = ANY ($6))
                    ORDER BY i.kind, i.id, i.sub LIMIT $5) i
                WHERE m.tenant = $1 AND m.person = $2 AND m.audience_kind >= 3 AND m.state <> 2
                ORDER BY i.kind, i.id, i.sub LIMIT $5)
                UNION ALL
                (SELECT i.modseq, i.kind, i.id, i.sub
                FROM membership m
                CROSS JOIN LATERAL (
                    SELECT * FROM item x
                    WHERE x.tenant = $1 AND x.kind = 20 AND x.id = m.audience AND x.sub = m.audience LIMIT 1) i
                WHERE $8 <= 20 AND m.tenant = $1 AND m.person = $2 AND m.audience_kind = 2 AND m.state <> 2
                    AND m.audience > CASE WHEN $8 = 20 THEN $9 ELSE '00000000-0000-0000-0000-000000000000' END
                    AND ($6::smallint[] IS NULL OR (SELECT c.status FROM conversation c WHERE c.tenant = $1 AND c.id = m.audience) = ANY ($6))
                ORDER BY m.audience LIMIT $5)
            ) x
            WHERE h.verdict = 0
            ORDER BY x.kind, x.id, x.sub LIMIT $5
        ), reads AS MATERIALIZED (
            SELECT m.audience_kind, m.audience,
                $6::smallint[] IS NULL OR m.audience_kind > 2
                    OR (SELECT c.status FROM conversation c WHERE c.tenant = $1 AND c.id = m.audience) = ANY ($6) AS matches
            FROM head h JOIN membership m ON m.tenant = $1 AND m.person = $2 AND m.until = 9223372036854775807
            WHERE h.verdict = 0 AND NOT ($7 AND m.audience_kind = 2) AND (SELECT count(*) FROM page) < $5
        )

        """ +
        Bodies +
        """

        UNION ALL
        SELECT 5, NULL, r.audience_kind, r.audience, NULL, CASE WHEN r.matches THEN 0 ELSE 1 END, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM reads r
        """;

    /// <summary>
    /// What a node missed. Parameters: $1 tenant, $2 position, $3 and $4 audiences, $5 persons, $6 rows. Audiences that a person began to read in the gap are read as well.
    /// </summary>
    public const string Gap =
        """
        WITH head AS MATERIALIZED (
            SELECT coalesce((SELECT b.newest FROM log_batch b WHERE b.tenant = $1 ORDER BY b.newest DESC LIMIT 1), 0) AS newest,
                CASE WHEN coalesce((SELECT t.floor FROM tenant t WHERE t.id = $1), 0) > $2 THEN 3 ELSE 0 END AS verdict, NULL::bigint AS controls
        ), changes AS MATERIALIZED (
            SELECT c.modseq, c.person, c.audience_kind, c.audience, c.state
            FROM unnest($5) AS p(person)
            CROSS JOIN LATERAL (SELECT * FROM membership_change x WHERE x.tenant = $1 AND x.person = p.person AND x.modseq > $2 OFFSET 0) c
        ), reads AS MATERIALIZED (
            SELECT a.audience_kind, a.audience FROM unnest($3, $4) AS a(audience_kind, audience)
            UNION
            SELECT c.audience_kind, c.audience FROM changes c WHERE c.state = 0
        ), rows AS MATERIALIZED (
            SELECT x.*, r.audience_kind, r.audience
            FROM reads r CROSS JOIN LATERAL (
                (SELECT m.modseq, m.lane AS kind, m.conversation AS id, NULL::uuid AS sub, m.seq, 100::smallint AS change
                FROM message m
                WHERE r.audience_kind <= 2 AND m.tenant = $1 AND m.conversation = r.audience AND m.lane = r.audience_kind - 1 AND m.modseq > $2 AND m.modseq <> 0
                ORDER BY m.modseq LIMIT $6)
                UNION ALL
                (SELECT e.modseq, e.kind, e.id, e.sub, NULL, nullif(e.change, 50)
                FROM entry e
                WHERE e.tenant = $1 AND e.audience_kind = r.audience_kind AND e.audience = r.audience AND e.modseq > $2
                    AND (nullif(e.change, 50) IS NOT NULL OR CASE WHEN e.kind IN (2, 3)
                        THEN coalesce((SELECT k.modseq = e.modseq OR e.change = 50 AND k.modseq < e.modseq FROM mark k
                            WHERE k.tenant = $1 AND k.conversation = e.id AND k.kind = e.kind AND k.person = e.sub LIMIT 1), false)
                        ELSE coalesce((SELECT i.modseq = e.modseq OR e.change = 50 AND i.modseq < e.modseq FROM item i
                            WHERE i.tenant = $1 AND i.kind = e.kind AND i.id = e.id AND i.sub = e.sub LIMIT 1), false) END)
                ORDER BY e.modseq LIMIT $6)
            ) x
        ), numbers AS MATERIALIZED (
            SELECT n.modseq FROM (SELECT r.modseq FROM rows r UNION SELECT c.modseq FROM changes c) n ORDER BY n.modseq LIMIT $6
        ), page AS MATERIALIZED (
            SELECT DISTINCT ON (r.modseq) r.modseq, r.kind, r.id, r.sub, r.seq, r.change FROM rows r JOIN numbers n ON n.modseq = r.modseq ORDER BY r.modseq
        )

        """ +
        Bodies +
        """

        UNION ALL
        SELECT 6, r.modseq, r.audience_kind, r.audience, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
        FROM rows r JOIN numbers n ON n.modseq = r.modseq
        UNION ALL
        SELECT 7, c.modseq, c.audience_kind, c.audience, NULL, NULL, NULL, NULL, NULL, c.person, c.state, NULL, NULL
        FROM changes c JOIN numbers n ON n.modseq = c.modseq
        """;
}
