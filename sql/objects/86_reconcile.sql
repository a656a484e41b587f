-- SPDX-License-Identifier: Apache-2.0
--
-- Checks that current state and history agree, and repairs the state where they do not.
--
-- The check reads an entity's newest 256 observations of its last two days, in one snapshot and
-- without locks: history and state change in one transaction, so they agree in every snapshot. The
-- repair takes the shard locks and searches all of history; the latest observation wins. A value
-- whose observation was dropped by retention stays as it is.

-- Up to `batch` entities after the given one, in key order, and whether each differs from history.
CREATE OR REPLACE FUNCTION public.atlas_check_hot_state(after_tenant bigint, after_entity bigint,
                                                        batch integer)
RETURNS TABLE (tenant_id bigint, entity_id bigint, diverged boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    tenants bigint[];
    entities bigint[];
    days date[];
    one date;
BEGIN
    SELECT array_agg(j.tenant_id), array_agg(j.entity_id), array_agg(j.last_day)
        INTO tenants, entities, days
        FROM (SELECT e.tenant_id, e.entity_id, e.last_day FROM public.entity_jsonb e
              WHERE (e.tenant_id, e.entity_id) > (after_tenant, after_entity)
              ORDER BY e.tenant_id, e.entity_id LIMIT batch) j;
    RETURN QUERY SELECT t, e, false FROM unnest(tenants, entities, days) b (t, e, d)
        WHERE d IS NULL;
    FOR one IN SELECT DISTINCT d FROM unnest(days) d WHERE d IS NOT NULL LOOP
        -- The bounds are constants, so that the planner plans two partitions and not all.
        RETURN QUERY EXECUTE format(
            'SELECT b.t, b.e, EXISTS (
                 SELECT FROM (
                     SELECT DISTINCT ON (coalesce(ta.newer[cardinality(ta.newer)],
                                                  ta.attribute_id))
                            ta.name_id, ta.is_hot,
                            CASE WHEN ta.newer IS NULL
                                 THEN public.atlas_hot_json(ta.type, u.int_value, u.double_value,
                                                            u.decimal_value, u.text_value)
                                 ELSE public.atlas_hot_json(ta.read_as, (c.v).int_value,
                                     (c.v).double_value, (c.v).decimal_value, (c.v).text_value)
                                 END AS value
                     FROM (SELECT * FROM public.observations o
                           WHERE o.tenant_id = b.t AND o.entity_id = b.e
                             AND o.observed_at >= %s AND o.observed_at < %s
                           ORDER BY o.observed_at DESC LIMIT 256) o
                     LEFT JOIN public.shapes s ON s.shape_id = o.shape_id
                     CROSS JOIN LATERAL public.atlas_unpack(coalesce(o.attrs, s.attrs),
                         o.int_values, o.double_values, o.decimal_values, o.text_values) u
                     JOIN public.tenant_attributes ta ON ta.tenant_id = b.t
                                                     AND ta.attribute_id = u.attribute_id
                     CROSS JOIN LATERAL (
                         SELECT CASE WHEN ta.newer IS NOT NULL THEN
                             public.atlas_convert(ta.type, ta.read_as, u.int_value, u.double_value,
                                                  u.decimal_value, u.text_value) END AS v) c
                     WHERE ta.state <> ''dropped''
                       AND (ta.newer IS NULL OR NOT (c.v).absent)
                     ORDER BY coalesce(ta.newer[cardinality(ta.newer)], ta.attribute_id),
                              o.observed_at DESC, cardinality(ta.newer) NULLS FIRST) h
                 JOIN public.attributes a ON a.attribute_id = h.name_id
                 WHERE coalesce(h.is_hot, a.is_hot)
                   AND NOT EXISTS (SELECT FROM public.attribute_changes x
                                   WHERE x.tenant_id = b.t AND x.name_id = h.name_id)
                   AND j.hot_attrs -> a.attribute_name IS DISTINCT FROM h.value)
             FROM unnest($1, $2, $3) b (t, e, d)
             JOIN public.entity_jsonb j ON j.tenant_id = b.t AND j.entity_id = b.e
             WHERE b.d = $4',
            public.atlas_day_literal(one - 1), public.atlas_day_literal(one + 1))
            USING tenants, entities, days, one;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION public.atlas_check_hot_state(bigint, bigint, integer) FROM PUBLIC;

-- Sets the current state of these entities to what history says. Returns how many values changed.
CREATE OR REPLACE FUNCTION public.atlas_mend_hot_state(tenants bigint[], entities bigint[])
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
    changes public.atlas_hot_change[];
    changed integer;
BEGIN
    PERFORM public.atlas_lock_shards(
        (SELECT array_agg(DISTINCT (e & 63)::integer) FROM unnest(entities) e));
    -- Every value of the state, to be confirmed: history may have a later one, or another one at
    -- the same instant.
    SELECT array_agg(ROW(
            j.tenant_id, j.entity_id, ta.attribute_id, ta.type, a.attribute_name,
            coalesce(public.atlas_time((j.hot_at ->> a.attribute_name)::bigint)
                     - interval '1 microsecond', '-infinity'),
            j.hot_attrs -> a.attribute_name, 'infinity')::public.atlas_hot_change)
        INTO changes
        FROM unnest(tenants, entities) w (t, e)
        JOIN public.entity_jsonb j ON j.tenant_id = w.t AND j.entity_id = w.e
        JOIN public.tenant_attributes ta ON ta.tenant_id = j.tenant_id
                                        AND ta.state = 'current'
        JOIN public.attributes a ON a.attribute_id = ta.name_id
        WHERE coalesce(ta.is_hot, a.is_hot)
          AND NOT EXISTS (SELECT FROM public.attribute_changes x
                          WHERE x.tenant_id = j.tenant_id AND x.name_id = ta.name_id);
    IF changes IS NULL THEN
        RETURN 0;
    END IF;
    changes := public.atlas_settle(changes);
    SELECT count(*) INTO changed
        FROM unnest(changes) c
        JOIN public.entity_jsonb j ON j.tenant_id = c.tenant_id AND j.entity_id = c.entity_id
        WHERE j.hot_attrs -> c.name IS DISTINCT FROM c.value;
    IF changed > 0 THEN
        PERFORM public.atlas_update_state('{}', changes, clock_timestamp());
    END IF;
    RETURN changed;
END $$;
REVOKE ALL ON FUNCTION public.atlas_mend_hot_state(bigint[], bigint[]) FROM PUBLIC;
