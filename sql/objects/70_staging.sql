-- SPDX-License-Identifier: Apache-2.0
--
-- Staging: COPY or INSERT into entity_values_ingest, then stage_flush().
--
-- Order of arrival. The nine columns of entity_values_ingest have no place for it, and no system
-- column keeps it: ctid follows free space, xmin the beginning of transactions, and a flush that
-- rolls back overwrites cmin. So a statement trigger moves the rows, in the order of its transition
-- table, to a child table that numbers them. They still show in the parent. A row committed before
-- another statement began has the smaller number.

CREATE OR REPLACE FUNCTION public.atlas_stage()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.entity_values_staged (entity_id, tenant_id, attribute_id, value, value_int,
                                             value_decimal, value_bool, value_timestamp,
                                             ingested_at)
        SELECT * FROM new_rows;
    -- Only this statement's rows are visible here: every session moves its rows before it commits.
    DELETE FROM ONLY public.entity_values_ingest;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_stage() FROM PUBLIC;

CREATE OR REPLACE TRIGGER entity_values_ingest_stage AFTER INSERT ON public.entity_values_ingest
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.atlas_stage();
-- For replication roles, too: a row that is not moved is never flushed.
ALTER TABLE public.entity_values_ingest ENABLE ALWAYS TRIGGER entity_values_ingest_stage;

ALTER TABLE public.entity_values_ingest SET (autovacuum_vacuum_scale_factor = 0,
                                             autovacuum_vacuum_threshold = 20000);
ALTER TABLE public.entity_values_staged SET (autovacuum_vacuum_scale_factor = 0,
                                             autovacuum_vacuum_threshold = 20000);
ALTER TABLE public.entity_values_pending SET (autovacuum_vacuum_scale_factor = 0,
                                              autovacuum_vacuum_threshold = 20000);

-- Takes the first p_limit rows out of staging; fewer if they exceed 64 MiB of text.
CREATE OR REPLACE FUNCTION public.atlas_take_staged(p_limit integer)
RETURNS public.entity_values_pending[] LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
    WITH taken AS (
        DELETE FROM public.entity_values_staged
        WHERE arrival <= (
            SELECT max(arrival) FILTER (WHERE place = 1 OR bytes <= 67108864)
            FROM (SELECT arrival, row_number() OVER w AS place,
                         sum(coalesce(octet_length(value), 0)) OVER w AS bytes
                  FROM public.entity_values_staged
                  WINDOW w AS (ORDER BY arrival ROWS UNBOUNDED PRECEDING)
                  LIMIT p_limit) first_rows)
        RETURNING *)
    SELECT array_agg(ROW(entity_id, tenant_id, attribute_id, value, value_int, value_decimal,
                         value_bool, value_timestamp, ingested_at, NULL, NULL, arrival,
                         NULL)::public.entity_values_pending)
    FROM taken;
$$;
REVOKE ALL ON FUNCTION public.atlas_take_staged(integer) FROM PUBLIC;

-- Stores the rejected rows with their reasons.
CREATE OR REPLACE FUNCTION public.atlas_keep_rejected(batch public.entity_values_pending[],
                                                      points public.atlas_point[])
RETURNS void LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET enable_hashjoin = on AS $$
    INSERT INTO public.entity_values_rejected
    SELECT b.entity_id, b.tenant_id, b.attribute_id, b.value, b.value_int, b.value_decimal,
           b.value_bool, b.value_timestamp, b.ingested_at, public.atlas_reason_text(p.reason),
           clock_timestamp()
    FROM unnest(points) p JOIN unnest(batch) b USING (arrival)
    WHERE p.reason IS NOT NULL ORDER BY arrival;
$$;
REVOKE ALL ON FUNCTION public.atlas_keep_rejected(public.entity_values_pending[],
    public.atlas_point[]) FROM PUBLIC;

-- Releases the space of rows that were moved, unless a session is staging right now.
CREATE OR REPLACE FUNCTION public.atlas_trim_staging()
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_relation_size('public.entity_values_ingest') > 16 << 20 THEN
        LOCK TABLE ONLY public.entity_values_ingest IN ACCESS EXCLUSIVE MODE NOWAIT;
        IF NOT EXISTS (SELECT FROM ONLY public.entity_values_ingest) THEN
            TRUNCATE ONLY public.entity_values_ingest;
        END IF;
    END IF;
EXCEPTION WHEN lock_not_available THEN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_trim_staging() FROM PUBLIC;

-- Packs up to p_limit staged rows into history and current state, in the order of arrival. Returns
-- how many it took; 0 when staging is empty. Rows that cannot be packed go to
-- entity_values_rejected with the reason. Taking, packing and rejecting are one transaction. A
-- second caller waits for the first.
CREATE OR REPLACE FUNCTION public.stage_flush(p_limit integer DEFAULT 50000)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    batch public.entity_values_pending[];
    points public.atlas_point[];
    no_partition date[];
BEGIN
    IF p_limit NOT BETWEEN 1 AND 1000000 THEN
        RAISE EXCEPTION 'p_limit must be 1 to 1000000, not %', p_limit
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(1635019891, 1001);
    batch := public.atlas_take_staged(p_limit);
    IF batch IS NULL THEN
        RETURN 0;
    END IF;
    no_partition := public.atlas_partitions_for(batch);
    PERFORM public.atlas_lock_rows(batch);
    points := public.atlas_write_surely(batch, 'stage_flush', no_partition);
    IF EXISTS (SELECT FROM unnest(points) p WHERE p.reason IS NOT NULL) THEN
        PERFORM public.atlas_keep_rejected(batch, points);
    END IF;
    PERFORM public.atlas_trim_staging();
    RETURN cardinality(batch);
END $$;
REVOKE ALL ON FUNCTION public.stage_flush(integer) FROM PUBLIC;
