-- What the operator has agreed with a tenant, how it looks, what it decided on; and what it uses.
ALTER TABLE tenant
    ADD COLUMN terms    jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN branding jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN policies jsonb NOT NULL DEFAULT '{}';

-- What a batch holds, counted where it is written anyway.
ALTER TABLE log_batch
    ADD COLUMN messages integer NOT NULL DEFAULT 0,
    ADD COLUMN bytes    bigint NOT NULL DEFAULT 0;

CREATE TABLE usage (
    tenant   uuid NOT NULL,
    month    date NOT NULL,
    messages bigint NOT NULL,
    bytes    bigint NOT NULL,
    PRIMARY KEY (tenant, month)
);

-- Up to where the batches of a tenant have been counted.
CREATE TABLE usage_position (
    tenant uuid PRIMARY KEY,
    modseq bigint NOT NULL
) WITH (fillfactor = 50);

-- How many contacts a tenant has that are not erased: too many to be counted for each that is new.
CREATE TABLE contact_count (
    tenant   uuid PRIMARY KEY,
    contacts bigint NOT NULL
) WITH (fillfactor = 50);

-- The tenant's row is locked, so nobody counts or adds at the same time. Only new rows are judged: what there is may stay, and change, when a quota becomes smaller.
CREATE FUNCTION append_quotas(p_tenant uuid, p_verdicts smallint[], p_rows jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    quotas jsonb;
BEGIN
    IF p_rows ? 'contact' THEN
        INSERT INTO contact_count AS x (tenant, contacts)
        SELECT p_tenant, n.moved
        FROM (
            SELECT coalesce(sum((NOT r.erased)::integer - coalesce((SELECT (NOT c.erased)::integer FROM contact c WHERE c.tenant = p_tenant AND c.id = r.id), 0)), 0) AS moved
            FROM jsonb_to_recordset(p_rows -> 'contact') AS r("of" integer, id uuid, erased boolean) WHERE p_verdicts[r.of] = 0) n
        WHERE n.moved <> 0
        ON CONFLICT (tenant) DO UPDATE SET contacts = x.contacts + excluded.contacts;
    END IF;
    IF NOT p_rows ?| ARRAY['agent', 'agent_group', 'inbox', 'device', 'contact'] THEN
        RETURN;
    END IF;
    SELECT t.terms -> 'quotas' INTO quotas FROM tenant t WHERE t.id = p_tenant;
    IF quotas IS NULL OR quotas = '{}' THEN
        RETURN;
    END IF;
    PERFORM append_quota('agents', (quotas ->> 'agents')::bigint,
        (SELECT count(*) FROM jsonb_to_recordset(p_rows -> 'agent') AS r("of" integer, id uuid)
            WHERE p_verdicts[r.of] = 0 AND NOT EXISTS (SELECT FROM agent x WHERE x.tenant = p_tenant AND x.id = r.id)),
        (SELECT count(*) FROM agent x WHERE x.tenant = p_tenant AND NOT x.removed))
        WHERE p_rows ? 'agent' AND quotas ? 'agents';
    PERFORM append_quota('groups', (quotas ->> 'groups')::bigint,
        (SELECT count(*) FROM jsonb_to_recordset(p_rows -> 'agent_group') AS r("of" integer, id uuid)
            WHERE p_verdicts[r.of] = 0 AND NOT EXISTS (SELECT FROM agent_group x WHERE x.tenant = p_tenant AND x.id = r.id)),
        (SELECT count(*) FROM agent_group x WHERE x.tenant = p_tenant))
        WHERE p_rows ? 'agent_group' AND quotas ? 'groups';
    PERFORM append_quota('inboxes', (quotas ->> 'inboxes')::bigint,
        (SELECT count(*) FROM jsonb_to_recordset(p_rows -> 'inbox') AS r("of" integer, id uuid)
            WHERE p_verdicts[r.of] = 0 AND NOT EXISTS (SELECT FROM inbox x WHERE x.tenant = p_tenant AND x.id = r.id)),
        (SELECT count(*) FROM inbox x WHERE x.tenant = p_tenant))
        WHERE p_rows ? 'inbox' AND quotas ? 'inboxes';
    -- Those that are new are in the count already.
    PERFORM append_quota('contacts', (quotas ->> 'contacts')::bigint, n.added, coalesce((SELECT x.contacts FROM contact_count x WHERE x.tenant = p_tenant), 0) - n.added)
        FROM (
            SELECT count(*) AS added FROM jsonb_to_recordset(p_rows -> 'contact') AS r("of" integer, id uuid)
            WHERE p_verdicts[r.of] = 0 AND NOT EXISTS (SELECT FROM contact x WHERE x.tenant = p_tenant AND x.id = r.id)) n
        WHERE p_rows ? 'contact' AND quotas ? 'contacts';
    PERFORM append_quota('keys', (quotas ->> 'keys')::bigint,
        (SELECT count(*) FROM jsonb_to_recordset(p_rows -> 'device') AS r("of" integer, id uuid, role smallint)
            WHERE p_verdicts[r.of] = 0 AND r.role = 4 AND NOT EXISTS (SELECT FROM device x WHERE x.tenant = p_tenant AND x.id = r.id)),
        (SELECT count(*) FROM device x WHERE x.tenant = p_tenant AND x.role = 4 AND x.signed_out_at IS NULL AND (x.expires_at > now()) IS NOT FALSE))
        WHERE p_rows ? 'device' AND quotas ? 'keys' AND EXISTS (SELECT FROM jsonb_to_recordset(p_rows -> 'device') AS r(role smallint) WHERE r.role = 4);
END
$$;

CREATE FUNCTION append_quota(p_name text, p_quota bigint, p_new bigint, p_there bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_new > 0 AND p_there + p_new > p_quota THEN
        RAISE EXCEPTION 'quota % is %', p_name, p_quota USING ERRCODE = 'check_violation', CONSTRAINT = 'quota_' || p_name, HINT = p_quota::text;
    END IF;
END
$$;

-- Adds what was committed since the last time. One row is locked for each tenant that moved, so each batch is counted once, whoever counts.
CREATE FUNCTION count_usage(p_tenant uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    counted bigint;
    newest_number bigint;
BEGIN
    -- A tenant that is deleted meanwhile gets no rows any more.
    PERFORM FROM tenant t WHERE t.id = p_tenant AND t.ended_at IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO usage_position (tenant, modseq) VALUES (p_tenant, 0) ON CONFLICT DO NOTHING;
    SELECT u.modseq INTO counted FROM usage_position u WHERE u.tenant = p_tenant FOR UPDATE;
    SELECT b.newest INTO newest_number FROM log_batch b WHERE b.tenant = p_tenant ORDER BY b.newest DESC LIMIT 1;
    IF newest_number IS NULL OR newest_number <= counted THEN
        RETURN;
    END IF;
    INSERT INTO usage AS x (tenant, month, messages, bytes)
    SELECT p_tenant, date_trunc('month', b.at AT TIME ZONE 'UTC')::date, sum(b.messages), sum(b.bytes)
    FROM log_batch b
    WHERE b.tenant = p_tenant AND b.newest > counted AND b.newest <= newest_number
    GROUP BY 2
    ON CONFLICT (tenant, month) DO UPDATE SET messages = x.messages + excluded.messages, bytes = x.bytes + excluded.bytes;
    UPDATE usage_position SET modseq = newest_number WHERE tenant = p_tenant;
END
$$;
