-- The rooms' own rows: what is listed, searched, counted, and checked at sign-in.

CREATE TABLE device (
    tenant          uuid NOT NULL,
    id              uuid NOT NULL,
    person          uuid NOT NULL,
    role            smallint NOT NULL,
    name            text COLLATE "C" NOT NULL,
    credential_hash bytea NOT NULL CONSTRAINT device_credential UNIQUE,
    signed_in_at    timestamptz NOT NULL,
    signed_out_at   timestamptz,
    inbox           uuid,
    scopes          integer NOT NULL,
    -- The secret before the last rotation, good until then.
    previous_hash   bytea,
    previous_until  timestamptz,
    -- Of a key: from when on it is good for nothing.
    expires_at      timestamptz,
    -- When it was last used, as exact as an hour.
    used_at         timestamptz NOT NULL DEFAULT now(),
    -- Commands up to this number are no longer remembered.
    cutoff          bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX device_key ON device (tenant, id) WHERE role = 4;
CREATE INDEX device_of_agent ON device (tenant, id) WHERE role IN (1, 2, 5) AND signed_out_at IS NULL;
CREATE UNIQUE INDEX device_previous ON device (previous_hash) WHERE previous_hash IS NOT NULL;
CREATE INDEX device_person ON device (tenant, person) WHERE scopes >= 0;
CREATE INDEX device_live ON device (tenant, person, signed_in_at) WHERE signed_out_at IS NULL;

-- Whether a device that was not signed out may still be used: a key until it expires, an agent's as long as its tenant's policies say.
CREATE FUNCTION session_lives(p_role smallint, p_signed_in_at timestamptz, p_used_at timestamptz, p_expires_at timestamptz, p_policies jsonb, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT (p_expires_at > p_at) IS NOT FALSE AND (p_role NOT IN (1, 2, 5)
        OR (p_signed_in_at + make_interval(days => (p_policies ->> 'sessionDays')::integer) > p_at) IS NOT FALSE
            AND (p_used_at + make_interval(days => (p_policies ->> 'idleDays')::integer) > p_at) IS NOT FALSE)
$$;

CREATE TABLE agent (
    tenant        uuid NOT NULL,
    id            uuid NOT NULL,
    email         text COLLATE "C",
    name          text COLLATE "C" NOT NULL,
    role          smallint NOT NULL,
    group_id      uuid,
    created_by    uuid,
    password_hash text COLLATE "C" NOT NULL,
    availability  smallint NOT NULL,
    suspended     boolean NOT NULL,
    skills        text[] COLLATE "C" NOT NULL,
    capacity      integer,
    controls      integer,
    removed       boolean NOT NULL,
    invitation_hash       bytea,
    invitation_expires_at timestamptz,
    availability_inferred boolean NOT NULL,
    availability_until    timestamptz,
    -- When somebody is to look whether it has run out; each look moves it on.
    availability_check_at timestamptz,
    PRIMARY KEY (tenant, id),
    CONSTRAINT agent_email UNIQUE (tenant, email)
);
CREATE INDEX agent_available ON agent (tenant, id) WHERE availability = 1 AND NOT suspended;
CREATE UNIQUE INDEX agent_invitation ON agent (invitation_hash) WHERE invitation_hash IS NOT NULL;
CREATE INDEX agent_availability_check_at ON agent (availability_check_at) WHERE availability_check_at IS NOT NULL;
CREATE INDEX agent_suspended ON agent (tenant, id) WHERE suspended;

CREATE TABLE agent_group (
    tenant       uuid NOT NULL,
    id           uuid NOT NULL,
    name         text COLLATE "C" NOT NULL,
    master_agent uuid NOT NULL,
    supervisors  uuid[] NOT NULL,
    PRIMARY KEY (tenant, id),
    CONSTRAINT agent_group_name UNIQUE (tenant, name)
);

CREATE TABLE inbox (
    tenant          uuid NOT NULL,
    id              uuid NOT NULL,
    identifier      text COLLATE "C" NOT NULL CONSTRAINT inbox_identifier UNIQUE,
    name            text COLLATE "C" NOT NULL,
    hmac_mandatory  boolean NOT NULL,
    allowed_origins text[] COLLATE "C" NOT NULL,
    -- Where its conversations wait; null: in the queue every tenant has.
    queue           uuid,
    -- It takes no new customers and no new conversations.
    archived        boolean NOT NULL,
    -- The queues that customers may choose, with the names they read: [{"queueId", "name"}].
    departments     jsonb NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- What a queue is stands in its item.
CREATE TABLE queue (
    tenant uuid NOT NULL,
    id     uuid NOT NULL,
    -- Null: it was removed.
    name   text COLLATE "C",
    -- What waits in it may have to be looked at although nobody comes.
    timed  boolean NOT NULL,
    -- What it leads into.
    overflow uuid,
    -- The groups that serve it.
    group_ids uuid[] NOT NULL,
    PRIMARY KEY (tenant, id),
    CONSTRAINT queue_name UNIQUE (tenant, name)
);

-- What has ceased to wait in a queue: how waits are measured. Kept as long as entries.
CREATE TABLE queue_wait (
    tenant       uuid NOT NULL,
    queue        uuid NOT NULL,
    until        timestamptz NOT NULL,
    conversation uuid NOT NULL,
    since        timestamptz NOT NULL,
    -- It came to an agent.
    served       boolean NOT NULL
);
CREATE INDEX queue_wait_served ON queue_wait (tenant, queue, until) WHERE served;
CREATE INDEX queue_wait_until ON queue_wait USING brin (until);

CREATE TABLE contact (
    tenant     uuid NOT NULL,
    id         uuid NOT NULL,
    name       text COLLATE "C",
    email      text COLLATE "C",
    identifier text COLLATE "C",
    created_at timestamptz NOT NULL,
    -- Nothing is left of it but its id, which its conversations name.
    erased     boolean NOT NULL,
    -- The contact it was merged into.
    merged_into uuid,
    -- How it is searched: in lower case. Names are searched by contact_word.
    email_key  text COLLATE "C",
    PRIMARY KEY (tenant, id),
    CONSTRAINT contact_identifier UNIQUE (tenant, identifier)
);
CREATE INDEX contact_merged ON contact (tenant, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX contact_email ON contact (tenant, email_key) WHERE email_key IS NOT NULL;

CREATE TABLE conversation (
    tenant        uuid NOT NULL,
    id            uuid NOT NULL,
    display_id    bigint NOT NULL,
    inbox         uuid NOT NULL,
    contact       uuid NOT NULL,
    status        smallint NOT NULL,
    assignee      uuid,
    assigned_at   timestamptz,
    opened_at     timestamptz NOT NULL,
    waiting_since timestamptz,
    -- Orders the waiting ones that are equally urgent.
    session_since timestamptz NOT NULL,
    queue         uuid NOT NULL,
    -- Offered to an agent, it takes a place of that agent's as if it were assigned.
    offered_to    uuid,
    -- That agent has accepted to be asked, and keeps its place while it is away.
    consulted     boolean NOT NULL,
    -- When something is to happen to it by time alone.
    due_at        timestamptz,
    priority      smallint NOT NULL,
    -- Open, and put off.
    snoozed       boolean NOT NULL,
    PRIMARY KEY (tenant, id),
    CONSTRAINT conversation_display_id UNIQUE (tenant, display_id)
);
CREATE INDEX conversation_waiting ON conversation (tenant, queue, priority DESC, session_since, display_id) WHERE waiting_since IS NOT NULL;
CREATE INDEX conversation_open ON conversation (tenant, assignee) WHERE status = 0;
CREATE INDEX conversation_offered ON conversation (tenant, offered_to) WHERE offered_to IS NOT NULL;
CREATE INDEX conversation_due ON conversation (tenant, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX conversation_snoozed ON conversation (tenant, display_id) WHERE snoozed;
CREATE INDEX conversation_assigned ON conversation (tenant, assignee, assigned_at);
CREATE INDEX conversation_assignee ON conversation (tenant, assignee, display_id);
CREATE INDEX conversation_contact ON conversation (tenant, contact, display_id);
CREATE INDEX conversation_inbox ON conversation (tenant, inbox, display_id);

CREATE TABLE participant (
    tenant       uuid NOT NULL,
    conversation uuid NOT NULL,
    person       uuid NOT NULL,
    is_agent     boolean NOT NULL,
    has_left     boolean NOT NULL,
    -- Reads along unseen: what it receives and reads is told to nobody.
    is_hidden    boolean NOT NULL,
    PRIMARY KEY (tenant, conversation, person)
);
CREATE INDEX participant_person ON participant (tenant, person, conversation) WHERE NOT has_left;

CREATE TABLE platform_operator (
    id            uuid PRIMARY KEY,
    name          text COLLATE "C" NOT NULL CONSTRAINT platform_operator_name UNIQUE,
    password_hash text COLLATE "C" NOT NULL,
    is_first      boolean NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz
);
CREATE UNIQUE INDEX platform_operator_first ON platform_operator (is_first) WHERE is_first;

CREATE TABLE operator_session (
    hash       bytea PRIMARY KEY,
    operator   uuid NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX operator_session_operator ON operator_session (operator);

-- What operators do to each other belongs to no tenant: it stands in the action record under none, in this order.
CREATE SEQUENCE operator_act_place;
CREATE FUNCTION record_operator_act(p_act uuid, p_by uuid, p_operator uuid, p_action text, p_detail text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO act (tenant, modseq, id, at, operator, object_type, object_id, action, detail)
    VALUES ('00000000-0000-0000-0000-000000000000', nextval('operator_act_place'), p_act, now(), p_by, 'operator', p_operator, p_action, p_detail);
END
$$;

-- Answers 0 when there is no such operator, 2 when nobody would be left, else 1. One at a time: of two who disable each other one stays.
CREATE FUNCTION set_operator_disabled(p_act uuid, p_by uuid, p_operator uuid, p_disabled boolean) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    was boolean;
BEGIN
    LOCK TABLE platform_operator IN SHARE ROW EXCLUSIVE MODE;
    SELECT o.disabled_at IS NOT NULL INTO was FROM platform_operator o WHERE o.id = p_operator;
    IF was IS NULL THEN
        RETURN 0;
    END IF;
    IF was = p_disabled THEN
        RETURN 1;
    END IF;
    IF p_disabled AND NOT EXISTS (SELECT FROM platform_operator o WHERE o.id <> p_operator AND o.disabled_at IS NULL) THEN
        RETURN 2;
    END IF;
    UPDATE platform_operator o SET disabled_at = CASE WHEN p_disabled THEN now() END WHERE o.id = p_operator;
    DELETE FROM operator_session s WHERE s.operator = p_operator;
    PERFORM record_operator_act(p_act, p_by, p_operator, CASE WHEN p_disabled THEN 'disable' ELSE 'enable' END, NULL);
    RETURN 1;
END
$$;

CREATE TABLE ticket (
    hash            bytea PRIMARY KEY,
    credential_hash bytea NOT NULL,
    expires_at      timestamptz NOT NULL
);
CREATE INDEX ticket_expires_at ON ticket (expires_at);

-- What an identity provider has said of who signs in, until its device comes for it.
CREATE TABLE sign_in_code (
    hash       bytea PRIMARY KEY,
    said       bytea NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_code_expires_at ON sign_in_code (expires_at);

CREATE TABLE secret (
    name  text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

-- One row; the restore command changes it.
CREATE TABLE epoch (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    value  uuid NOT NULL
);
INSERT INTO epoch (value) VALUES (gen_random_uuid());
