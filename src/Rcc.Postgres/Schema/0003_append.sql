-- The append: one call commits a run of decided proposals. p: proposals, f: fences, a: audience changes, i: items, d: items to delete,
-- e: entries of items and departures, m: messages (m_bytes: of all their contents), k: marks, c: claims on the capacity of agents. x_of is the index of the proposal (from 1), x_offset the number within the run.
-- Within a run no proposal reads or writes what an earlier one writes, so checking all before writing any gives the result of one after the other.
-- Verdicts are those of AppendVerdict.
-- Rows are taken from the columns by their subscript: arguments of this language are held deconstructed, and an unnest of many columns would copy each of them into a store of its own.
CREATE TYPE append_answer AS (
    base bigint, newest bigint, at timestamptz, verdicts smallint[],
    -- Marks that moved, once for each audience they are told to.
    modseq bigint[], kind smallint[], conversation uuid[], person uuid[], first bigint[], second bigint[], revision integer[], audience_kind smallint[], audience uuid[]);

CREATE FUNCTION append_batch(
    p_tenant uuid, p_numbers integer, p_newest bigint, p_device uuid[], p_person uuid[], p_number bigint[], p_hash uuid[], p_even_if_suspended boolean[], p_creates boolean[],
    p_answer bytea[] DEFAULT NULL,
    p_conversation uuid[] DEFAULT NULL, p_lane smallint[] DEFAULT NULL, p_seq bigint[] DEFAULT NULL,
    f_of integer[] DEFAULT NULL, f_kind smallint[] DEFAULT NULL, f_id uuid[] DEFAULT NULL, f_sub uuid[] DEFAULT NULL, f_revision integer[] DEFAULT NULL,
    m_of integer[] DEFAULT NULL, m_offset integer[] DEFAULT NULL, m_conversation uuid[] DEFAULT NULL, m_lane smallint[] DEFAULT NULL, m_seq bigint[] DEFAULT NULL,
    m_first boolean[] DEFAULT NULL, m_id uuid[] DEFAULT NULL, m_person uuid[] DEFAULT NULL, m_role smallint[] DEFAULT NULL, m_content_type text[] DEFAULT NULL,
    m_content bytea[] DEFAULT NULL, m_device uuid[] DEFAULT NULL, m_number bigint[] DEFAULT NULL, m_hash uuid[] DEFAULT NULL,
    m_bytes bigint DEFAULT 0,
    k_of integer[] DEFAULT NULL, k_offset integer[] DEFAULT NULL, k_kind smallint[] DEFAULT NULL, k_conversation uuid[] DEFAULT NULL, k_person uuid[] DEFAULT NULL,
    k_first bigint[] DEFAULT NULL, k_second bigint[] DEFAULT NULL,
    a_of integer[] DEFAULT NULL, a_offset integer[] DEFAULT NULL, a_person uuid[] DEFAULT NULL, a_kind smallint[] DEFAULT NULL, a_id uuid[] DEFAULT NULL,
    a_state smallint[] DEFAULT NULL,
    i_of integer[] DEFAULT NULL, i_offset integer[] DEFAULT NULL, i_kind smallint[] DEFAULT NULL, i_id uuid[] DEFAULT NULL, i_sub uuid[] DEFAULT NULL,
    i_revision integer[] DEFAULT NULL, i_state bytea[] DEFAULT NULL, i_home_kind smallint[] DEFAULT NULL, i_home uuid[] DEFAULT NULL,
    d_of integer[] DEFAULT NULL, d_kind smallint[] DEFAULT NULL, d_id uuid[] DEFAULT NULL, d_sub uuid[] DEFAULT NULL,
    e_of integer[] DEFAULT NULL, e_offset integer[] DEFAULT NULL, e_audience_kind smallint[] DEFAULT NULL, e_audience uuid[] DEFAULT NULL,
    e_kind smallint[] DEFAULT NULL, e_id uuid[] DEFAULT NULL, e_sub uuid[] DEFAULT NULL, e_change smallint[] DEFAULT NULL,
    c_of integer[] DEFAULT NULL, c_agent uuid[] DEFAULT NULL, c_max integer[] DEFAULT NULL,
    p_rows jsonb DEFAULT NULL)
RETURNS append_answer LANGUAGE plpgsql AS $$
DECLARE
    answer    append_answer;
    base      bigint;
    to_number bigint;
    now_at    timestamptz;
    verdicts  smallint[];
    known     boolean;
    suspended boolean;
    ended     boolean;
    rules     jsonb;
    fenced    integer[];
    full_up   integer[];
    written   boolean := false;
    joining   integer[];
    again     bigint := 0;
    posted    integer := 0;
    bytes     bigint := 0;
BEGIN
    SELECT t.suspended_at IS NOT NULL, t.ended_at IS NOT NULL, t.policies INTO suspended, ended, rules FROM tenant t WHERE t.id = p_tenant FOR NO KEY UPDATE;
    known := FOUND;
    now_at := clock_timestamp();
    -- From the number the caller has seen, so that one index entry is read and not a page of them; from nothing when the store was put back to before it.
    SELECT b.newest INTO base FROM log_batch b WHERE b.tenant = p_tenant AND b.newest >= p_newest ORDER BY b.newest DESC LIMIT 1;
    IF base IS NULL THEN
        SELECT b.newest INTO base FROM log_batch b WHERE b.tenant = p_tenant ORDER BY b.newest DESC LIMIT 1;
        base := coalesce(base, 0);
    END IF;
    to_number := base;

    IF f_of IS NOT NULL THEN
        fenced := ARRAY(
            SELECT f_of[i]
            FROM generate_series(1, cardinality(f_of)) i
            WHERE f_revision[i] <> coalesce((
                SELECT CASE WHEN f_revision[i] < 0 THEN f_revision[i] ELSE x.revision END
                FROM item x WHERE x.tenant = p_tenant AND x.kind = f_kind[i] AND x.id = f_id[i] AND x.sub = f_sub[i]), 0));
    END IF;
    IF m_first IS NOT NULL THEN
        fenced := fenced || ARRAY(
            SELECT m_of[i]
            FROM generate_series(1, cardinality(m_of)) i
            WHERE m_first[i] AND m_seq[i] - 1 <> coalesce((
                SELECT x.seq FROM message x
                WHERE x.tenant = p_tenant AND x.conversation = m_conversation[i] AND x.lane = m_lane[i] AND x.seq >= m_seq[i] - 1 ORDER BY x.seq DESC LIMIT 1), 0));
    END IF;

    -- A group goes only when nobody works in it and no queue names it; who joins or names it rests on its item, so that joins do not fence each other.
    IF p_rows ? 'agent_group' THEN
        fenced := fenced || ARRAY(
            SELECT r.of
            FROM jsonb_to_recordset(p_rows -> 'agent_group') AS r("of" integer, id uuid, removed boolean)
            WHERE r.removed AND (EXISTS (SELECT FROM agent g WHERE g.tenant = p_tenant AND g.group_id = r.id AND NOT g.removed)
                OR EXISTS (SELECT FROM queue q WHERE q.tenant = p_tenant AND r.id = ANY (q.group_ids))));
    END IF;

    -- What an agent serves or is offered is counted from the conversations themselves, so that no count can drift.
    IF c_of IS NOT NULL THEN
        full_up := ARRAY(
            SELECT c_of[i]
            FROM generate_series(1, cardinality(c_of)) i
            WHERE c_max[i] <= (SELECT count(*) FROM conversation x WHERE x.tenant = p_tenant AND x.assignee = c_agent[i] AND x.status = 0)
                + (SELECT count(*) FROM conversation x WHERE x.tenant = p_tenant AND x.offered_to = c_agent[i]));
    END IF;

    -- Subqueries of one row, not joins: whatever the statistics say, they are looked up by key and nothing else.
    verdicts := ARRAY(
        SELECT CASE
            WHEN NOT known AND NOT p_creates[i] OR ended OR suspended AND NOT p_even_if_suspended[i] THEN 6
            WHEN p_person[i] IS NOT NULL AND s.cutoff IS NULL THEN 5
            WHEN s.first_hash IS NOT NULL THEN CASE WHEN s.first_hash = p_hash[i] THEN 1 ELSE 2 END
            WHEN p_number[i] > 0 AND p_number[i] <= s.cutoff THEN 3
            WHEN i = ANY (fenced) THEN 4
            WHEN p_seq[i] IS NOT NULL AND p_seq[i] - 1 <> coalesce((
                SELECT x.seq FROM message x
                WHERE x.tenant = p_tenant AND x.conversation = p_conversation[i] AND x.lane = p_lane[i] AND x.seq >= p_seq[i] - 1 ORDER BY x.seq DESC LIMIT 1), 0) THEN 4
            WHEN i = ANY (full_up) THEN 8
            ELSE 0 END
        FROM generate_series(1, cardinality(p_creates)) i
        CROSS JOIN LATERAL (SELECT
            CASE WHEN p_person[i] IS NOT NULL THEN
                (SELECT CASE WHEN d.person = p_person[i] AND d.signed_out_at IS NULL AND session_lives(d.role, d.signed_in_at, d.used_at, d.expires_at, rules, now_at) AND (d.role NOT IN (1, 2, 5)
                        OR (SELECT g.suspended FROM agent g WHERE g.tenant = p_tenant AND g.id = d.person) IS NOT TRUE) THEN d.cutoff END
                    FROM device d WHERE d.tenant = p_tenant AND d.id = p_device[i]) END AS cutoff,
            CASE WHEN p_number[i] IS NOT NULL THEN coalesce(
                (SELECT m.hash FROM message m WHERE m.tenant = p_tenant AND m.device = p_device[i] AND m.number = p_number[i]),
                (SELECT c.hash FROM command c WHERE c.tenant = p_tenant AND c.device = p_device[i] AND c.number = p_number[i])) END AS first_hash
            OFFSET 0) s
        ORDER BY i);
    IF NOT 0 = ANY (verdicts) THEN
        answer.base := base;
        answer.newest := to_number;
        answer.at := now_at;
        answer.verdicts := verdicts;
        RETURN answer;
    END IF;

    IF p_answer IS NOT NULL THEN
        INSERT INTO command (tenant, device, number, hash, answer, at)
        SELECT p_tenant, p_device[i], p_number[i], p_hash[i], p_answer[i], now_at
        FROM generate_series(1, cardinality(p_answer)) i
        WHERE p_answer[i] IS NOT NULL AND verdicts[i] = 0;
    END IF;

    IF p_rows IS NOT NULL THEN
        PERFORM append_quotas(p_tenant, verdicts, p_rows);
        PERFORM append_rows(p_tenant, now_at, base, verdicts, p_rows);
        written := p_rows ? 'act';
    END IF;

    IF a_of IS NOT NULL THEN
        joining := ARRAY(
            SELECT a.a_offset
            FROM unnest(a_of, a_offset, a_person, a_kind, a_id, a_state) AS a(a_of, a_offset, person, kind, id, state)
            WHERE verdicts[a.a_of] = 0 AND a.kind = 1 AND a.state = 0 AND NOT EXISTS (
                SELECT FROM membership x
                WHERE x.tenant = p_tenant AND x.person = a.person AND x.audience_kind = a.kind AND x.audience = a.id AND x.state <> 2));
        UPDATE membership x SET until = least(x.until, base + a.a_offset), state = CASE a.state WHEN 1 THEN 1 ELSE 2 END
        FROM unnest(a_of, a_offset, a_person, a_kind, a_id, a_state) AS a(a_of, a_offset, person, kind, id, state)
        WHERE verdicts[a.a_of] = 0 AND x.tenant = p_tenant AND x.person = a.person AND x.audience_kind = a.kind AND x.audience = a.id
            AND x.state <> 2 AND x.state <> a.state;
        INSERT INTO membership (tenant, person, audience_kind, audience, since, until, state)
        SELECT p_tenant, a.person, a.kind, a.id, base + a.a_offset, CASE a.state WHEN 0 THEN 9223372036854775807 ELSE base + a.a_offset END, a.state
        FROM unnest(a_of, a_offset, a_person, a_kind, a_id, a_state) AS a(a_of, a_offset, person, kind, id, state)
        WHERE verdicts[a.a_of] = 0 AND a.state <> 2 AND NOT EXISTS (
            SELECT FROM membership x
            WHERE x.tenant = p_tenant AND x.person = a.person AND x.audience_kind = a.kind AND x.audience = a.id AND x.state <> 2);
        INSERT INTO membership_change (tenant, person, modseq, audience_kind, audience, state)
        SELECT p_tenant, a.person, base + a.a_offset, a.kind, a.id, a.state
        FROM unnest(a_of, a_offset, a_person, a_kind, a_id, a_state) AS a(a_of, a_offset, person, kind, id, state)
        WHERE verdicts[a.a_of] = 0;
        written := written OR FOUND;
    END IF;

    IF i_of IS NOT NULL THEN
        INSERT INTO item (tenant, kind, id, sub, revision, modseq, state, home_kind, home)
        SELECT p_tenant, i_kind[i], i_id[i], i_sub[i], i_revision[i], base + i_offset[i], CASE WHEN i_kind[i] IN (-51, 53) THEN '{"context":[],"lost":true}' WHEN i_kind[i] IN (-42, 42) THEN '{"devices":[],"lost":true}' ELSE i_state[i] END, i_home_kind[i], i_home[i]
        FROM generate_series(1, cardinality(i_of)) i
        WHERE verdicts[i_of[i]] = 0
        ON CONFLICT (tenant, kind, id, sub) DO UPDATE
        SET revision = excluded.revision, modseq = excluded.modseq, state = excluded.state, home_kind = excluded.home_kind, home = excluded.home;
        written := written OR FOUND;
    END IF;

    IF d_of IS NOT NULL THEN
        DELETE FROM item x
        USING unnest(d_of, d_kind, d_id, d_sub) AS d(d_of, kind, id, sub)
        WHERE verdicts[d.d_of] = 0 AND x.tenant = p_tenant AND x.kind = d.kind AND x.id = d.id AND x.sub = d.sub;
    END IF;

    IF i_kind && '{-51,-42,42,53}' OR d_kind && '{-51,-42,42,53}' THEN
        PERFORM append_volatile(p_tenant, verdicts, i_of, i_kind, i_id, i_sub, i_revision, i_state, d_of, d_kind, d_id, d_sub);
    END IF;

    IF e_of IS NOT NULL THEN
        INSERT INTO entry (tenant, audience_kind, audience, modseq, kind, id, sub, change, at)
        SELECT p_tenant, e_audience_kind[i], e_audience[i], base + e_offset[i], e_kind[i], e_id[i], e_sub[i], e_change[i], now_at
        FROM generate_series(1, cardinality(e_of)) i
        WHERE verdicts[e_of[i]] = 0;
        written := written OR FOUND;
    END IF;

    IF m_of IS NOT NULL THEN
        INSERT INTO message (tenant, conversation, lane, seq, modseq, message_id, person, role, at, content_type, content, device, number, hash)
        SELECT p_tenant, m_conversation[i], m_lane[i], m_seq[i], base + m_offset[i], m_id[i], m_person[i], m_role[i], now_at, m_content_type[i], m_content[i],
            m_device[i], m_number[i], m_hash[i]
        FROM generate_series(1, cardinality(m_of)) i
        WHERE verdicts[m_of[i]] = 0;
        GET DIAGNOSTICS posted = ROW_COUNT;
        written := written OR posted > 0;
        bytes := m_bytes;
        IF posted < cardinality(m_of) THEN
            SELECT coalesce(sum(octet_length(m_content[i])), 0) INTO bytes FROM generate_series(1, cardinality(m_of)) i WHERE verdicts[m_of[i]] = 0;
        END IF;
    END IF;

    IF k_of IS NOT NULL THEN
        SELECT array_agg(w.modseq), array_agg(w.kind), array_agg(w.conversation), array_agg(w.person), array_agg(w.first), array_agg(w.second), array_agg(w.revision),
            array_agg(w.audience_kind), array_agg(w.audience)
        INTO answer.modseq, answer.kind, answer.conversation, answer.person, answer.first, answer.second, answer.revision, answer.audience_kind, answer.audience
        FROM append_marks(p_tenant, now_at, base, verdicts, k_of, k_offset, k_kind, k_conversation, k_person, k_first, k_second) w;
        written := written OR answer.modseq IS NOT NULL;
    END IF;

    IF cardinality(joining) > 0 THEN
        SELECT answer.modseq || array_agg(w.modseq), answer.kind || array_agg(w.kind), answer.conversation || array_agg(w.conversation), answer.person || array_agg(w.person),
            answer.first || array_agg(w.first), answer.second || array_agg(w.second), answer.revision || array_agg(w.revision),
            answer.audience_kind || array_agg(w.audience_kind), answer.audience || array_agg(w.audience), count(*)
        INTO answer.modseq, answer.kind, answer.conversation, answer.person, answer.first, answer.second, answer.revision, answer.audience_kind, answer.audience, again
        FROM append_marks_again(p_tenant, now_at, base + p_numbers, joining, a_offset, a_person, a_id) w;
    END IF;

    IF written THEN
        to_number := base + p_numbers + again;
        INSERT INTO log_batch (tenant, newest, at, messages, bytes) VALUES (p_tenant, to_number, now_at, posted, bytes);
    END IF;
    answer.base := base;
    answer.newest := to_number;
    answer.at := now_at;
    answer.verdicts := verdicts;
    RETURN answer;
END
$$;

-- Marks that move: merged by maximum, cut at the newest message, told to the conversation, to its people while it is resolved, or to the person alone.
CREATE FUNCTION append_marks(
    p_tenant uuid, p_at timestamptz, p_base bigint, p_verdicts smallint[],
    k_of integer[], k_offset integer[], k_kind smallint[], k_conversation uuid[], k_person uuid[], k_first bigint[], k_second bigint[])
RETURNS TABLE (modseq bigint, kind smallint, conversation uuid, person uuid, first bigint, second bigint, revision integer, audience_kind smallint, audience uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH asked AS (
        SELECT k_kind[i] AS kind, k_conversation[i] AS conversation, k_person[i] AS person, p_base + max(k_offset[i]) AS modseq,
            max(CASE k_kind[i] WHEN 2 THEN greatest(k_first[i], k_second[i]) ELSE k_first[i] END) AS first, max(k_second[i]) AS second
        FROM generate_series(1, cardinality(k_of)) i
        WHERE p_verdicts[k_of[i]] = 0
        GROUP BY k_kind[i], k_conversation[i], k_person[i]
    ), cut AS MATERIALIZED (
        -- Who takes no part leaves no mark. The message itself is looked for first: the newest is only needed where it does not exist.
        SELECT a.kind, a.conversation, a.person, a.modseq,
            CASE WHEN a.first = 0 THEN 0 ELSE coalesce(
                (SELECT m.seq FROM message m WHERE m.tenant = p_tenant AND m.conversation = a.conversation AND m.lane = 0 AND m.seq = a.first),
                (SELECT m.seq FROM message m WHERE m.tenant = p_tenant AND m.conversation = a.conversation AND m.lane = 0 ORDER BY m.seq DESC LIMIT 1), 0) END AS first,
            CASE WHEN a.second = 0 THEN 0 ELSE coalesce(
                (SELECT m.seq FROM message m WHERE m.tenant = p_tenant AND m.conversation = a.conversation AND m.lane = a.kind - 2 AND m.seq = a.second),
                (SELECT m.seq FROM message m WHERE m.tenant = p_tenant AND m.conversation = a.conversation AND m.lane = a.kind - 2 ORDER BY m.seq DESC LIMIT 1), 0) END AS second
        FROM asked a
        WHERE EXISTS (
            SELECT FROM participant t WHERE t.tenant = p_tenant AND t.conversation = a.conversation AND t.person = a.person AND NOT t.has_left
                AND NOT (t.is_hidden AND a.kind = 2))
    ), moved AS (
        INSERT INTO mark AS x (tenant, conversation, kind, person, first, second, revision, modseq)
        SELECT p_tenant, c.conversation, c.kind, c.person, greatest(c.first, o.first), greatest(c.second, o.second), coalesce(o.revision, 0) + 1, c.modseq
        FROM cut c
        LEFT JOIN LATERAL (
            SELECT k.first, k.second, k.revision FROM mark k
            WHERE k.tenant = p_tenant AND k.conversation = c.conversation AND k.kind = c.kind AND k.person = c.person OFFSET 0) o ON true
        WHERE c.first > coalesce(o.first, 0) OR c.second > coalesce(o.second, 0)
        ON CONFLICT (tenant, conversation, kind, person) DO UPDATE
        SET first = excluded.first, second = excluded.second, revision = excluded.revision, modseq = excluded.modseq
        RETURNING x.modseq, x.kind, x.conversation, x.person, x.first, x.second, x.revision
    ), told AS (
        SELECT v.*, w.audience_kind, w.audience
        FROM moved v
        CROSS JOIN LATERAL (SELECT CASE v.kind WHEN 2 THEN (SELECT c.status FROM conversation c WHERE c.tenant = p_tenant AND c.id = v.conversation) END AS status OFFSET 0) s
        CROSS JOIN LATERAL (
            SELECT CASE v.kind WHEN 2 THEN 1 ELSE 3 END::smallint AS audience_kind, CASE v.kind WHEN 2 THEN v.conversation ELSE v.person END AS audience
            WHERE v.kind = 3 OR s.status = 0
            UNION ALL
            SELECT 3::smallint, t.person FROM participant t
            WHERE s.status <> 0 AND t.tenant = p_tenant AND t.conversation = v.conversation AND NOT t.has_left) w
    ), entered AS (
        INSERT INTO entry (tenant, audience_kind, audience, modseq, kind, id, sub, at)
        SELECT p_tenant, t.audience_kind, t.audience, t.modseq, t.kind, t.conversation, t.person, p_at FROM told t
    )
    SELECT t.modseq, t.kind, t.conversation, t.person, t.first, t.second, t.revision, t.audience_kind, t.audience FROM told t;
END
$$;

-- Who joins a conversation has never been told its receipts, or has forgotten them and its own read position on leaving. Whoever joins is told them as they stand, with numbers after those of the run;
-- nobody else is told anything: that somebody joins is not everybody's business.
CREATE FUNCTION append_marks_again(p_tenant uuid, p_at timestamptz, p_after bigint, p_joining integer[], a_offset integer[], a_person uuid[], a_id uuid[])
RETURNS TABLE (modseq bigint, kind smallint, conversation uuid, person uuid, first bigint, second bigint, revision integer, audience_kind smallint, audience uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH told AS (
        SELECT p_after + dense_rank() OVER (ORDER BY k.conversation, k.kind, k.person) AS modseq, k.kind, k.conversation, k.person, k.first, k.second, k.revision,
            3::smallint AS audience_kind, j.person AS audience
        FROM (SELECT DISTINCT a.id AS conversation, a.person FROM unnest(a_offset, a_person, a_id) AS a(a_offset, person, id) WHERE a.a_offset = ANY (p_joining)) j
        JOIN mark k ON k.tenant = p_tenant AND k.conversation = j.conversation
        WHERE k.kind = 2 OR k.person = j.person
    ), entered AS (
        INSERT INTO entry (tenant, audience_kind, audience, modseq, kind, id, sub, change, at)
        SELECT p_tenant, t.audience_kind, t.audience, t.modseq, t.kind, t.conversation, t.person, 50, p_at FROM told t
    )
    SELECT t.modseq, t.kind, t.conversation, t.person, t.first, t.second, t.revision, t.audience_kind, t.audience FROM told t;
END
$$;

-- Rows of the rooms' tables, inserted or replaced by key. Control changes only: they are few, so they travel as JSON.
CREATE FUNCTION append_rows(p_tenant uuid, p_at timestamptz, p_base bigint, p_verdicts smallint[], p_rows jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_rows ? 'act' THEN
        INSERT INTO act (tenant, modseq, id, at, person, device, operator, object_type, object_id, action, detail, changes)
        SELECT p_tenant, p_base + r."offset", r.id, p_at, r.person, r.device, r.operator, r.object_type, r.object_id, r.action, r.detail, r.changes
        FROM jsonb_to_recordset(p_rows -> 'act') AS r("of" integer, "offset" integer, id uuid, person uuid, device uuid, operator uuid, object_type text, object_id uuid,
            action text, detail text, changes jsonb)
        WHERE p_verdicts[r.of] = 0;
    END IF;
    PERFORM append_serving(p_tenant, p_at, p_verdicts, p_rows);
    IF p_rows ? 'tenant' THEN
        INSERT INTO tenant AS x (id, slug, name, suspended_at, created_at, terms, branding, policies, deletes_at, deletes_by, ended_at)
        SELECT p_tenant, r.slug, r.name, CASE WHEN r.suspended THEN p_at END, p_at, r.terms, r.branding, r.policies, r.deletes_at, r.deletes_by, CASE WHEN r.ended THEN p_at END
        FROM jsonb_to_recordset(p_rows -> 'tenant') AS r("of" integer, slug text, name text, suspended boolean, terms jsonb, branding jsonb, policies jsonb,
            deletes_at timestamptz, deletes_by uuid, ended boolean)
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT (id) DO UPDATE
        SET slug = excluded.slug, name = excluded.name, suspended_at = CASE WHEN excluded.suspended_at IS NOT NULL THEN coalesce(x.suspended_at, p_at) END,
            terms = excluded.terms, branding = excluded.branding, policies = excluded.policies,
            deletes_at = excluded.deletes_at, deletes_by = excluded.deletes_by, ended_at = excluded.ended_at;
    END IF;
    IF p_rows ? 'device' THEN
        INSERT INTO device (tenant, id, person, role, name, credential_hash, signed_in_at, signed_out_at, inbox, scopes, expires_at)
        SELECT p_tenant, r.id, r.person, r.role, r.name, decode(r.credential_hash, 'hex'), r.signed_in_at, r.signed_out_at, r.inbox, r.scopes, r.expires_at
        FROM jsonb_to_recordset(p_rows -> 'device') AS r("of" integer, id uuid, person uuid, role smallint, name text, credential_hash text,
            signed_in_at timestamptz, signed_out_at timestamptz, inbox uuid, scopes integer, expires_at timestamptz)
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT (tenant, id) DO UPDATE
        SET person = excluded.person, role = excluded.role, name = excluded.name, credential_hash = excluded.credential_hash, signed_in_at = excluded.signed_in_at,
            signed_out_at = excluded.signed_out_at, inbox = excluded.inbox, scopes = excluded.scopes, expires_at = excluded.expires_at;
    END IF;
    IF p_rows ? 'key_rotation' THEN
        UPDATE device d SET previous_hash = d.credential_hash, previous_until = r.previous_until, credential_hash = decode(r.credential_hash, 'hex')
        FROM jsonb_to_recordset(p_rows -> 'key_rotation') AS r("of" integer, id uuid, credential_hash text, previous_until timestamptz)
        WHERE p_verdicts[r.of] = 0 AND d.tenant = p_tenant AND d.id = r.id AND d.signed_out_at IS NULL;
    END IF;
    IF p_rows ? 'device_sign_out' THEN
        UPDATE device d SET signed_out_at = coalesce(d.signed_out_at, r.signed_out_at), name = coalesce(r.name, d.name)
        FROM jsonb_to_recordset(p_rows -> 'device_sign_out') AS r("of" integer, id uuid, signed_out_at timestamptz, name text)
        WHERE p_verdicts[r.of] = 0 AND d.tenant = p_tenant AND d.id = r.id AND (d.signed_out_at IS NULL OR r.name IS NOT NULL);
    END IF;
    IF p_rows ? 'agent' THEN
        INSERT INTO agent (tenant, id, email, name, role, group_id, created_by, password_hash, availability, suspended, skills, capacity, controls, removed,
            invitation_hash, invitation_expires_at, availability_inferred, availability_until, availability_check_at)
        SELECT p_tenant, r.id, r.email, r.name, r.role, r.group_id, r.created_by, r.password_hash, r.availability, r.suspended, r.skills, r.capacity, r.controls, r.removed,
            decode(r.invitation_hash, 'hex'), r.invitation_expires_at, r.availability_inferred, r.availability_until,
            CASE WHEN r.availability_inferred AND r.availability = 1 THEN '-infinity' ELSE r.availability_until END
        FROM jsonb_to_recordset(p_rows -> 'agent') AS r("of" integer, id uuid, email text, name text, role smallint, group_id uuid, created_by uuid,
            password_hash text, availability smallint, suspended boolean, skills text[], capacity integer, controls integer,
            removed boolean, invitation_hash text, invitation_expires_at timestamptz,
            availability_inferred boolean, availability_until timestamptz)
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT (tenant, id) DO UPDATE
        SET email = excluded.email, name = excluded.name, role = excluded.role, group_id = excluded.group_id, created_by = excluded.created_by,
            password_hash = excluded.password_hash, availability = excluded.availability, suspended = excluded.suspended,
            skills = excluded.skills, capacity = excluded.capacity, controls = excluded.controls, removed = excluded.removed,
            invitation_hash = excluded.invitation_hash, invitation_expires_at = excluded.invitation_expires_at,
            availability_inferred = excluded.availability_inferred, availability_until = excluded.availability_until,
            availability_check_at = excluded.availability_check_at;
    END IF;
    IF p_rows ? 'agent_group' THEN
        INSERT INTO agent_group (tenant, id, name, master_agent, supervisors)
        SELECT p_tenant, r.id, r.name, r.master_agent, r.supervisors
        FROM jsonb_to_recordset(p_rows -> 'agent_group') AS r("of" integer, id uuid, name text, master_agent uuid, supervisors uuid[], removed boolean)
        WHERE p_verdicts[r.of] = 0 AND NOT r.removed
        ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, master_agent = excluded.master_agent, supervisors = excluded.supervisors;
        DELETE FROM agent_group g
        USING jsonb_to_recordset(p_rows -> 'agent_group') AS r("of" integer, id uuid, removed boolean)
        WHERE p_verdicts[r.of] = 0 AND r.removed AND g.tenant = p_tenant AND g.id = r.id;
    END IF;
    IF p_rows ? 'inbox' THEN
        INSERT INTO inbox (tenant, id, identifier, name, hmac_mandatory, allowed_origins, queue, archived, departments)
        SELECT p_tenant, r.id, r.identifier, r.name, r.hmac_mandatory, r.allowed_origins, r.queue, r.archived, r.departments
        FROM jsonb_to_recordset(p_rows -> 'inbox') AS r("of" integer, id uuid, identifier text, name text, hmac_mandatory boolean,
            allowed_origins text[], queue uuid, archived boolean, departments jsonb, removed boolean)
        WHERE p_verdicts[r.of] = 0 AND NOT r.removed
        ON CONFLICT (tenant, id) DO UPDATE
        SET identifier = excluded.identifier, name = excluded.name, hmac_mandatory = excluded.hmac_mandatory,
            allowed_origins = excluded.allowed_origins, queue = excluded.queue, archived = excluded.archived, departments = excluded.departments;
        DELETE FROM inbox b
        USING jsonb_to_recordset(p_rows -> 'inbox') AS r("of" integer, id uuid, removed boolean)
        WHERE p_verdicts[r.of] = 0 AND r.removed AND b.tenant = p_tenant AND b.id = r.id;
    END IF;
    IF p_rows ? 'queue' THEN
        INSERT INTO queue (tenant, id, name, timed, overflow, group_ids)
        SELECT p_tenant, r.id, r.name, r.timed, r.overflow, r.group_ids
        FROM jsonb_to_recordset(p_rows -> 'queue') AS r("of" integer, id uuid, name text, timed boolean, overflow uuid, group_ids uuid[])
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, timed = excluded.timed, overflow = excluded.overflow, group_ids = excluded.group_ids;
    END IF;
    IF p_rows ? 'queue_wait' THEN
        INSERT INTO queue_wait (tenant, queue, until, conversation, since, served)
        SELECT p_tenant, r.queue, p_at, r.conversation, r.since, r.served
        FROM jsonb_to_recordset(p_rows -> 'queue_wait') AS r("of" integer, queue uuid, conversation uuid, since timestamptz, served boolean)
        WHERE p_verdicts[r.of] = 0;
    END IF;
    IF p_rows ? 'contact' THEN
        INSERT INTO contact (tenant, id, name, email, identifier, created_at, erased, merged_into, email_key)
        SELECT p_tenant, r.id, r.name, r.email, r.identifier, r.created_at, r.erased, r.merged_into, r.email_key
        FROM jsonb_to_recordset(p_rows -> 'contact') AS r("of" integer, id uuid, name text, email text, identifier text, created_at timestamptz, erased boolean, merged_into uuid,
            email_key text)
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT (tenant, id) DO UPDATE
        SET name = excluded.name, email = excluded.email, identifier = excluded.identifier, erased = excluded.erased, merged_into = excluded.merged_into,
            email_key = excluded.email_key;
    END IF;
    IF p_rows ? 'conversation' THEN
        INSERT INTO conversation AS x (tenant, id, display_id, inbox, contact, status, assignee, assigned_at, opened_at, waiting_since, session_since, queue, offered_to, consulted, due_at, priority, snoozed)
        SELECT p_tenant, r.id, r.display_id, r.inbox, r.contact, r.status, r.assignee, CASE WHEN r.assignee IS NOT NULL THEN p_at END, r.opened_at, r.waiting_since, r.session_since,
            r.queue, r.offered_to, r.consulted, r.due_at, r.priority, r.snoozed
        FROM jsonb_to_recordset(p_rows -> 'conversation') AS r("of" integer, id uuid, display_id bigint, inbox uuid, contact uuid, status smallint, assignee uuid,
            opened_at timestamptz, waiting_since timestamptz, session_since timestamptz, queue uuid, offered_to uuid, consulted boolean, due_at timestamptz, priority smallint, snoozed boolean)
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT (tenant, id) DO UPDATE
        SET display_id = excluded.display_id, inbox = excluded.inbox, contact = excluded.contact, status = excluded.status, assignee = excluded.assignee,
            assigned_at = CASE WHEN excluded.assignee IS DISTINCT FROM x.assignee THEN excluded.assigned_at ELSE x.assigned_at END,
            opened_at = excluded.opened_at, waiting_since = excluded.waiting_since, session_since = excluded.session_since, queue = excluded.queue, offered_to = excluded.offered_to, consulted = excluded.consulted, due_at = excluded.due_at,
            priority = excluded.priority, snoozed = excluded.snoozed;
    END IF;
    IF p_rows ? 'participant' THEN
        INSERT INTO participant (tenant, conversation, person, is_agent, has_left, is_hidden)
        SELECT p_tenant, r.conversation, r.person, r.is_agent, r.has_left, r.is_hidden
        FROM jsonb_to_recordset(p_rows -> 'participant') AS r("of" integer, conversation uuid, person uuid, is_agent boolean, has_left boolean, is_hidden boolean)
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT (tenant, conversation, person) DO UPDATE SET is_agent = excluded.is_agent, has_left = excluded.has_left, is_hidden = excluded.is_hidden;
    END IF;
    PERFORM append_customer_rows(p_tenant, p_at, p_verdicts, p_rows);
END
$$;
