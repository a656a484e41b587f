-- SPDX-License-Identifier: Apache-2.0
--
-- INSERT into (and COPY to) entity_values_ts, by the gateway's rules. A statement's rows are
-- collected and written at its end, all or none: a row that the gateway would reject raises an
-- error.

CREATE OR REPLACE FUNCTION public.atlas_collect_row()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.observed_at <> NEW.ingested_at THEN
        RAISE EXCEPTION 'ingested_at and observed_at differ, but mean the same time'
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give one of them.';
    END IF;
    NEW.ingested_at := coalesce(NEW.ingested_at, NEW.observed_at, now());
    NEW.observed_at := NEW.ingested_at;
    INSERT INTO public.entity_values_pending (
        entity_id, tenant_id, attribute_id, value, value_int, value_decimal, value_bool,
        value_timestamp, ingested_at, value_double, value_json, writer)
    VALUES (NEW.entity_id, NEW.tenant_id, NEW.attribute_id, NEW.value, NEW.value_int,
            NEW.value_decimal, NEW.value_bool, NEW.value_timestamp, NEW.ingested_at,
            NEW.value_double, NEW.value_json, pg_current_xact_id());
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION public.atlas_collect_row() FROM PUBLIC;

-- Raises the reason of the first rejected point, if there is one.
CREATE OR REPLACE FUNCTION public.atlas_raise_refused(points public.atlas_point[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    refused record;
BEGIN
    SELECT p.* INTO refused FROM unnest(points) p WHERE p.reason IS NOT NULL
        ORDER BY p.arrival LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%', public.atlas_reason_text(refused.reason)
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('tenant %s, entity %s, attribute %s, at %s', refused.tenant_id,
                                  refused.entity_id, coalesce(refused.attribute_id::text, '?'),
                                  refused.observed_at);
    END IF;
END $$;
REVOKE ALL ON FUNCTION public.atlas_raise_refused(public.atlas_point[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION public.atlas_write_collected()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    batch public.entity_values_pending[];
BEGIN
    WITH taken AS (
        DELETE FROM public.entity_values_pending WHERE writer = pg_current_xact_id()
        RETURNING entity_values_pending)
    SELECT array_agg(entity_values_pending) INTO batch FROM taken;
    IF batch IS NOT NULL THEN
        -- A row per session, because this transaction may stay open for long.
        PERFORM public.atlas_raise_refused(
            public.atlas_write(batch, 'sql ' || pg_backend_pid()));
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION public.atlas_write_collected() FROM PUBLIC;

CREATE OR REPLACE TRIGGER entity_values_ts_row INSTEAD OF INSERT ON public.entity_values_ts
    FOR EACH ROW EXECUTE FUNCTION public.atlas_collect_row();
CREATE OR REPLACE TRIGGER entity_values_ts_statement AFTER INSERT ON public.entity_values_ts
    FOR EACH STATEMENT EXECUTE FUNCTION public.atlas_write_collected();
