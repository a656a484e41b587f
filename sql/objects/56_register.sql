-- SPDX-License-Identifier: Apache-2.0
--
-- The catalog entries of the batch's attributes: one row per tenant and attribute, which rows name
-- by the dictionary's id. `type` and `storage_id`, under which values are stored, are NULL if the
-- tenant does not have the attribute yet. The old name of an attribute that is being renamed still
-- means that attribute.
CREATE OR REPLACE FUNCTION public.atlas_catalog_of(batch public.entity_values_pending[])
RETURNS TABLE (tenant_id bigint, attribute_id bigint, is_active boolean, dictionary_type text,
               hot_name text, type text, in_use boolean, declared boolean, storage_id integer)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_nestloop = on
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT p.tenant_id, p.attribute_id, t.is_active, a.type,
               CASE WHEN coalesce(ta.is_hot, name.is_hot) THEN name.attribute_name::text END,
               ta.type, ta.in_use, ta.declared, ta.attribute_id::integer
        FROM (SELECT tenant_id, attribute_id FROM unnest(batch) GROUP BY 1, 2) p
        JOIN public.tenants t ON t.tenant_id = p.tenant_id
        JOIN public.attributes a ON a.attribute_id = p.attribute_id
        JOIN public.attributes name ON name.attribute_id = coalesce(
            (SELECT x.name_id FROM public.attribute_changes x
             WHERE x.tenant_id = p.tenant_id AND x.old_name_id = p.attribute_id), p.attribute_id)
        LEFT JOIN public.tenant_attributes ta
            ON ta.tenant_id = p.tenant_id AND ta.name_id = name.attribute_id
           AND ta.state = 'current';
END $$;
REVOKE ALL ON FUNCTION public.atlas_catalog_of(public.entity_values_pending[]) FROM PUBLIC;

-- Records what the rows change in the catalog: an attribute new to its tenant, its first use, an
-- int that becomes double. The caller holds the rows' shard locks; this function locks the tenants'
-- rows.
CREATE OR REPLACE FUNCTION public.atlas_register(batch public.entity_values_pending[])
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET enable_hashjoin = on AS $$
DECLARE
    fact record;
    known public.tenant_attributes;
    widens boolean;
    changed bigint[] := '{}';
BEGIN
    FOR fact IN
        SELECT r.tenant_id, r.attribute_id, bool_or(r.is_new) AS is_new,
               min(r.arrival) AS first_arrival,
               bool_or(EXISTS (SELECT FROM public.entities e
                               WHERE e.entity_id = r.entity_id AND e.tenant_id = r.tenant_id
                                 AND NOT e.is_deleted)) FILTER (WHERE r.is_new) AS alive,
               bool_or(r.number <> trunc(r.number)) AS has_fraction
        FROM (SELECT b.tenant_id, b.attribute_id, b.entity_id, b.arrival, k.type IS NULL AS is_new,
                     k.in_use,
                     CASE WHEN coalesce(k.type, k.dictionary_type) = 'int' THEN
                         public.atlas_row_number('int', b.value, b.value_int, b.value_decimal,
                                                 b.value_double) END AS number
              FROM unnest(batch) b
              JOIN public.atlas_catalog_of(batch) k
                  ON k.tenant_id = b.tenant_id AND k.attribute_id = b.attribute_id AND k.is_active
              WHERE (k.type IS NULL OR NOT k.in_use OR k.type = 'int' AND NOT k.declared)
                AND num_nonnulls(b.value, b.value_int, b.value_decimal, b.value_bool,
                                 b.value_timestamp, b.value_double, b.value_json) > 0
              OFFSET 0) r
        WHERE r.is_new OR NOT r.in_use OR r.number <> trunc(r.number)
        GROUP BY r.tenant_id, r.attribute_id
        ORDER BY r.tenant_id, first_arrival
    LOOP
        CONTINUE WHEN NOT fact.alive;
        PERFORM FROM public.tenants WHERE tenant_id = fact.tenant_id FOR NO KEY UPDATE;
        IF fact.is_new THEN
            PERFORM public.atlas_register_attribute(fact.tenant_id, fact.attribute_id);
        END IF;
        SELECT ta.* INTO known FROM public.tenant_attributes ta
            WHERE ta.tenant_id = fact.tenant_id AND ta.state = 'current'
              AND ta.name_id = coalesce(
                  (SELECT x.name_id FROM public.attribute_changes x
                   WHERE x.tenant_id = fact.tenant_id AND x.old_name_id = fact.attribute_id),
                  fact.attribute_id);
        CONTINUE WHEN NOT FOUND;
        widens := known.type = 'int' AND NOT known.declared AND coalesce(fact.has_fraction, false);
        UPDATE public.tenant_attributes SET
            in_use = true, type = CASE WHEN widens THEN 'double' ELSE known.type END
            WHERE tenant_id = fact.tenant_id AND attribute_id = known.attribute_id;
        changed := changed || fact.tenant_id;
    END LOOP;
    PERFORM public.atlas_raise_epochs(changed);
END $$;
REVOKE ALL ON FUNCTION public.atlas_register(public.entity_values_pending[]) FROM PUBLIC;

-- Registers an attribute of the dictionary with a tenant, with the dictionary's type and hot flag,
-- as far as the tenant's limits allow. The caller holds the lock of the tenant's row.
CREATE OR REPLACE FUNCTION public.atlas_register_attribute(tenant bigint, attribute bigint)
RETURNS void LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.tenant_attributes (tenant_id, attribute_id, name_id, type, is_hot)
    SELECT tenant, public.atlas_storage_id(tenant, a.attribute_id), a.attribute_id, a.type,
           CASE WHEN a.is_hot AND room.hot <= 0 THEN false END
    FROM public.attributes a
    CROSS JOIN (
        SELECT t.max_attributes - count(x.attribute_id) AS attributes,
               t.max_hot - count(x.attribute_id) FILTER (WHERE coalesce(x.is_hot, d.is_hot)) AS hot
        FROM public.tenants t
        LEFT JOIN public.tenant_attributes x ON x.tenant_id = t.tenant_id AND x.state = 'current'
        LEFT JOIN public.attributes d ON d.attribute_id = x.name_id
        WHERE t.tenant_id = tenant GROUP BY t.tenant_id) room
    WHERE a.attribute_id = attribute AND room.attributes > 0
      AND NOT EXISTS (SELECT FROM public.tenant_attributes x
                      WHERE x.tenant_id = tenant AND x.name_id = attribute
                        AND x.state = 'current')
    ON CONFLICT DO NOTHING;
$$;
REVOKE ALL ON FUNCTION public.atlas_register_attribute(bigint, bigint) FROM PUBLIC;
