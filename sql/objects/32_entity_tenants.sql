-- SPDX-License-Identifier: Apache-2.0
--
-- Every entity has a tenant that exists: what a foreign key would say, but checked once for each
-- statement and tenant. Who registers entities holds FOR KEY SHARE on the tenant's row until the
-- transaction ends, for which a DELETE of the tenant waits; it then sees the entities. Gateways,
-- which set atlas.state_rows, lock the row themselves (queries/ingest/read_entity_limit.sql).
-- The other half, that an entity keeps its tenant and a tenant its id, is in 37_edits.sql.

CREATE OR REPLACE FUNCTION public.atlas_entity_tenants()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant bigint;
BEGIN
    -- Sorted, so that two sessions do not deadlock.
    FOR tenant IN SELECT DISTINCT n.tenant_id FROM new_rows n ORDER BY 1 LOOP
        PERFORM FROM public.tenants t WHERE t.tenant_id = tenant FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'insert or update on table "entities" violates foreign key constraint '
                            '"entities_tenant_id_fkey"'
                USING ERRCODE = 'foreign_key_violation', SCHEMA = 'public', TABLE = 'entities',
                      CONSTRAINT = 'entities_tenant_id_fkey',
                      DETAIL = format('Key (tenant_id)=(%s) is not present in table "tenants".',
                                      tenant);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_entity_tenants() FROM PUBLIC;

CREATE OR REPLACE TRIGGER entities_known_tenant AFTER INSERT ON public.entities
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    WHEN (current_setting('atlas.state_rows', true) IS DISTINCT FROM 'later')
    EXECUTE FUNCTION public.atlas_entity_tenants();

-- Its query sees what was committed while the DELETE waited for the row: only under READ COMMITTED,
-- where each statement has a snapshot of its own.
CREATE OR REPLACE FUNCTION public.atlas_tenant_deleted()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'tenants cannot be deleted under isolation level %',
                current_setting('transaction_isolation')
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'Entities registered meanwhile would not be seen. Use READ COMMITTED.';
    END IF;
    IF EXISTS (SELECT FROM public.entities e WHERE e.tenant_id = OLD.tenant_id) THEN
        RAISE EXCEPTION 'update or delete on table "tenants" violates foreign key constraint '
                        '"entities_tenant_id_fkey" on table "entities"'
            USING ERRCODE = 'foreign_key_violation', SCHEMA = 'public', TABLE = 'entities',
                  CONSTRAINT = 'entities_tenant_id_fkey',
                  DETAIL = format('Key (tenant_id)=(%s) is still referenced from table "entities".',
                                  OLD.tenant_id);
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_tenant_deleted() FROM PUBLIC;

CREATE OR REPLACE TRIGGER tenants_deleted AFTER DELETE ON public.tenants
    FOR EACH ROW EXECUTE FUNCTION public.atlas_tenant_deleted();
