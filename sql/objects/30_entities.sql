-- SPDX-License-Identifier: Apache-2.0
--
-- Registering, retiring and reviving entities. Every entity has a row of current state from its
-- registration on; one that a gateway registers, from its first observation on.

-- An entity registered without an external id gets its number as one.
CREATE OR REPLACE FUNCTION public.atlas_entity_default_id()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.external_id := NEW.entity_id::text;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION public.atlas_entity_default_id() FROM PUBLIC;

CREATE OR REPLACE TRIGGER entities_default_id BEFORE INSERT ON public.entities
    FOR EACH ROW WHEN (NEW.external_id IS NULL)
    EXECUTE FUNCTION public.atlas_entity_default_id();

-- Sorted, so that a bulk registration fills one partition and its key index after the other.
CREATE OR REPLACE FUNCTION public.atlas_entity_state_rows()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.entity_jsonb (tenant_id, entity_id, is_deleted)
        SELECT tenant_id, entity_id, is_deleted FROM new_entities ORDER BY tenant_id, entity_id
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_entity_state_rows() FROM PUBLIC;

CREATE OR REPLACE TRIGGER entities_state_rows AFTER INSERT ON public.entities
    REFERENCING NEW TABLE AS new_entities FOR EACH STATEMENT
    WHEN (current_setting('atlas.state_rows', true) IS DISTINCT FROM 'later')
    EXECUTE FUNCTION public.atlas_entity_state_rows();

-- Retires or revives, also for a plain UPDATE. It waits for writers in flight, which hold the lock
-- of the shard; later writers see the raised epoch.
CREATE OR REPLACE FUNCTION public.atlas_entity_life()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.atlas_lock_shards(ARRAY[(NEW.entity_id & 63)::integer]);
    UPDATE public.entity_jsonb SET is_deleted = NEW.is_deleted
        WHERE tenant_id = NEW.tenant_id AND entity_id = NEW.entity_id;
    IF NOT FOUND THEN
        PERFORM public.atlas_restore_states(ARRAY[NEW.tenant_id], ARRAY[NEW.entity_id]);
    END IF;
    PERFORM public.atlas_raise_epochs(ARRAY[NEW.tenant_id]);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_entity_life() FROM PUBLIC;

CREATE OR REPLACE TRIGGER entities_life AFTER UPDATE OF is_deleted ON public.entities
    FOR EACH ROW WHEN (OLD.is_deleted IS DISTINCT FROM NEW.is_deleted)
    EXECUTE FUNCTION public.atlas_entity_life();

-- Retires (deleted = true) or revives an entity. Returns 'ok', 'unchanged', 'unknown_entity', or
-- 'entity_limit' when the tenant is at its limit of entities.
CREATE OR REPLACE FUNCTION public.atlas_set_entity_deleted(tenant bigint, entity bigint,
                                                           deleted boolean)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was boolean;
    room bigint;
BEGIN
    -- Before row locks, as in every writer.
    PERFORM public.atlas_lock_shards(ARRAY[(entity & 63)::integer]);
    IF NOT deleted THEN
        -- The lock of the tenant's row keeps other sessions from using the room found here.
        SELECT max_entities INTO room FROM public.tenants WHERE tenant_id = tenant
            FOR NO KEY UPDATE;
    END IF;
    SELECT is_deleted INTO was FROM public.entities
        WHERE entity_id = entity AND tenant_id = tenant FOR NO KEY UPDATE;
    IF was IS NULL THEN
        RETURN 'unknown_entity';
    ELSIF was = deleted THEN
        RETURN 'unchanged';
    ELSIF NOT deleted AND room <= (SELECT count(*) FROM public.entities
                                   WHERE tenant_id = tenant AND NOT is_deleted) THEN
        RETURN 'entity_limit';
    END IF;
    UPDATE public.entities SET is_deleted = deleted
        WHERE entity_id = entity AND tenant_id = tenant;
    RETURN 'ok';
END $$;
REVOKE ALL ON FUNCTION public.atlas_set_entity_deleted(bigint, bigint, boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.atlas_delete_entity(tenant bigint, entity bigint)
RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT public.atlas_set_entity_deleted(tenant, entity, true);
$$;
REVOKE ALL ON FUNCTION public.atlas_delete_entity(bigint, bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.atlas_revive_entity(tenant bigint, entity bigint)
RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT public.atlas_set_entity_deleted(tenant, entity, false);
$$;
REVOKE ALL ON FUNCTION public.atlas_revive_entity(bigint, bigint) FROM PUBLIC;

-- Enables, disables or renames a tenant: after the transactions that write now, before all later
-- ones.
CREATE OR REPLACE TRIGGER tenants_activity_lock BEFORE UPDATE OF is_active, tenant_name
    ON public.tenants
    FOR EACH STATEMENT EXECUTE FUNCTION public.atlas_lock_for_edit();
DROP FUNCTION IF EXISTS public.atlas_tenant_activity_lock();  -- of 0.2.0

CREATE OR REPLACE FUNCTION public.atlas_tenant_activity()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.atlas_raise_epochs(ARRAY[NEW.tenant_id]);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_tenant_activity() FROM PUBLIC;

CREATE OR REPLACE TRIGGER tenants_activity AFTER UPDATE OF is_active, tenant_name
    ON public.tenants
    FOR EACH ROW WHEN (OLD.is_active IS DISTINCT FROM NEW.is_active
                       OR OLD.tenant_name <> NEW.tenant_name)
    EXECUTE FUNCTION public.atlas_tenant_activity();
