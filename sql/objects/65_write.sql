-- SPDX-License-Identifier: Apache-2.0
--
-- The write path of SQL: history and current state in one transaction, under the lock protocol.
--
--     stage_flush, entity_values_ts, upsert_hot_attrs → [atlas_write]

-- Makes the partitions that the rows need. Returns the days that can have none. Rows that are
-- going to be refused ask for none.
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

-- Counts accepted points in the current window of 10 seconds. A session counts in a row of its
-- own where it might hold that row's lock for long.
CREATE OR REPLACE FUNCTION public.atlas_count_points(source text, points bigint)
RETURNS void LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.write_throughput AS w (window_start, source, data_points)
    SELECT to_timestamp(floor(extract(epoch FROM clock_timestamp()) / 10) * 10), source, points
    WHERE points > 0
    ON CONFLICT (window_start, source)
        DO UPDATE SET data_points = w.data_points + excluded.data_points;
$$;
REVOKE ALL ON FUNCTION public.atlas_count_points(text, bigint) FROM PUBLIC;

-- Writes rows in the order of their arrival numbers. Returns what became of each, with a reason
-- where it was refused. The steps are statements of their own: each sees what was committed
-- before the locks were granted.
CREATE OR REPLACE FUNCTION public.atlas_write(batch public.entity_values_pending[], source text)
RETURNS public.atlas_point[] LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off
SET work_mem = '64MB' AS $$
DECLARE
    no_partition date[];
    touched integer[];
    arrived_at timestamptz;
    points public.atlas_point[];
    packed public.observations[];
    changes public.atlas_hot_change[];
BEGIN
    no_partition := public.atlas_partitions_for(batch);
    SELECT array_agg(DISTINCT (b.entity_id & 63)::integer) INTO touched
        FROM unnest(batch) b WHERE b.entity_id IS NOT NULL;
    PERFORM public.atlas_lock_shards(touched);
    arrived_at := clock_timestamp();
    PERFORM public.atlas_register(batch);
    points := public.atlas_resolve(batch, arrived_at, no_partition);
    packed := public.atlas_pack(points, arrived_at);
    IF packed IS NOT NULL THEN
        PERFORM public.atlas_add_shapes(packed);
        PERFORM public.atlas_store(packed);
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
REVOKE ALL ON FUNCTION public.atlas_write(public.entity_values_pending[], text) FROM PUBLIC;

-- What a reason means, for people.
CREATE OR REPLACE FUNCTION public.atlas_reason_text(reason text)
RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT reason || ': ' || CASE reason
        WHEN 'unknown_entity' THEN 'no such entity in this tenant; insert it into entities first'
        WHEN 'tenant_inactive' THEN 'the tenant is disabled'
        WHEN 'entity_deleted' THEN 'the entity is retired'
        WHEN 'unknown_attribute' THEN 'no such attribute; insert it into attributes first'
        WHEN 'attribute_limit' THEN 'the tenant has no room for another attribute'
        WHEN 'time_out_of_range' THEN
            'more than 10 minutes ahead, or so old that no partition can be made for it'
        WHEN 'wrong_type' THEN 'the value is not of the attribute''s type'
        WHEN 'not_representable' THEN 'the attribute''s type cannot hold the value exactly'
        WHEN 'value_too_large' THEN 'at most 1048576 bytes are kept' ELSE '' END;
$$;
REVOKE ALL ON FUNCTION public.atlas_reason_text(text) FROM PUBLIC;
