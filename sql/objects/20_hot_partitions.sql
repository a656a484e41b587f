-- SPDX-License-Identifier: Apache-2.0
--
-- Hash partitions of the current state. Their number is fixed once they exist.

-- Creates the partitions of entity_jsonb if it has none. Returns how many it has.
CREATE OR REPLACE FUNCTION public.atlas_make_hot_partitions(partitions integer DEFAULT 16)
RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    existing integer;
    leaf text;
    leaf_index text;
BEGIN
    SELECT count(*) INTO existing FROM pg_inherits
        WHERE inhparent = 'public.entity_jsonb'::regclass;
    IF existing > 0 THEN
        RETURN existing;
    END IF;
    IF partitions NOT BETWEEN 1 AND 1024 THEN
        RAISE EXCEPTION 'atlas.hot_partitions must be 1 to 1024, not %', partitions
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR i IN 0 .. partitions - 1 LOOP
        leaf := 'entity_jsonb_p' || i;
        -- Free space for the next version of a row keeps an update that changes no indexed column
        -- on its page. Updates come in bursts: vacuum by count, not by share.
        EXECUTE format(
            'CREATE TABLE public.%I PARTITION OF public.entity_jsonb
             FOR VALUES WITH (MODULUS %s, REMAINDER %s)
             WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05,
                   autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0.05)',
            leaf, partitions, i);
        -- A long pending list slows down the next query; this limit is 32 pages.
        SELECT c.relname INTO STRICT leaf_index
            FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am a ON a.oid = c.relam
            WHERE x.indrelid = format('public.%I', leaf)::regclass AND a.amname = 'gin';
        EXECUTE format('ALTER INDEX public.%I SET (gin_pending_list_limit = 256)', leaf_index);
    END LOOP;
    RETURN partitions;
END $$;
REVOKE ALL ON FUNCTION public.atlas_make_hot_partitions(integer) FROM PUBLIC;

-- Flushes the GIN pending lists. Returns the number of pages moved. A job calls it.
CREATE OR REPLACE FUNCTION public.atlas_clean_pending_lists()
RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(sum(gin_clean_pending_list(x.indexrelid)), 0)::bigint
    FROM pg_inherits i
    JOIN pg_index x ON x.indrelid = i.inhrelid
    JOIN pg_class c ON c.oid = x.indexrelid
    JOIN pg_am a ON a.oid = c.relam
    WHERE i.inhparent = 'public.entity_jsonb'::regclass AND a.amname = 'gin';
$$;
REVOKE ALL ON FUNCTION public.atlas_clean_pending_lists() FROM PUBLIC;

-- `SET atlas.hot_partitions = N` chooses another number than 16, before the objects are applied for
-- the first time.
DO $$
BEGIN
    PERFORM public.atlas_make_hot_partitions(
        coalesce(nullif(current_setting('atlas.hot_partitions', true), ''), '16')::integer);
END $$;
