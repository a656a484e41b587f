-- SPDX-License-Identifier: Apache-2.0
--
-- The lock protocol for every writer of history, current state or the registration of entities.
--
-- 1 Take the advisory locks of the shards (entity_id & 63), ascending, in a statement of their own.
-- 2 Only then read anything.
-- 3 Set shards.writer = 0, so that gateways drop their cached states.
-- The partition lock comes before the shard locks; row locks come after them, in the order tenants,
-- catalog_clock.

-- Locks these shards for this transaction and records that no gateway wrote them last. Raises 25001
-- outside READ COMMITTED, where later statements would not see the commits that the locks waited
-- for.
CREATE OR REPLACE FUNCTION public.atlas_lock_shards(wanted integer[])
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one integer;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'writes to Atlas need the isolation level READ COMMITTED, not %',
            upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'active_sql_transaction',
                  HINT = 'Run the statement in a READ COMMITTED transaction.';
    END IF;
    FOR one IN SELECT DISTINCT s FROM unnest(wanted) s ORDER BY s LOOP
        PERFORM pg_advisory_xact_lock(1635019891, one);
    END LOOP;
    UPDATE public.shards SET writer = 0 WHERE shard = ANY (wanted) AND writer <> 0;
END $$;
REVOKE ALL ON FUNCTION public.atlas_lock_shards(integer[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.atlas_lock_all_shards()
RETURNS void LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    SELECT public.atlas_lock_shards(array_agg(s)) FROM generate_series(0, 63) s;
$$;
REVOKE ALL ON FUNCTION public.atlas_lock_all_shards() FROM PUBLIC;

-- Before a statement by hand that changes what gateways cache: no row lock is held yet.
CREATE OR REPLACE FUNCTION public.atlas_lock_for_edit()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.atlas_lock_all_shards();
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_lock_for_edit() FROM PUBLIC;

-- Tells every gateway that the catalogs of these tenants changed. The caller holds the locks of the
-- shards concerned.
CREATE OR REPLACE FUNCTION public.atlas_raise_epochs(changed bigint[])
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF cardinality(changed) > 0 THEN
        PERFORM FROM public.tenants WHERE tenant_id = ANY (changed) ORDER BY tenant_id
            FOR NO KEY UPDATE;
        UPDATE public.tenants SET catalog_epoch = catalog_epoch + 1
            WHERE tenant_id = ANY (changed);
        UPDATE public.catalog_clock SET epoch = epoch + 1;
    END IF;
END $$;
REVOKE ALL ON FUNCTION public.atlas_raise_epochs(bigint[]) FROM PUBLIC;
