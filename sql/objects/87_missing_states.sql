-- SPDX-License-Identifier: Apache-2.0
--
-- Entities without a row of current state. Triggers keep them from coming about; what goes around
-- triggers can lose a row, and it comes back: at the next write to the entity, or by the job.

-- Makes the missing rows of these entities from history. Returns how many; entities that do not
-- exist get none.
CREATE OR REPLACE FUNCTION public.atlas_restore_states(tenants bigint[], entities bigint[])
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    restored_tenants bigint[];
    restored_entities bigint[];
BEGIN
    PERFORM public.atlas_lock_shards(
        (SELECT array_agg(DISTINCT (e & 63)::integer) FROM unnest(entities) e));
    WITH restored AS (
        INSERT INTO public.entity_jsonb (tenant_id, entity_id, is_deleted, last_day)
        SELECT e.tenant_id, e.entity_id, e.is_deleted,
               public.atlas_last_day(e.tenant_id, e.entity_id)
        FROM unnest(tenants, entities) w (t, e_id)
        JOIN public.entities e ON e.entity_id = w.e_id AND e.tenant_id = w.t
        ORDER BY e.tenant_id, e.entity_id
        ON CONFLICT DO NOTHING
        RETURNING tenant_id, entity_id
    )
    SELECT array_agg(tenant_id), array_agg(entity_id) INTO restored_tenants, restored_entities
        FROM restored;
    IF restored_tenants IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM public.atlas_mend_hot_state(restored_tenants, restored_entities);
    RAISE LOG 'restored the current state of % entities, the first of them %',
        cardinality(restored_entities), restored_entities[1];
    RETURN cardinality(restored_tenants);
END $$;
REVOKE ALL ON FUNCTION public.atlas_restore_states(bigint[], bigint[]) FROM PUBLIC;

-- Looks at up to `batch` entities after the given one, by id, and restores the states they lack.
-- `last_entity` is NULL when there are no more. One lookup by key per entity.
CREATE OR REPLACE FUNCTION public.atlas_restore_missing_states(
    after_entity bigint, batch integer, OUT last_entity bigint, OUT restored integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    tenants bigint[];
    entities bigint[];
BEGIN
    SELECT max(e.entity_id), array_agg(e.tenant_id) FILTER (WHERE j.tenant_id IS NULL),
           array_agg(e.entity_id) FILTER (WHERE j.tenant_id IS NULL)
        INTO last_entity, tenants, entities
        FROM (SELECT x.entity_id, x.tenant_id FROM public.entities x
              WHERE x.entity_id > after_entity ORDER BY x.entity_id LIMIT batch) e
        LEFT JOIN LATERAL (SELECT x.tenant_id FROM public.entity_jsonb x
                           WHERE x.tenant_id = e.tenant_id AND x.entity_id = e.entity_id
                           OFFSET 0) j ON true;
    restored := CASE WHEN tenants IS NULL THEN 0
                     ELSE public.atlas_restore_states(tenants, entities) END;
END $$;
REVOKE ALL ON FUNCTION public.atlas_restore_missing_states(bigint, integer) FROM PUBLIC;
