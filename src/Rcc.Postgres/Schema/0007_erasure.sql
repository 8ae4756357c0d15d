-- Deleting a tenant: asked for, waiting, ended (nothing resolves any more), erased.
ALTER TABLE tenant
    ADD COLUMN deletes_at timestamptz,
    ADD COLUMN deletes_by uuid,
    ADD COLUMN ended_at   timestamptz;
CREATE INDEX tenant_deletes ON tenant (deletes_at) WHERE deletes_at IS NOT NULL;

-- Every table with a column named tenant holds rows of tenants, whichever room it belongs to: a new one cannot be forgotten here. Whom a node follows is the node's.
CREATE FUNCTION tenant_tables() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT c.relname::text
    FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'node_tail'
        AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant' AND a.attnum > 0 AND NOT a.attisdropped)
    -- First what credentials, sign-ins and ways in are looked up by.
    ORDER BY array_position(ARRAY['device', 'agent', 'inbox']::text[], c.relname::text) NULLS LAST, c.relname
$$;

-- Erases some rows of a tenant that has ended: at most p_rows. Nothing is appended to it any more, so when all its tables are empty its own row goes with the last statement: until then, whoever
-- finds the row goes on where another one was stopped. What platform operators did stays, and p_act is added to it. Answers how many rows, 0 when nothing is left.
CREATE FUNCTION erase_tenant(p_tenant uuid, p_rows integer, p_act uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    table_name text;
    erased     bigint := 0;
    gone       bigint;
    asked_by   uuid;
BEGIN
    SELECT t.deletes_by INTO asked_by FROM tenant t WHERE t.id = p_tenant AND t.ended_at IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN
        IF EXISTS (SELECT FROM tenant t WHERE t.id = p_tenant) THEN
            RAISE EXCEPTION 'tenant % has not ended', p_tenant;
        END IF;
        RETURN 0;
    END IF;
    FOR table_name IN SELECT tenant_tables() LOOP
        EXECUTE format(
            'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT x.ctid FROM %1$I x WHERE x.tenant = $1 %2$s LIMIT $2))',
            table_name, CASE table_name WHEN 'act' THEN 'AND x.operator IS NULL' ELSE '' END)
        USING p_tenant, p_rows - erased;
        GET DIAGNOSTICS gone = ROW_COUNT;
        erased := erased + gone;
        EXIT WHEN erased >= p_rows;
    END LOOP;
    IF erased = 0 THEN
        DELETE FROM tenant t WHERE t.id = p_tenant;
        -- That the tenant ended was its last commit and is the highest number there is.
        INSERT INTO act (tenant, modseq, id, at, operator, object_type, object_id, action)
        SELECT p_tenant, max(a.modseq) + 1, p_act, now(), asked_by, 'account', p_tenant, 'erase' FROM act a WHERE a.tenant = p_tenant;
        RETURN 1;
    END IF;
    RETURN erased;
END
$$;
