-- The tenant's log, what it numbers, and what its commands were answered.
-- No foreign keys: they would lock the tenant's row once more for each row appended. Only append_batch writes here.
-- Plans are made once and kept, often while a table is still empty, when indexes with a common beginning look alike to the planner. So an index that could be mistaken for a
-- key is partial, under a condition that is always true and that only the statements meant for it repeat.

CREATE TABLE tenant (
    id           uuid PRIMARY KEY,
    slug         text COLLATE "C" NOT NULL CONSTRAINT tenant_slug UNIQUE,
    name         text COLLATE "C" NOT NULL,
    suspended_at timestamptz,
    created_at   timestamptz NOT NULL,
    -- Entries up to here are no longer kept.
    floor        bigint NOT NULL DEFAULT 0
);

-- One row for each batch: the newest number is read from here, so that no append updates a shared row.
CREATE TABLE log_batch (
    tenant uuid NOT NULL,
    newest bigint NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, newest)
);

CREATE TABLE message (
    tenant       uuid NOT NULL,
    conversation uuid NOT NULL,
    lane         smallint NOT NULL,
    seq          bigint NOT NULL,
    modseq       bigint NOT NULL,
    message_id   uuid NOT NULL,
    person       uuid NOT NULL,
    role         smallint NOT NULL,
    at           timestamptz NOT NULL,
    content_type text COLLATE "C" NOT NULL,
    content      bytea NOT NULL,
    -- The command that posted it, where the message alone is its answer.
    device       uuid,
    number       bigint,
    hash         uuid,
    PRIMARY KEY (tenant, conversation, lane, seq),
    CONSTRAINT message_message_id UNIQUE (tenant, message_id)
);
CREATE INDEX message_modseq ON message (tenant, conversation, lane, modseq) WHERE modseq <> 0;
-- Numbers rise with the clock on every device: led by the number, new keys lie side by side.
CREATE UNIQUE INDEX message_command ON message (tenant, number, device) WHERE number IS NOT NULL;

-- Commands that a message does not remember.
CREATE TABLE command (
    tenant uuid NOT NULL,
    device uuid NOT NULL,
    number bigint NOT NULL,
    hash   uuid NOT NULL,
    answer bytea NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, number, device)
);
CREATE INDEX command_at ON command (at);

-- The modseq is not indexed, so that changes stay heap-only.
CREATE TABLE item (
    tenant    uuid NOT NULL,
    kind      smallint NOT NULL,
    id        uuid NOT NULL,
    sub       uuid NOT NULL,
    revision  integer NOT NULL,
    modseq    bigint NOT NULL,
    state     bytea NOT NULL,
    home_kind smallint NOT NULL,
    home      uuid NOT NULL,
    PRIMARY KEY (tenant, kind, id, sub)
) WITH (fillfactor = 80);
CREATE INDEX item_home ON item (tenant, home_kind, home, kind, id, sub) WHERE home_kind > 0;

-- Positions of a person in a conversation; kind and meaning as in MarkKind.
CREATE TABLE mark (
    tenant       uuid NOT NULL,
    conversation uuid NOT NULL,
    kind         smallint NOT NULL,
    person       uuid NOT NULL,
    first        bigint NOT NULL,
    second       bigint NOT NULL,
    revision     integer NOT NULL,
    modseq       bigint NOT NULL,
    PRIMARY KEY (tenant, conversation, kind, person)
) WITH (fillfactor = 70);

-- What changed, by who may read it. change: null for a new state, 50 for one that is told as it stands, else the LeftReason.
-- An entry of a state is good while its item has its number; one that tells it as it stands, while its item has not changed since.
CREATE TABLE entry (
    tenant        uuid NOT NULL,
    audience_kind smallint NOT NULL,
    audience      uuid NOT NULL,
    modseq        bigint NOT NULL,
    kind          smallint NOT NULL,
    id            uuid NOT NULL,
    sub           uuid NOT NULL,
    change        smallint,
    at            timestamptz NOT NULL,
    PRIMARY KEY (tenant, audience_kind, audience, modseq)
);
-- Entries lie in the order of time, so that cutting old ones needs no more than this.
CREATE INDEX entry_at ON entry USING brin (at) WITH (pages_per_range = 32);

-- Intervals in which a person reads an audience: (since, until]. A device reads the intervals that ended after its position.
-- state 0: reads, 1: belongs to it but nothing is written to it any more, 2: over.
CREATE TABLE membership (
    tenant        uuid NOT NULL,
    person        uuid NOT NULL,
    audience_kind smallint NOT NULL,
    audience      uuid NOT NULL,
    since         bigint NOT NULL,
    until         bigint NOT NULL,
    state         smallint NOT NULL,
    PRIMARY KEY (tenant, audience_kind, audience, person, since)
);
CREATE INDEX membership_until ON membership (tenant, person, until);
CREATE UNIQUE INDEX membership_current ON membership (tenant, person, audience_kind, audience) WHERE state <> 2;
CREATE INDEX membership_over ON membership (tenant, until) WHERE state = 2;

-- The same as a log, for nodes that were not told.
CREATE TABLE membership_change (
    tenant        uuid NOT NULL,
    person        uuid NOT NULL,
    modseq        bigint NOT NULL,
    audience_kind smallint NOT NULL,
    audience      uuid NOT NULL,
    state         smallint NOT NULL,
    PRIMARY KEY (tenant, person, modseq)
);
CREATE INDEX membership_change_modseq ON membership_change (tenant, modseq) WHERE modseq <> 0;

-- Which nodes are alive and which tenants they follow: whom a suspension waits for. Of no tenant and in no log.
CREATE TABLE node (
    id      uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE node_tail (
    id     uuid PRIMARY KEY,
    node   uuid NOT NULL REFERENCES node ON DELETE CASCADE,
    tenant uuid NOT NULL
);
CREATE INDEX node_tail_node ON node_tail (node);
CREATE INDEX node_tail_tenant ON node_tail (tenant) WHERE tenant IS NOT NULL;
