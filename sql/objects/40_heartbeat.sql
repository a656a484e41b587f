-- SPDX-License-Identifier: Apache-2.0

-- Writes a heartbeat to the log and deletes old ones. The job calls it every 5 s.
CREATE OR REPLACE FUNCTION public.atlas_heartbeat(source text DEFAULT 'primary')
RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM public.replication_heartbeat WHERE id IN (
        SELECT id FROM public.replication_heartbeat ORDER BY id LIMIT 100)
        AND "timestamp" < clock_timestamp() - interval '1 day';
    INSERT INTO public.replication_heartbeat ("timestamp", source)
        VALUES (clock_timestamp(), source) RETURNING "timestamp";
$$;
REVOKE ALL ON FUNCTION public.atlas_heartbeat(text) FROM PUBLIC;
