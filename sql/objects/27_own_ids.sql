-- SPDX-License-Identifier: Apache-2.0
--
-- Ids chosen by a client advance the sequence, so that generated ids do not collide with them. The
-- gap covers the ids that other sessions draw at the same moment.
--
-- A lock serializes the sessions that advance a sequence: otherwise one could overwrite the larger
-- value that another sets between its read and its write. The lock belongs to a subtransaction that
-- is rolled back at once (the sequence is not), so no session waits for the end of a bulk load.
--
-- Trigger arguments: column, sequence, gap.

CREATE OR REPLACE FUNCTION public.atlas_push_sequence()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    newest bigint;
    drawn bigint;
BEGIN
    EXECUTE format('SELECT max(%I) FROM new_rows', TG_ARGV[0]) INTO newest;
    EXECUTE format('SELECT last_value FROM %s', TG_ARGV[1]::regclass) INTO drawn;
    IF newest IS NULL OR newest <= drawn OR newest >= 9223372036854775807 - TG_ARGV[2]::bigint THEN
        RETURN NULL;
    END IF;
    BEGIN
        PERFORM pg_advisory_xact_lock(1635019891, 1003);
        EXECUTE format('SELECT last_value FROM %s', TG_ARGV[1]::regclass) INTO drawn;
        IF newest > drawn THEN
            PERFORM setval(TG_ARGV[1]::regclass, newest + TG_ARGV[2]::bigint);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'ATPSH';
    EXCEPTION WHEN SQLSTATE 'ATPSH' THEN
        RETURN NULL;
    END;
END $$;
REVOKE ALL ON FUNCTION public.atlas_push_sequence() FROM PUBLIC;

-- Gateways, which set atlas.state_rows, take ids from the sequence in the same transaction.
CREATE OR REPLACE TRIGGER entities_own_ids AFTER INSERT ON public.entities
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    WHEN (current_setting('atlas.state_rows', true) IS DISTINCT FROM 'later')
    EXECUTE FUNCTION public.atlas_push_sequence('entity_id', 'public.entity_id_seq', 1000000);
CREATE OR REPLACE TRIGGER attributes_own_ids AFTER INSERT ON public.attributes
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION public.atlas_push_sequence('attribute_id',
                                                'public.attributes_attribute_id_seq', 1000);
CREATE OR REPLACE TRIGGER tenants_own_ids AFTER INSERT ON public.tenants
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION public.atlas_push_sequence('tenant_id', 'public.tenants_tenant_id_seq', 1000);
