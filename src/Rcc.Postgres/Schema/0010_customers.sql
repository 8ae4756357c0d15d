-- What is kept of customers beside their row, and who is to be shown it.

-- The same address may be a customer's in two tenants; in one it is one customer's.
CREATE TABLE contact_address (
    tenant  uuid NOT NULL,
    kind    smallint NOT NULL,
    value   text COLLATE "C" NOT NULL,
    contact uuid NOT NULL,
    CONSTRAINT contact_address_value PRIMARY KEY (tenant, kind, value)
);
CREATE INDEX contact_address_start ON contact_address (tenant, value) WHERE kind >= 0;

-- The words of contacts' names, in lower case.
CREATE TABLE contact_word (
    tenant  uuid NOT NULL,
    contact uuid NOT NULL,
    word    text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, contact, word)
);
CREATE INDEX contact_word_start ON contact_word (tenant, word);

-- What contacts (owner 0) and conversations (1) are found by. Values of attributes by a digest.
CREATE TABLE label_use (
    tenant uuid NOT NULL,
    owner  smallint NOT NULL,
    label  text COLLATE "C" NOT NULL,
    id     uuid NOT NULL,
    PRIMARY KEY (tenant, owner, label, id)
);
CREATE INDEX label_use_id ON label_use (tenant, owner, id);

CREATE TABLE attribute_use (
    tenant uuid NOT NULL,
    owner  smallint NOT NULL,
    key    text COLLATE "C" NOT NULL,
    value  uuid NOT NULL,
    id     uuid NOT NULL,
    PRIMARY KEY (tenant, owner, key, value, id)
);
CREATE INDEX attribute_use_id ON attribute_use (tenant, owner, id);

-- What contacts are found by of what they have subscribed to: of each name what counts. Times say which are pending (they begin later) and which have ended; status counts in between.
CREATE TABLE contact_subscription (
    tenant     uuid NOT NULL,
    contact    uuid NOT NULL,
    name       text COLLATE "C" NOT NULL,
    service    text COLLATE "C" NOT NULL,
    plan       text COLLATE "C",
    status     smallint NOT NULL,
    begins_at  timestamptz,
    ends_at    timestamptz,
    expires_at timestamptz,
    PRIMARY KEY (tenant, contact, name)
);
CREATE INDEX contact_subscription_service ON contact_subscription (tenant, service, contact);
CREATE INDEX contact_subscription_plan ON contact_subscription (tenant, plan, contact) WHERE plan IS NOT NULL;
CREATE INDEX contact_subscription_status ON contact_subscription (tenant, status, contact);
CREATE INDEX contact_subscription_begins ON contact_subscription (tenant, begins_at) WHERE begins_at IS NOT NULL;

-- The states of volatile items: not in the write-ahead log, in no base backup, empty after a crash. The item's own state then says that it was lost.
CREATE UNLOGGED TABLE volatile_state (
    tenant   uuid NOT NULL,
    kind     smallint NOT NULL,
    id       uuid NOT NULL,
    sub      uuid NOT NULL,
    revision integer NOT NULL,
    state    bytea NOT NULL,
    PRIMARY KEY (tenant, kind, id, sub)
);

-- Until when devices of an agent count as connected. Made to last without the log, and lost with the states of its presence.
CREATE UNLOGGED TABLE presence_lease (
    tenant uuid NOT NULL,
    agent  uuid NOT NULL,
    until  timestamptz NOT NULL,
    PRIMARY KEY (tenant, agent)
);
CREATE INDEX presence_lease_until ON presence_lease (until);

-- Contacts, and agents with context, that are to be looked at, and when: who is shown it or the rules have changed, or something expires. The stamp is new with each reason.
CREATE TABLE context_due (
    tenant uuid NOT NULL,
    person uuid NOT NULL,
    at     timestamptz NOT NULL,
    stamp  uuid NOT NULL,
    -- A contact's context is to be looked up; new with each reason, null when it is not.
    lookup uuid,
    PRIMARY KEY (tenant, person)
);
CREATE INDEX context_due_at ON context_due (at);

CREATE INDEX conversation_contact_open ON conversation (tenant, contact) WHERE status <> 1;

-- A contact and all that was merged into it, directly or not.
CREATE FUNCTION contact_family(p_tenant uuid, p_contact uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE family(id) AS (
        SELECT p_contact
        UNION
        SELECT c.id FROM family f CROSS JOIN LATERAL (SELECT x.id FROM contact x WHERE x.tenant = p_tenant AND x.merged_into = f.id OFFSET 0) c)
    SELECT f.id FROM family f
$$;

-- The contact that counts for a contact: itself, or the one it was merged into in the end; null for none.
CREATE FUNCTION contact_root(p_tenant uuid, p_contact uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up(id, merged_into) AS (
        SELECT c.id, c.merged_into FROM contact c WHERE c.tenant = p_tenant AND c.id = p_contact
        UNION
        SELECT c.id, c.merged_into FROM up u CROSS JOIN LATERAL (SELECT x.id, x.merged_into FROM contact x WHERE x.tenant = p_tenant AND x.id = u.merged_into LIMIT 1) c)
    SELECT u.id FROM up u WHERE u.merged_into IS NULL
$$;

-- Contacts are to be looked at, and those they were merged into.
CREATE FUNCTION append_due(p_tenant uuid, p_at timestamptz, p_contacts uuid[], p_opened uuid[] DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    WITH RECURSIVE up(id, opened) AS (
        SELECT DISTINCT d.id, coalesce(d.id = ANY (p_opened), false) FROM unnest(p_contacts) AS d(id)
        UNION
        SELECT c.merged_into, u.opened
        FROM up u CROSS JOIN LATERAL (SELECT x.merged_into FROM contact x WHERE x.tenant = p_tenant AND x.id = u.id AND x.merged_into IS NOT NULL LIMIT 1) c)
    INSERT INTO context_due AS x (tenant, person, at, stamp, lookup)
    SELECT p_tenant, u.id, p_at, gen_random_uuid(), CASE WHEN bool_or(u.opened) THEN gen_random_uuid() END FROM up u GROUP BY u.id
    ON CONFLICT (tenant, person) DO UPDATE SET at = least(x.at, excluded.at), stamp = excluded.stamp, lookup = coalesce(excluded.lookup, x.lookup)
$$;

-- Before the rooms' rows are written: whose agents change by it.
CREATE FUNCTION append_serving(p_tenant uuid, p_at timestamptz, p_verdicts smallint[], p_rows jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    due    uuid[] := '{}';
    opened uuid[] := '{}';
BEGIN
    IF p_rows ? 'conversation' THEN
        SELECT array_agg(DISTINCT r.contact), array_agg(DISTINCT r.contact) FILTER (WHERE r.status = 0)
        INTO due, opened
        FROM jsonb_to_recordset(p_rows -> 'conversation') AS r("of" integer, id uuid, contact uuid, status smallint)
        WHERE p_verdicts[r.of] = 0 AND (SELECT c.status FROM conversation c WHERE c.tenant = p_tenant AND c.id = r.id) IS DISTINCT FROM r.status;
    END IF;
    IF p_rows ? 'participant' THEN
        due := due || ARRAY(
            SELECT DISTINCT coalesce(
                (SELECT c.contact FROM conversation c WHERE c.tenant = p_tenant AND c.id = r.conversation),
                (SELECT n.contact FROM jsonb_to_recordset(p_rows -> 'conversation') AS n(id uuid, contact uuid) WHERE n.id = r.conversation LIMIT 1))
            FROM jsonb_to_recordset(p_rows -> 'participant') AS r("of" integer, conversation uuid, is_agent boolean)
            WHERE p_verdicts[r.of] = 0 AND r.is_agent);
    END IF;
    IF p_rows ? 'agent' THEN
        due := due || ARRAY(
            SELECT DISTINCT c.contact
            FROM jsonb_to_recordset(p_rows -> 'agent') AS r("of" integer, id uuid, role smallint, group_id uuid)
            CROSS JOIN LATERAL (SELECT a.role, a.group_id FROM agent a WHERE a.tenant = p_tenant AND a.id = r.id LIMIT 1) a
            CROSS JOIN LATERAL (SELECT x.conversation FROM participant x WHERE x.tenant = p_tenant AND x.person = r.id AND NOT x.has_left OFFSET 0) p
            CROSS JOIN LATERAL (SELECT x.contact FROM conversation x WHERE x.tenant = p_tenant AND x.id = p.conversation AND x.status <> 1 LIMIT 1) c
            WHERE p_verdicts[r.of] = 0 AND (a.role, a.group_id) IS DISTINCT FROM (r.role, r.group_id));
    END IF;
    IF p_rows ? 'contact' THEN
        due := due || ARRAY(
            SELECT d.id
            FROM jsonb_to_recordset(p_rows -> 'contact') AS r("of" integer, id uuid, merged_into uuid)
            CROSS JOIN LATERAL (SELECT c.merged_into FROM contact c WHERE c.tenant = p_tenant AND c.id = r.id LIMIT 1) old
            CROSS JOIN LATERAL (SELECT r.id UNION ALL SELECT old.merged_into UNION ALL SELECT r.merged_into) d
            WHERE p_verdicts[r.of] = 0 AND (old.merged_into IS NOT NULL OR r.merged_into IS NOT NULL) AND d.id IS NOT NULL);
    END IF;
    IF cardinality(due) > 0 THEN
        PERFORM append_due(p_tenant, p_at, due, opened);
    END IF;
    PERFORM append_agents_due(p_tenant, p_at, p_verdicts, p_rows);
END
$$;

-- Agents whose context or presence is to be looked at: what it was inferred from, or who may be shown it, changes.
CREATE FUNCTION append_agents_due(p_tenant uuid, p_at timestamptz, p_verdicts smallint[], p_rows jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    due uuid[] := '{}';
BEGIN
    -- Rules are about everybody.
    IF EXISTS (SELECT FROM jsonb_to_recordset(p_rows -> 'contact_settings') AS r("of" integer) WHERE p_verdicts[r.of] = 0) THEN
        due := ARRAY(SELECT i.id FROM item i WHERE i.tenant = p_tenant AND i.kind IN (-41, -42));
    END IF;
    -- Who runs and who supervises a group, and, outside of groups, who made an agent, is shown it: by what it is itself.
    IF p_rows ?| ARRAY['agent', 'agent_group'] THEN
        due := due || ARRAY(
            WITH changed AS (
                SELECT r.id
                FROM jsonb_to_recordset(coalesce(p_rows -> 'agent', '[]')) AS r("of" integer, id uuid, role smallint, group_id uuid, removed boolean)
                CROSS JOIN LATERAL (SELECT a.role, a.group_id, a.removed FROM agent a WHERE a.tenant = p_tenant AND a.id = r.id LIMIT 1) a
                WHERE p_verdicts[r.of] = 0 AND (a.role, a.group_id, a.removed) IS DISTINCT FROM (r.role, r.group_id, r.removed)
            ), watched AS (
                SELECT r.id FROM jsonb_to_recordset(coalesce(p_rows -> 'agent_group', '[]')) AS r("of" integer, id uuid) WHERE p_verdicts[r.of] = 0
                UNION
                SELECT g.id FROM changed c CROSS JOIN LATERAL (
                    SELECT x.id FROM agent_group x WHERE x.tenant = p_tenant AND (x.master_agent = c.id OR c.id = ANY (x.supervisors)) OFFSET 0) g
            )
            SELECT w.id
            FROM (
                SELECT c.id FROM changed c
                UNION
                SELECT a.id FROM watched g CROSS JOIN LATERAL (SELECT x.id FROM agent x WHERE x.tenant = p_tenant AND x.group_id = g.id OFFSET 0) a
                UNION
                SELECT a.id FROM changed c CROSS JOIN LATERAL (SELECT x.id FROM agent x WHERE x.tenant = p_tenant AND x.created_by = c.id AND x.group_id IS NULL OFFSET 0) a) w
            WHERE EXISTS (SELECT FROM item i WHERE i.tenant = p_tenant AND i.kind IN (-41, -42) AND i.id = w.id));
    END IF;
    -- Of a device that is signed out nothing is known any more.
    IF p_rows ? 'device_sign_out' THEN
        due := due || ARRAY(
            SELECT d.person
            FROM jsonb_to_recordset(p_rows -> 'device_sign_out') AS r("of" integer, id uuid)
            CROSS JOIN LATERAL (SELECT x.person FROM device x WHERE x.tenant = p_tenant AND x.id = r.id LIMIT 1) d
            WHERE p_verdicts[r.of] = 0 AND EXISTS (SELECT FROM item i WHERE i.tenant = p_tenant AND i.kind = -42 AND i.id = d.person));
    END IF;
    IF p_rows ?| ARRAY['conversation', 'participant'] AND EXISTS (SELECT FROM item i WHERE i.tenant = p_tenant AND i.kind = -41) THEN
        due := due || ARRAY(
            SELECT p.person
            FROM (
                SELECT r.person FROM jsonb_to_recordset(coalesce(p_rows -> 'participant', '[]')) AS r("of" integer, person uuid, is_agent boolean)
                WHERE p_verdicts[r.of] = 0 AND r.is_agent
                UNION
                SELECT x.person FROM jsonb_to_recordset(coalesce(p_rows -> 'conversation', '[]')) AS r("of" integer, id uuid, status smallint)
                CROSS JOIN LATERAL (SELECT c.status FROM conversation c WHERE c.tenant = p_tenant AND c.id = r.id LIMIT 1) c
                CROSS JOIN LATERAL (SELECT t.person FROM participant t WHERE t.tenant = p_tenant AND t.conversation = r.id AND t.is_agent AND NOT t.has_left OFFSET 0) x
                WHERE p_verdicts[r.of] = 0 AND c.status <> r.status) p
            WHERE EXISTS (SELECT FROM item i WHERE i.tenant = p_tenant AND i.kind = -41 AND i.id = p.person));
    END IF;
    IF cardinality(due) > 0 THEN
        PERFORM append_due(p_tenant, p_at, due);
    END IF;
END
$$;

-- The customers' own rows.
CREATE FUNCTION append_customer_rows(p_tenant uuid, p_at timestamptz, p_verdicts smallint[], p_rows jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_rows ? 'contact' THEN
        DELETE FROM contact_word w
        USING jsonb_to_recordset(p_rows -> 'contact') AS r("of" integer, id uuid, words text[])
        WHERE p_verdicts[r.of] = 0 AND w.tenant = p_tenant AND w.contact = r.id AND NOT w.word = ANY (r.words);
        INSERT INTO contact_word (tenant, contact, word)
        SELECT p_tenant, r.id, word
        FROM jsonb_to_recordset(p_rows -> 'contact') AS r("of" integer, id uuid, words text[]) CROSS JOIN LATERAL unnest(r.words) AS word
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT DO NOTHING;
    END IF;
    IF p_rows ? 'contact_address' THEN
        DELETE FROM contact_address a
        USING jsonb_to_recordset(p_rows -> 'contact_address') AS r("of" integer, kind smallint, value text, contact uuid, removed boolean)
        WHERE p_verdicts[r.of] = 0 AND r.removed AND a.tenant = p_tenant AND a.kind = r.kind AND a.value = r.value AND a.contact = r.contact;
        INSERT INTO contact_address (tenant, kind, value, contact)
        SELECT p_tenant, r.kind, r.value, r.contact
        FROM jsonb_to_recordset(p_rows -> 'contact_address') AS r("of" integer, kind smallint, value text, contact uuid, removed boolean)
        WHERE p_verdicts[r.of] = 0 AND NOT r.removed;
    END IF;
    IF p_rows ? 'tagging' THEN
        DELETE FROM label_use u USING jsonb_to_recordset(p_rows -> 'tagging') AS r("of" integer, owner smallint, id uuid)
        WHERE p_verdicts[r.of] = 0 AND u.tenant = p_tenant AND u.owner = r.owner AND u.id = r.id;
        DELETE FROM attribute_use u USING jsonb_to_recordset(p_rows -> 'tagging') AS r("of" integer, owner smallint, id uuid)
        WHERE p_verdicts[r.of] = 0 AND u.tenant = p_tenant AND u.owner = r.owner AND u.id = r.id;
        INSERT INTO label_use (tenant, owner, label, id)
        SELECT p_tenant, r.owner, l, r.id
        FROM jsonb_to_recordset(p_rows -> 'tagging') AS r("of" integer, owner smallint, id uuid, labels text[]) CROSS JOIN LATERAL unnest(r.labels) AS l
        WHERE p_verdicts[r.of] = 0;
        INSERT INTO attribute_use (tenant, owner, key, value, id)
        SELECT p_tenant, r.owner, a.key, a.value, r.id
        FROM jsonb_to_recordset(p_rows -> 'tagging') AS r("of" integer, owner smallint, id uuid, keys text[], "values" uuid[])
        CROSS JOIN LATERAL unnest(r.keys, r."values") AS a(key, value)
        WHERE p_verdicts[r.of] = 0;
    END IF;
    IF p_rows ? 'contact_subscription' THEN
        DELETE FROM contact_subscription s USING jsonb_to_recordset(p_rows -> 'contact_subscription') AS r("of" integer, contact uuid)
        WHERE p_verdicts[r.of] = 0 AND s.tenant = p_tenant AND s.contact = r.contact;
        INSERT INTO contact_subscription (tenant, contact, name, service, plan, status, begins_at, ends_at, expires_at)
        SELECT p_tenant, r.contact, s.name, s.service, s.plan, s.status, s.begins_at, s.ends_at, s.expires_at
        FROM jsonb_to_recordset(p_rows -> 'contact_subscription') AS r("of" integer, contact uuid, subscriptions jsonb)
        CROSS JOIN LATERAL jsonb_to_recordset(r.subscriptions) AS s(
            name text, service text, plan text, status smallint, begins_at timestamptz, ends_at timestamptz, expires_at timestamptz)
        WHERE p_verdicts[r.of] = 0;
    END IF;
    IF p_rows ? 'presence_lease' THEN
        INSERT INTO presence_lease (tenant, agent, until)
        SELECT p_tenant, r.agent, p_at + r.lasts
        FROM jsonb_to_recordset(p_rows -> 'presence_lease') AS r("of" integer, agent uuid, lasts interval)
        WHERE p_verdicts[r.of] = 0 AND r.lasts IS NOT NULL
        ON CONFLICT (tenant, agent) DO UPDATE SET until = excluded.until;
        DELETE FROM presence_lease l
        USING jsonb_to_recordset(p_rows -> 'presence_lease') AS r("of" integer, agent uuid, lasts interval)
        WHERE p_verdicts[r.of] = 0 AND r.lasts IS NULL AND l.tenant = p_tenant AND l.agent = r.agent;
    END IF;
    IF p_rows ? 'context_due' THEN
        INSERT INTO context_due AS x (tenant, person, at, stamp, lookup)
        SELECT p_tenant, r.person, r.at, gen_random_uuid(), CASE WHEN r.looks_up THEN gen_random_uuid() END
        FROM jsonb_to_recordset(p_rows -> 'context_due') AS r("of" integer, person uuid, at timestamptz, looks_up boolean)
        WHERE p_verdicts[r.of] = 0
        ON CONFLICT (tenant, person) DO UPDATE SET at = least(x.at, excluded.at), stamp = excluded.stamp, lookup = coalesce(excluded.lookup, x.lookup);
    END IF;
    IF p_rows ? 'contact_settings' THEN
        PERFORM append_due(p_tenant, p_at, ARRAY(
            SELECT DISTINCT c.contact FROM conversation c
            WHERE c.tenant = p_tenant AND c.status <> 1
                AND EXISTS (SELECT FROM participant p WHERE p.tenant = p_tenant AND p.conversation = c.id AND p.is_agent AND NOT p.has_left)))
        FROM jsonb_to_recordset(p_rows -> 'contact_settings') AS r("of" integer)
        WHERE p_verdicts[r.of] = 0;
    END IF;
END
$$;

-- The states of volatile items that change, and those of items that are deleted.
CREATE FUNCTION append_volatile(
    p_tenant uuid, p_verdicts smallint[], i_of integer[], i_kind smallint[], i_id uuid[], i_sub uuid[], i_revision integer[], i_state bytea[],
    d_of integer[], d_kind smallint[], d_id uuid[], d_sub uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF i_of IS NOT NULL THEN
        INSERT INTO volatile_state (tenant, kind, id, sub, revision, state)
        SELECT p_tenant, i.kind, i.id, i.sub, i.revision, i.state
        FROM unnest(i_of, i_kind, i_id, i_sub, i_revision, i_state) AS i(i_of, kind, id, sub, revision, state)
        WHERE i.kind IN (-51, -42, 42, 53) AND p_verdicts[i.i_of] = 0
        ON CONFLICT (tenant, kind, id, sub) DO UPDATE SET revision = excluded.revision, state = excluded.state;
    END IF;
    IF d_of IS NOT NULL THEN
        DELETE FROM volatile_state v
        USING unnest(d_of, d_kind, d_id, d_sub) AS d(d_of, kind, id, sub)
        WHERE d.kind IN (-51, -42, 42, 53) AND p_verdicts[d.d_of] = 0 AND v.tenant = p_tenant AND v.kind = d.kind AND v.id = d.id AND v.sub = d.sub;
    END IF;
END
$$;

-- The state of an item as devices get it.
CREATE FUNCTION item_state(p_item item) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_item.kind IN (-51, -42, 42, 53) THEN coalesce(
        (SELECT v.state FROM volatile_state v
        WHERE v.tenant = p_item.tenant AND v.kind = p_item.kind AND v.id = p_item.id AND v.sub = p_item.sub AND v.revision = p_item.revision), p_item.state)
        ELSE p_item.state END
$$;
