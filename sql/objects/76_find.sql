-- SPDX-License-Identifier: Apache-2.0

-- The JSON number as the nearest double; NULL for other JSON and beyond the range of doubles.
CREATE OR REPLACE FUNCTION public.atlas_nearest_double(value jsonb)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN jsonb_typeof(value) = 'number' THEN
        CASE WHEN abs(value::numeric) BETWEEN 1e-307 AND 1.7976931348623157e308 OR value = '0'
             THEN value::float8 END END;
END;

-- The entities of a tenant whose hot state, or latest cold values within the window, equal the
-- filters {"attribute name": value, …}, newest change first. An unknown attribute or a null matches
-- nothing. Numbers of a double attribute are equal when their nearest doubles are; that differs
-- from their digits, which the index over the hot state compares, from 2^53 on.
CREATE OR REPLACE FUNCTION public.find_entities_by_attributes(
    p_tenant_id bigint, p_filters jsonb, p_window interval DEFAULT '7 days',
    p_limit integer DEFAULT 100)
RETURNS TABLE (entity_id bigint, hot_attrs jsonb, updated_at timestamptz, external_id text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
    hot jsonb := '{}';
    doubles jsonb := '{}';  -- hot ones that the index cannot compare
    cold jsonb := '{}';
    oldest CONSTANT timestamptz := now() - p_window;
    newest CONSTANT timestamptz := now() + interval '10 minutes';
    candidates bigint[];
    one record;
BEGIN
    IF jsonb_typeof(p_filters) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'p_filters must be a JSON object of attribute names and values'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE c.is_hot AND NOT d.is_wide),
                    '{}'),
           coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE c.is_hot AND d.is_wide), '{}'),
           coalesce(jsonb_object_agg(f.key, f.value) FILTER (WHERE c.is_hot IS NOT TRUE), '{}')
        INTO hot, doubles, cold
        FROM jsonb_each(p_filters) f
        LEFT JOIN (SELECT a.attribute_name, coalesce(ta.is_hot, a.is_hot) AS is_hot, ta.type
                   FROM public.attributes a
                   JOIN public.tenant_attributes ta ON ta.name_id = a.attribute_id
                   WHERE ta.tenant_id = p_tenant_id AND ta.state = 'current') c
            ON c.attribute_name = f.key
        CROSS JOIN LATERAL (
            SELECT c.type = 'double'
                   AND coalesce(abs(public.atlas_nearest_double(f.value)) >= 2::float8 ^ 53, false)
                   AS is_wide) d;
    IF hot = '{}' AND doubles = '{}' AND cold <> '{}' THEN
        -- Without a hot filter, the first cold one narrows the tenant down.
        SELECT f.key, f.value INTO one FROM jsonb_each(cold) f ORDER BY f.key LIMIT 1;
        candidates := public.atlas_cold_matches(p_tenant_id, NULL, one.key, one.value, oldest,
                                                newest);
        cold := cold - one.key::text;
    ELSIF cold <> '{}' THEN
        SELECT array_agg(j.entity_id) INTO candidates FROM public.entity_jsonb j
            WHERE j.tenant_id = p_tenant_id AND j.hot_attrs @> hot AND NOT j.is_deleted
              AND public.atlas_has_doubles(j.hot_attrs, doubles);
    END IF;
    FOR one IN SELECT f.key, f.value FROM jsonb_each(cold) f ORDER BY f.key LOOP
        candidates := public.atlas_cold_matches(p_tenant_id, coalesce(candidates, '{}'), one.key,
                                                one.value, oldest, newest);
    END LOOP;
    RETURN QUERY
        SELECT j.entity_id, j.hot_attrs, j.updated_at, e.external_id
        FROM public.entity_jsonb j
        JOIN public.entities e ON e.entity_id = j.entity_id AND e.tenant_id = j.tenant_id
        WHERE j.tenant_id = p_tenant_id AND j.hot_attrs @> hot AND NOT j.is_deleted
          AND public.atlas_has_doubles(j.hot_attrs, doubles)
          AND (hot || doubles = p_filters OR j.entity_id = ANY (coalesce(candidates, '{}')))
        ORDER BY j.updated_at DESC, j.entity_id LIMIT p_limit;
END $$;

-- Whether the state has the wanted values, compared as doubles.
CREATE OR REPLACE FUNCTION public.atlas_has_doubles(state jsonb, wanted jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT wanted = '{}' OR NOT EXISTS (
        SELECT FROM jsonb_each(wanted) w
        WHERE public.atlas_nearest_double(state -> w.key)
            IS DISTINCT FROM public.atlas_nearest_double(w.value));
END;

-- The candidates (NULL: all entities of the tenant) whose latest value of a cold attribute within
-- [oldest, newest) equals the wanted one.
CREATE OR REPLACE FUNCTION public.atlas_cold_matches(
    p_tenant_id bigint, candidates bigint[], name text, wanted jsonb, oldest timestamptz,
    newest timestamptz)
RETURNS bigint[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
    SELECT array_agg(l.entity_id)
    FROM (SELECT DISTINCT ON (v.entity_id) v.entity_id, v.value, v.value_decimal, v.value_bool,
                 v.value_json, v.value_double
          FROM public.entity_values_ts v
          WHERE v.tenant_id = p_tenant_id
            AND v.attribute_id = (SELECT a.attribute_id FROM public.attributes a
                                  WHERE a.attribute_name = name)
            AND v.ingested_at >= oldest AND v.ingested_at < newest
            AND (candidates IS NULL OR v.entity_id = ANY (candidates))
          ORDER BY v.entity_id, v.ingested_at DESC) l
    WHERE wanted = coalesce(to_jsonb(l.value_decimal), to_jsonb(l.value_bool), l.value_json,
                            to_jsonb(l.value))
       OR public.atlas_nearest_double(wanted) = l.value_double;
$$;
