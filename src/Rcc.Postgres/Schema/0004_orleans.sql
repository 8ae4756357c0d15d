-- Clustering, reminders and grain storage of the engine that runs on several machines: the tables are ours, the queries are read by its ADO.NET providers from OrleansQuery.
-- Keys, parameters and result columns are theirs. A lost race answers 0, it never throws.

CREATE TABLE OrleansQuery (
    QueryKey  varchar(64) PRIMARY KEY,
    QueryText varchar(8000) NOT NULL
);

CREATE TABLE cluster_version (
    deployment text COLLATE "C" PRIMARY KEY,
    version    integer NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE cluster_silo (
    deployment    text COLLATE "C" NOT NULL,
    address       text COLLATE "C" NOT NULL,
    port          integer NOT NULL,
    generation    integer NOT NULL,
    silo_name     text COLLATE "C" NOT NULL,
    host_name     text COLLATE "C" NOT NULL,
    status        integer NOT NULL,
    proxy_port    integer NOT NULL,
    suspect_times text COLLATE "C",
    start_time    timestamptz(3) NOT NULL,
    alive_time    timestamptz(3) NOT NULL,
    PRIMARY KEY (deployment, address, port, generation)
);

CREATE TABLE grain_state (
    id_hash   integer NOT NULL,
    type_hash integer NOT NULL,
    id_n0     bigint NOT NULL,
    id_n1     bigint NOT NULL,
    type_name text COLLATE "C" NOT NULL,
    extension text COLLATE "C",
    service   text COLLATE "C" NOT NULL,
    payload   bytea,
    modified  timestamptz NOT NULL,
    version   integer NOT NULL,
    UNIQUE NULLS NOT DISTINCT (id_hash, type_hash, id_n0, id_n1, service, type_name, extension)
);

CREATE TABLE reminder (
    service    text COLLATE "C" NOT NULL,
    grain      text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    start_time timestamptz(3) NOT NULL,
    period     bigint NOT NULL,
    grain_hash integer NOT NULL,
    version    integer NOT NULL,
    PRIMARY KEY (service, grain, name)
);
CREATE INDEX reminder_hash ON reminder (service, grain_hash);

-- The version row is locked first: whoever comes second sees the version moved and answers 0.
CREATE FUNCTION cluster_insert(
    p_deployment text, p_address text, p_port integer, p_generation integer, p_silo_name text, p_host_name text, p_status integer, p_proxy_port integer,
    p_start_time timestamptz, p_alive_time timestamptz, p_version integer)
RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM cluster_version v WHERE v.deployment = p_deployment AND v.version = p_version FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    INSERT INTO cluster_silo (deployment, address, port, generation, silo_name, host_name, status, proxy_port, start_time, alive_time)
    VALUES (p_deployment, p_address, p_port, p_generation, p_silo_name, p_host_name, p_status, p_proxy_port, p_start_time, p_alive_time)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    UPDATE cluster_version v SET version = p_version + 1, changed_at = now() WHERE v.deployment = p_deployment;
    RETURN 1;
END
$$;

CREATE FUNCTION cluster_update(
    p_deployment text, p_address text, p_port integer, p_generation integer, p_status integer, p_suspect_times text, p_alive_time timestamptz, p_version integer)
RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM cluster_version v WHERE v.deployment = p_deployment AND v.version = p_version FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    UPDATE cluster_silo s SET status = p_status, suspect_times = p_suspect_times, alive_time = p_alive_time
    WHERE s.deployment = p_deployment AND s.address = p_address AND s.port = p_port AND s.generation = p_generation;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    UPDATE cluster_version v SET version = p_version + 1, changed_at = now() WHERE v.deployment = p_deployment;
    RETURN 1;
END
$$;

-- The new version, or none when somebody else has written since.
CREATE FUNCTION grain_state_write(
    p_id_hash integer, p_id_n0 bigint, p_id_n1 bigint, p_type_hash integer, p_type text, p_extension text, p_service text, p_version integer, p_payload bytea)
RETURNS TABLE (NewGrainStateVersion integer) LANGUAGE plpgsql AS $$
BEGIN
    IF p_version IS NULL THEN
        RETURN QUERY
        INSERT INTO grain_state AS g (id_hash, type_hash, id_n0, id_n1, type_name, extension, service, payload, modified, version)
        VALUES (p_id_hash, p_type_hash, p_id_n0, p_id_n1, p_type, p_extension, p_service, p_payload, now(), 1)
        ON CONFLICT DO NOTHING
        RETURNING g.version;
    ELSE
        RETURN QUERY
        UPDATE grain_state g SET payload = p_payload, modified = now(), version = p_version + 1
        WHERE g.id_hash = p_id_hash AND g.type_hash = p_type_hash AND g.id_n0 = p_id_n0 AND g.id_n1 = p_id_n1 AND g.service = p_service AND g.type_name = p_type
            AND g.extension IS NOT DISTINCT FROM p_extension AND g.version = p_version
        RETURNING g.version;
    END IF;
END
$$;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', '
    WITH made AS (INSERT INTO cluster_version (deployment, version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*)::integer FROM made'),
('InsertMembershipKey', '
    SELECT cluster_insert(@DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime, @Version)'),
('UpdateMembershipKey', '
    SELECT cluster_update(@DeploymentId, @Address, @Port, @Generation, @Status, @SuspectTimes, @IAmAliveTime, @Version)'),
('UpdateIAmAlivetimeKey', '
    UPDATE cluster_silo SET alive_time = @IAmAliveTime WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation'),
('MembershipReadRowKey', '
    SELECT v.deployment AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName, s.host_name AS HostName,
        s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes, s.start_time AS StartTime, s.alive_time AS IAmAliveTime, v.version AS Version
    FROM cluster_version v
    LEFT JOIN cluster_silo s ON s.deployment = v.deployment AND s.address = @Address AND s.port = @Port AND s.generation = @Generation
    WHERE v.deployment = @DeploymentId'),
('MembershipReadAllKey', '
    SELECT v.deployment AS DeploymentId, s.address AS Address, s.port AS Port, s.generation AS Generation, s.silo_name AS SiloName, s.host_name AS HostName,
        s.status AS Status, s.proxy_port AS ProxyPort, s.suspect_times AS SuspectTimes, s.start_time AS StartTime, s.alive_time AS IAmAliveTime, v.version AS Version
    FROM cluster_version v
    LEFT JOIN cluster_silo s ON s.deployment = v.deployment
    WHERE v.deployment = @DeploymentId'),
('GatewaysQueryKey', '
    SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation
    FROM cluster_silo
    WHERE deployment = @DeploymentId AND status = @Status AND proxy_port > 0'),
('DeleteMembershipTableEntriesKey', '
    WITH silos AS (DELETE FROM cluster_silo WHERE deployment = @DeploymentId)
    DELETE FROM cluster_version WHERE deployment = @DeploymentId'),
('CleanupDefunctSiloEntriesKey', '
    DELETE FROM cluster_silo WHERE deployment = @DeploymentId AND alive_time < @IAmAliveTime AND status <> 3'),
('CleanupDefunctSiloEntryKey', '
    DELETE FROM cluster_silo
    WHERE deployment = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation AND status = 6
        AND start_time = @StartTime AND alive_time = @IAmAliveTime AND suspect_times IS NOT DISTINCT FROM @SuspectTimes'),
('WriteToStorageKey', '
    SELECT NewGrainStateVersion FROM grain_state_write(@GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString, @ServiceId,
        @GrainStateVersion, @PayloadBinary)'),
('ReadFromStorageKey', '
    SELECT payload AS PayloadBinary, modified AS ModifiedOn, version AS Version
    FROM grain_state
    WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1 AND service = @ServiceId AND type_name = @GrainTypeString
        AND extension IS NOT DISTINCT FROM @GrainIdExtensionString'),
('ClearStorageKey', '
    UPDATE grain_state SET payload = NULL, modified = now(), version = version + 1
    WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1 AND service = @ServiceId AND type_name = @GrainTypeString
        AND extension IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
    RETURNING version AS NewGrainStateVersion'),
('DeleteStorageKey', '
    DELETE FROM grain_state
    WHERE id_hash = @GrainIdHash AND type_hash = @GrainTypeHash AND id_n0 = @GrainIdN0 AND id_n1 = @GrainIdN1 AND service = @ServiceId AND type_name = @GrainTypeString
        AND extension IS NOT DISTINCT FROM @GrainIdExtensionString AND version = @GrainStateVersion
    RETURNING version + 1 AS NewGrainStateVersion'),
('UpsertReminderRowKey', '
    INSERT INTO reminder AS r (service, grain, name, start_time, period, grain_hash, version)
    VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
    ON CONFLICT (service, grain, name) DO UPDATE
    SET start_time = excluded.start_time, period = excluded.period, grain_hash = excluded.grain_hash, version = r.version + 1
    RETURNING r.version AS version'),
('ReadReminderRowKey', '
    SELECT grain AS GrainId, name AS ReminderName, start_time AS StartTime, period AS Period, version AS Version
    FROM reminder WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName'),
('ReadReminderRowsKey', '
    SELECT grain AS GrainId, name AS ReminderName, start_time AS StartTime, period AS Period, version AS Version
    FROM reminder WHERE service = @ServiceId AND grain = @GrainId'),
('ReadRangeRows1Key', '
    SELECT grain AS GrainId, name AS ReminderName, start_time AS StartTime, period AS Period, version AS Version
    FROM reminder WHERE service = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash'),
('ReadRangeRows2Key', '
    SELECT grain AS GrainId, name AS ReminderName, start_time AS StartTime, period AS Period, version AS Version
    FROM reminder WHERE service = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)'),
('DeleteReminderRowKey', '
    WITH gone AS (DELETE FROM reminder WHERE service = @ServiceId AND grain = @GrainId AND name = @ReminderName AND version = @Version RETURNING 1)
    SELECT count(*)::integer FROM gone'),
('DeleteReminderRowsKey', '
    DELETE FROM reminder WHERE service = @ServiceId');
