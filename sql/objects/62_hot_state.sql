-- SPDX-License-Identifier: Apache-2.0
--
-- Current state as a function of history: the value in the latest observation that has the
-- attribute. A repeated value is not written to the state. So before a late value changes the
-- state, history is searched for a later observation whose value was such a repetition.

-- A value in the form it has in hot_attrs; NULL if the value was removed.
CREATE OR REPLACE FUNCTION public.atlas_hot_json(
    type text, int_value bigint, double_value float8, decimal_value numeric, text_value text)
RETURNS jsonb LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN int_value IS NOT NULL THEN
            CASE type WHEN 'bool' THEN to_jsonb(int_value <> 0)
                      WHEN 'timestamp' THEN to_jsonb(public.atlas_time_text(int_value))
                      ELSE to_jsonb(int_value) END
        WHEN double_value IS NOT NULL THEN
            to_jsonb(public.atlas_double_number(double_value))
        WHEN decimal_value IS NOT NULL THEN to_jsonb(decimal_value)
        WHEN text_value IS NOT NULL THEN
            CASE type
                WHEN 'json' THEN public.atlas_json(text_value)
                ELSE to_jsonb(text_value)
            END
    END;
END;

-- Makes the rows of current state that entities of the points lack: a gateway registered them and
-- has not written their first observation yet, or the rows were lost.
CREATE OR REPLACE FUNCTION public.atlas_add_states(points public.atlas_point[])
RETURNS void LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_nestloop = on
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    tenants bigint[];
    entities bigint[];
BEGIN
    SELECT array_agg(p.tenant_id), array_agg(p.entity_id) INTO tenants, entities
        FROM (SELECT DISTINCT u.tenant_id, u.entity_id FROM unnest(points) u
              WHERE u.reason IS NULL) p
        WHERE NOT EXISTS (SELECT FROM public.entity_jsonb j
                          WHERE j.tenant_id = p.tenant_id AND j.entity_id = p.entity_id);
    IF tenants IS NOT NULL THEN
        PERFORM public.atlas_restore_states(tenants, entities);
    END IF;
END $$;
REVOKE ALL ON FUNCTION public.atlas_add_states(public.atlas_point[]) FROM PUBLIC;

-- The latest hot values among the points that differ from the current state and are not older than
-- its value.
CREATE OR REPLACE FUNCTION public.atlas_hot_candidates(points public.atlas_point[])
RETURNS public.atlas_hot_change[] LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_nestloop = on
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT array_agg(ROW(
            c.tenant_id, c.entity_id, c.attribute_id, c.type, c.hot_name, c.observed_at, c.value,
            CASE WHEN (c.observed_at AT TIME ZONE 'UTC')::date <= j.last_day
                 THEN (j.last_day + 1)::timestamp AT TIME ZONE 'UTC' END)::public.atlas_hot_change)
        FROM (SELECT DISTINCT ON (p.tenant_id, p.entity_id, p.attribute_id) p.*,
                     public.atlas_hot_json(p.type, p.int_value, p.double_value, p.decimal_value,
                                           p.text_value) AS value
              FROM unnest(points) p
              WHERE p.reason IS NULL AND p.hot_name IS NOT NULL AND p.value_group IS NOT NULL
              ORDER BY p.tenant_id, p.entity_id, p.attribute_id, p.observed_at DESC,
                       p.arrival DESC) c
        JOIN public.entity_jsonb j ON j.tenant_id = c.tenant_id AND j.entity_id = c.entity_id
        WHERE j.hot_attrs -> c.hot_name IS DISTINCT FROM c.value
          AND public.atlas_micros(c.observed_at)
              >= coalesce((j.hot_at ->> c.hot_name)::bigint, -9223372036854775808));
END $$;
REVOKE ALL ON FUNCTION public.atlas_hot_candidates(public.atlas_point[]) FROM PUBLIC;

-- The changes for which one partition has a later observation of the attribute, with the time and
-- the value of that observation: a backward scan of the key to the first one. The entity is a range
-- of one and part of the order, which keeps the planner from the index on (tenant_id, observed_at):
-- that would read every entity of the tenant. Values that a retype superseded are read as the
-- attribute's present type; those that do not convert are skipped.
CREATE OR REPLACE FUNCTION public.atlas_later_in(leaf name,
                                                 changes public.atlas_hot_change[])
RETURNS SETOF public.atlas_hot_change LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET enable_nestloop = on
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_incremental_sort = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    superseded CONSTANT integer[] := ARRAY(
        SELECT DISTINCT ta.attribute_id::integer FROM public.tenant_attributes ta
        WHERE ta.tenant_id IN (SELECT DISTINCT c.tenant_id FROM unnest(changes) c)
          AND ta.newer IS NOT NULL
          AND ta.newer && ARRAY(SELECT DISTINCT c.attribute_id FROM unnest(changes) c));
    has_superseded CONSTANT boolean := cardinality(superseded) > 0;
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT c.tenant_id, c.entity_id, c.attribute_id, c.type, c.name, o.observed_at,
                public.atlas_hot_json(c.type, o.int_value, o.double_value, o.decimal_value,
                                      o.text_value), NULL::timestamptz
         FROM unnest($1) c
         CROSS JOIN LATERAL (
             SELECT o.observed_at, %s.*
             FROM public.%I o
             LEFT JOIN public.shapes s ON s.shape_id = o.shape_id
             CROSS JOIN LATERAL public.atlas_unpack(coalesce(o.attrs, s.attrs), o.int_values,
                 o.double_values, o.decimal_values, o.text_values) u
             %s
             WHERE o.tenant_id = c.tenant_id
               AND o.entity_id >= c.entity_id AND o.entity_id <= c.entity_id
               AND o.observed_at > c.observed_at AND o.observed_at < c.search_until
               AND %s
             ORDER BY o.entity_id DESC, o.observed_at DESC
             LIMIT 1) o',
        CASE WHEN has_superseded THEN 'v' ELSE 'u' END, leaf,
        CASE WHEN has_superseded THEN
            'CROSS JOIN LATERAL (
                 SELECT u.int_value, u.double_value, u.decimal_value, u.text_value, false AS absent
                 WHERE u.attribute_id = c.attribute_id
                 UNION ALL
                 SELECT x.* FROM public.tenant_attributes ta
                 CROSS JOIN LATERAL public.atlas_convert(ta.type, c.type, u.int_value,
                     u.double_value, u.decimal_value, u.text_value) x
                 WHERE u.attribute_id = ANY ($2) AND ta.tenant_id = c.tenant_id
                   AND ta.attribute_id = u.attribute_id AND c.attribute_id = ANY (ta.newer)
                   AND NOT coalesce(o.attrs, s.attrs) && ta.newer) v' END,
        CASE WHEN has_superseded THEN 'NOT v.absent' ELSE
            'c.attribute_id = ANY (coalesce(o.attrs, s.attrs)) AND u.attribute_id = c.attribute_id'
        END)
        USING changes, superseded;
END $$;
REVOKE ALL ON FUNCTION public.atlas_later_in(name, public.atlas_hot_change[]) FROM PUBLIC;

-- The changes after a search of history, newest partition first: a later observation wins.
CREATE OR REPLACE FUNCTION public.atlas_settle(changes public.atlas_hot_change[])
RETURNS public.atlas_hot_change[] LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    settled public.atlas_hot_change[];
    open public.atlas_hot_change[];
    asked public.atlas_hot_change[];
    found public.atlas_hot_change[];
    part record;
BEGIN
    SELECT array_agg(c) FILTER (WHERE c.search_until IS NULL),
           array_agg(c) FILTER (WHERE c.search_until IS NOT NULL)
        INTO settled, open FROM unnest(changes) c;
    FOR part IN
        SELECT p.partition, p.first_day::timestamp AT TIME ZONE 'UTC' AS first_instant,
               p.end_day::timestamp AT TIME ZONE 'UTC' AS end_instant
        FROM public.atlas_partitions() p
        WHERE cardinality(open) > 0
          AND p.end_day > (SELECT min((c.observed_at AT TIME ZONE 'UTC')::date) FROM unnest(open) c)
        ORDER BY p.first_day DESC
    LOOP
        SELECT array_agg(c) INTO asked FROM unnest(open) c
            WHERE c.observed_at < part.end_instant AND c.search_until > part.first_instant;
        CONTINUE WHEN asked IS NULL;
        SELECT array_agg(c) INTO found FROM public.atlas_later_in(part.partition, asked) c;
        CONTINUE WHEN found IS NULL;
        settled := settled || found;
        SELECT array_agg(c) INTO open FROM unnest(open) c
            WHERE NOT EXISTS (SELECT FROM unnest(found) f
                              WHERE f.tenant_id = c.tenant_id AND f.entity_id = c.entity_id
                                AND f.attribute_id = c.attribute_id);
        EXIT WHEN open IS NULL;
    END LOOP;
    RETURN settled || open;
END $$;
REVOKE ALL ON FUNCTION public.atlas_settle(public.atlas_hot_change[]) FROM PUBLIC;

-- Updates the current state of the points' entities after their history was written. Leaves rows
-- alone in which neither a hot value nor the last day changes.
CREATE OR REPLACE FUNCTION public.atlas_update_state(
    points public.atlas_point[], changes public.atlas_hot_change[], changed_at timestamptz)
RETURNS void LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
SET enable_nestloop = on AS $$
#variable_conflict use_column
BEGIN
    WITH reported AS MATERIALIZED (
        SELECT tenant_id, entity_id, (max(observed_at) AT TIME ZONE 'UTC')::date AS day
        FROM unnest(points) WHERE reason IS NULL AND value_group IS NOT NULL
        GROUP BY tenant_id, entity_id
    ), changed AS MATERIALIZED (
        SELECT c.tenant_id, c.entity_id,
               coalesce(jsonb_object_agg(c.name, c.value) FILTER (WHERE c.value IS NOT NULL),
                        '{}') AS present,
               -- A value under the old name of an attribute that is being renamed goes, too.
               to_jsonb(coalesce(array_agg(c.name) FILTER (WHERE c.value IS NULL), '{}')
                        || coalesce(array_agg(former.attribute_name::text)
                                        FILTER (WHERE former.attribute_id IS NOT NULL), '{}'))
                   AS removed,
               jsonb_object_agg(c.name, public.atlas_micros(c.observed_at)) AS instants
        FROM unnest(changes) c
        JOIN public.entity_jsonb j ON j.tenant_id = c.tenant_id AND j.entity_id = c.entity_id
        LEFT JOIN public.attribute_changes x ON x.tenant_id = c.tenant_id
                                            AND x.attribute_id = c.attribute_id
        LEFT JOIN public.attributes former ON former.attribute_id = x.old_name_id
        -- A later observation in history usually confirms the state.
        WHERE j.hot_attrs -> c.name IS DISTINCT FROM c.value
        GROUP BY c.tenant_id, c.entity_id
    ), both_news AS MATERIALIZED (
        SELECT tenant_id, entity_id, max(day) AS day,
               (array_agg(present) FILTER (WHERE instants IS NOT NULL))[1] AS present,
               (array_agg(removed) FILTER (WHERE instants IS NOT NULL))[1] AS removed,
               (array_agg(instants) FILTER (WHERE instants IS NOT NULL))[1] AS instants
        FROM (SELECT tenant_id, entity_id, day, NULL::jsonb AS present,
                     NULL::jsonb AS removed, NULL::jsonb AS instants FROM reported
              UNION ALL
              SELECT tenant_id, entity_id, NULL, present, removed, instants FROM changed) n
        GROUP BY tenant_id, entity_id
    ), wanted AS (
        SELECT e.* FROM both_news e
        JOIN public.entity_jsonb j ON j.tenant_id = e.tenant_id AND j.entity_id = e.entity_id
        WHERE e.instants IS NOT NULL OR j.last_day IS NULL OR j.last_day < e.day
    )
    UPDATE public.entity_jsonb j
    SET hot_attrs = CASE WHEN w.instants IS NULL THEN j.hot_attrs
                         ELSE (j.hot_attrs || w.present)
                              - ARRAY(SELECT jsonb_array_elements_text(w.removed)) END,
        hot_at = CASE WHEN w.instants IS NULL THEN j.hot_at ELSE j.hot_at || w.instants END,
        last_day = greatest(j.last_day, w.day),
        updated_at = CASE WHEN w.instants IS NULL THEN j.updated_at ELSE changed_at END
    FROM wanted w
    WHERE j.tenant_id = w.tenant_id AND j.entity_id = w.entity_id;
END $$;
REVOKE ALL ON FUNCTION public.atlas_update_state(public.atlas_point[],
    public.atlas_hot_change[], timestamptz) FROM PUBLIC;
