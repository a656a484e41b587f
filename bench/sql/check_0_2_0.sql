-- SPDX-License-Identifier: Apache-2.0
--
-- The check of Atlas 0.2.0, with which bench/sql/reconcile compares.
CREATE OR REPLACE FUNCTION public.atlas_check_0_2_0(after_tenant bigint, after_entity bigint,
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
                     SELECT DISTINCT ON (u.attribute_id) u.*
                     FROM (SELECT * FROM public.observations o
                           WHERE o.tenant_id = b.t AND o.entity_id = b.e
                             AND o.observed_at >= %s AND o.observed_at < %s
                           ORDER BY o.observed_at DESC LIMIT 256) o
                     LEFT JOIN public.shapes s ON s.shape_id = o.shape_id
                     CROSS JOIN LATERAL public.atlas_unpack(coalesce(o.attrs, s.attrs),
                         o.int_values, o.double_values, o.decimal_values, o.text_values) u
                     ORDER BY u.attribute_id, o.observed_at DESC) h
                 JOIN public.attributes a ON a.attribute_id = h.attribute_id
                 JOIN public.tenant_attributes ta ON ta.tenant_id = b.t
                                                 AND ta.attribute_id = h.attribute_id
                 WHERE coalesce(ta.is_hot, a.is_hot)
                   AND j.hot_attrs -> a.attribute_name IS DISTINCT FROM public.atlas_hot_json(
                       ta.type, h.int_value, h.double_value, h.decimal_value, h.text_value))
             FROM unnest($1, $2, $3) b (t, e, d)
             JOIN public.entity_jsonb j ON j.tenant_id = b.t AND j.entity_id = b.e
             WHERE b.d = $4',
            public.atlas_day_literal(one - 1), public.atlas_day_literal(one + 1))
            USING tenants, entities, days, one;
    END LOOP;
END $$;
