-- SPDX-License-Identifier: Apache-2.0
--
-- The write path for SQL: history and current state in one transaction, under the lock protocol
-- (docs/adr/0007-two-write-paths.md).
--
--     stage_flush, entity_values_ts, upsert_hot_attrs → [atlas_write]
--
-- The steps are PL/pgSQL, planned once per session: SQL functions would be planned at every call,
-- four times the work of writing one row. A plan does not know the arrays' lengths, so each step
-- sets its join methods: nested loops over keys for tables, hash joins between arrays.

-- Creates the partitions that the rows need, except for rows that will be rejected. Returns the
-- days that cannot have a partition.
CREATE OR REPLACE FUNCTION public.atlas_partitions_for(batch public.entity_values_pending[])
RETURNS date[] LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
SET enable_nestloop = on
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    days date[];
BEGIN
    SELECT array_agg(DISTINCT (coalesce(b.ingested_at, clock_timestamp()) AT TIME ZONE 'UTC')::date)
        INTO days FROM unnest(batch) b
        WHERE b.ingested_at IS NULL
           OR b.ingested_at BETWEEN '0001-01-01 00:00:00+00'
                                AND clock_timestamp() + interval '10 minutes';
    IF NOT EXISTS (SELECT FROM public.atlas_missing_days(days)) THEN
        RETURN '{}';
    END IF;
    SELECT array_agg(DISTINCT (coalesce(b.ingested_at, clock_timestamp()) AT TIME ZONE 'UTC')::date)
        INTO days FROM unnest(batch) b
        JOIN public.entities e ON e.entity_id = b.entity_id AND e.tenant_id = b.tenant_id
        JOIN public.attributes a ON a.attribute_id = b.attribute_id
        WHERE NOT e.is_deleted
          AND (coalesce(b.ingested_at, clock_timestamp()) AT TIME ZONE 'UTC')::date = ANY (days);
    RETURN public.atlas_try_partitions(days);
END $$;
REVOKE ALL ON FUNCTION public.atlas_partitions_for(public.entity_values_pending[]) FROM PUBLIC;

-- Counts accepted points in the current window of 10 seconds. `source` names the row: a caller that
-- may hold the row's lock for long uses one of its own.
CREATE OR REPLACE FUNCTION public.atlas_count_points(source text, points bigint)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO public.write_throughput AS w (window_start, source, data_points)
    SELECT to_timestamp(floor(extract(epoch FROM clock_timestamp()) / 10) * 10),
           atlas_count_points.source, atlas_count_points.points
    WHERE atlas_count_points.points > 0
    ON CONFLICT (window_start, source)
        DO UPDATE SET data_points = w.data_points + excluded.data_points;
END $$;
REVOKE ALL ON FUNCTION public.atlas_count_points(text, bigint) FROM PUBLIC;

-- Locks the shards of the rows.
CREATE OR REPLACE FUNCTION public.atlas_lock_rows(batch public.entity_values_pending[])
RETURNS void LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT public.atlas_lock_shards(array_agg(DISTINCT (b.entity_id & 63)::integer))
    FROM unnest(batch) b WHERE b.entity_id IS NOT NULL;
$$;
REVOKE ALL ON FUNCTION public.atlas_lock_rows(public.entity_values_pending[]) FROM PUBLIC;

-- Writes rows in the order of their arrival numbers. Returns a point for each, with a reason if it
-- was rejected. The caller has created the partitions, except for the days in `no_partition`, and
-- holds the shard locks. Each step is a statement of its own, so it sees every commit from before
-- the locks were granted.
CREATE OR REPLACE FUNCTION public.atlas_write_locked(batch public.entity_values_pending[],
                                                     source text, no_partition date[])
RETURNS public.atlas_point[] LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off
SET work_mem = '64MB' AS $$
DECLARE
    arrived_at CONSTANT timestamptz := clock_timestamp();
    points public.atlas_point[];
    packed public.observations[];
    changes public.atlas_hot_change[];
BEGIN
    PERFORM public.atlas_register(batch);
    points := public.atlas_resolve(batch, arrived_at, no_partition);
    packed := public.atlas_pack(points, arrived_at);
    IF packed IS NOT NULL THEN
        PERFORM public.atlas_add_shapes(packed);
        PERFORM public.atlas_report_days(packed);
        PERFORM public.atlas_store(packed);
        PERFORM public.atlas_add_states(points);
        changes := public.atlas_hot_candidates(points);
        IF changes IS NOT NULL THEN
            changes := public.atlas_settle(changes);
        END IF;
        PERFORM public.atlas_update_state(points, changes, arrived_at);
    END IF;
    PERFORM public.atlas_count_points(source, count(*))
        FROM unnest(points) p WHERE p.reason IS NULL;
    RETURN points;
END $$;
REVOKE ALL ON FUNCTION public.atlas_write_locked(public.entity_values_pending[], text, date[])
    FROM PUBLIC;

-- The whole protocol: partitions, then shard locks, then the rows.
CREATE OR REPLACE FUNCTION public.atlas_write(batch public.entity_values_pending[], source text)
RETURNS public.atlas_point[] LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    no_partition date[];
BEGIN
    no_partition := public.atlas_partitions_for(batch);
    PERFORM public.atlas_lock_rows(batch);
    RETURN public.atlas_write_locked(batch, source, no_partition);
END $$;
REVOKE ALL ON FUNCTION public.atlas_write(public.entity_values_pending[], text) FROM PUBLIC;

-- Like atlas_write_locked, but a row that the database rejects does not block the others: the batch
-- is halved until that row is alone, and only that row is rejected.
CREATE OR REPLACE FUNCTION public.atlas_write_surely(batch public.entity_values_pending[],
                                                     source text, no_partition date[])
RETURNS public.atlas_point[] LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    middle bigint;
    former public.entity_values_pending[];
    latter public.entity_values_pending[];
    refusal text;
BEGIN
    BEGIN
        RETURN public.atlas_write_locked(batch, source, no_partition);
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
        refusal := format('refused: %s (%s)', SQLERRM, SQLSTATE);
    END;
    IF cardinality(batch) = 1 THEN
        RETURN ARRAY[ROW(batch[1].arrival, batch[1].tenant_id, batch[1].entity_id,
                         batch[1].ingested_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                         refusal)::public.atlas_point];
    END IF;
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY b.arrival) INTO middle FROM unnest(batch) b;
    SELECT array_agg(b) FILTER (WHERE b.arrival <= middle),
           array_agg(b) FILTER (WHERE b.arrival > middle)
        INTO former, latter FROM unnest(batch) b;
    RETURN public.atlas_write_surely(former, source, no_partition)
        || public.atlas_write_surely(latter, source, no_partition);
END $$;
REVOKE ALL ON FUNCTION public.atlas_write_surely(public.entity_values_pending[], text, date[])
    FROM PUBLIC;

-- The message for a reason.
CREATE OR REPLACE FUNCTION public.atlas_reason_text(reason text)
RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN reason LIKE 'refused: %' THEN reason ELSE reason || ': ' || CASE reason
        WHEN 'unknown_entity' THEN 'no such entity in this tenant; insert it into entities first'
        WHEN 'tenant_inactive' THEN 'the tenant is disabled'
        WHEN 'entity_deleted' THEN 'the entity is retired; atlas_revive_entity() revives it'
        WHEN 'unknown_attribute' THEN 'no such attribute; insert it into attributes first'
        WHEN 'attribute_limit' THEN 'the tenant is at its limit of attributes (max_attributes)'
        WHEN 'time_out_of_range' THEN
            'more than 10 minutes ahead, or so old that it cannot have a partition'
        WHEN 'wrong_type' THEN 'the value does not match the attribute''s type'
        WHEN 'not_representable' THEN 'the attribute''s type cannot represent the value exactly'
        WHEN 'value_too_large' THEN 'the value exceeds 1048576 bytes' ELSE '' END END;
$$;
REVOKE ALL ON FUNCTION public.atlas_reason_text(text) FROM PUBLIC;
