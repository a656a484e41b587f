-- SPDX-License-Identifier: Apache-2.0
--
-- The entities of the rows that exist. Each is looked up by its key once.
CREATE OR REPLACE FUNCTION public.atlas_entities_of(batch public.entity_values_pending[])
RETURNS TABLE (tenant_id bigint, entity_id bigint, is_active boolean, is_deleted boolean)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_nestloop = on
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT e.tenant_id, e.entity_id, t.is_active, e.is_deleted
        FROM (SELECT tenant_id, entity_id FROM unnest(batch) GROUP BY 1, 2) p
        JOIN public.entities e ON e.entity_id = p.entity_id AND e.tenant_id = p.tenant_id
        JOIN public.tenants t ON t.tenant_id = p.tenant_id;
END $$;
REVOKE ALL ON FUNCTION public.atlas_entities_of(public.entity_values_pending[]) FROM PUBLIC;

-- Joins rows with the catalog. Returns what is wrong with the entity, the attribute or the time,
-- and the value as the attribute's type reads it (number, flag, instant or content; all NULL if the
-- value is not of the type).
CREATE OR REPLACE FUNCTION public.atlas_classify(batch public.entity_values_pending[],
                                                 arrived_at timestamptz, no_partition date[])
RETURNS TABLE (arrival bigint, tenant_id bigint, entity_id bigint, observed_at timestamptz,
               attribute_id integer, type text, hot_name text, is_null boolean, fault text,
               value_double float8, number numeric, flag boolean, instant timestamptz,
               content text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_nestloop = off SET enable_hashjoin = on AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT b.arrival, b.tenant_id, b.entity_id, coalesce(b.ingested_at, arrived_at),
               k.storage_id, k.type, k.hot_name, n.is_null,
               CASE WHEN e.entity_id IS NULL THEN 'unknown_entity'
                    WHEN NOT e.is_active THEN 'tenant_inactive'
                    WHEN e.is_deleted THEN 'entity_deleted'
                    WHEN k.attribute_id IS NULL THEN 'unknown_attribute'
                    WHEN b.ingested_at > arrived_at + interval '10 minutes'
                         OR b.ingested_at < '0001-01-01 00:00:00+00'
                         OR (b.ingested_at AT TIME ZONE 'UTC')::date = ANY (no_partition)
                        THEN 'time_out_of_range' END,
               b.value_double,
               CASE WHEN k.type IN ('int', 'double', 'decimal') AND NOT n.is_null THEN
                   public.atlas_row_number(k.type, b.value, b.value_int, b.value_decimal,
                                           b.value_double) END,
               CASE WHEN k.type = 'bool' THEN
                   coalesce(b.value_bool, CASE WHEN lower(b.value) IN ('true', 't') THEN true
                                               WHEN lower(b.value) IN ('false', 'f') THEN false END)
                   END,
               CASE WHEN k.type = 'timestamp' THEN
                   coalesce(b.value_timestamp, public.atlas_try_time(b.value)) END,
               CASE WHEN k.type = 'string' THEN b.value
                    WHEN k.type = 'json' THEN
                        coalesce(b.value_json::text,
                                 CASE WHEN public.atlas_try_json(b.value) IS NOT NULL
                                  AND public.atlas_json(b.value) IS NOT NULL THEN b.value END)
                    END
        FROM unnest(batch) b
        CROSS JOIN LATERAL (
            SELECT num_nonnulls(b.value, b.value_int, b.value_decimal, b.value_bool,
                                b.value_timestamp, b.value_double, b.value_json) = 0 AS is_null) n
        LEFT JOIN public.atlas_entities_of(batch) e
            ON e.entity_id = b.entity_id AND e.tenant_id = b.tenant_id
        LEFT JOIN public.atlas_catalog_of(batch) k
            ON k.tenant_id = b.tenant_id AND k.attribute_id = b.attribute_id;
END $$;
REVOKE ALL ON FUNCTION public.atlas_classify(public.entity_values_pending[], timestamptz, date[])
    FROM PUBLIC;
