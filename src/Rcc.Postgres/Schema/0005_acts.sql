-- The action record: every administrative act, in the commit of what it did. Rows are never changed.
CREATE TABLE act (
    tenant      uuid NOT NULL,
    modseq      bigint NOT NULL,
    id          uuid NOT NULL,
    at          timestamptz NOT NULL,
    -- Who: a device of a person, the platform operator, or nobody: the server itself.
    person      uuid,
    device      uuid,
    operator    uuid,
    object_type text COLLATE "C" NOT NULL,
    object_id   uuid NOT NULL,
    action      text COLLATE "C" NOT NULL,
    detail      text,
    -- What became other than it was: {"member": {"from": …, "to": …}}.
    changes     jsonb,
    PRIMARY KEY (tenant, modseq)
);
CREATE INDEX act_person ON act (tenant, person, modseq) WHERE person IS NOT NULL;
CREATE INDEX act_object ON act (tenant, object_id, modseq) WHERE modseq > 0;
CREATE INDEX act_operator ON act (id) WHERE operator IS NOT NULL;
