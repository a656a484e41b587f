-- SPDX-License-Identifier: Apache-2.0
--
-- How much each attribute is used. Counts are exact per closed day. Over several days, distinct
-- entities are estimated by HyperLogLog (Flajolet et al. 2007), because the counts of days do not
-- add up and a scan of months is too expensive.
--
-- A REFRESH of the view counts what is missing: closed days that were never counted, and those that
-- were written to since (61_closed_days.sql). It scans the partitions of these days once, and reads
-- nothing of the others. A job counts in time, so that usually nothing is left to a REFRESH.
--
-- A sketch has 256 registers of one byte (standard error 6.5 %) per tenant and attribute, over all
-- days. Counting a day again changes no register, so a day can be recounted after late data.

-- The estimate of a sketch; linear counting for small numbers.
CREATE OR REPLACE FUNCTION public.atlas_sketch_estimate(registers bytea)
RETURNS bigint LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT round(CASE WHEN raw <= 640
        AND empty > 0 THEN 256 * ln(256.0 / empty) ELSE raw END)::bigint
    FROM (SELECT 0.7182725932495458 * 65536 / sum(2.0 ^ -r) AS raw,
                 count(*) FILTER (WHERE r = 0) AS empty
          FROM (SELECT get_byte(registers, i) AS r FROM generate_series(0, 255) i) b) s;
$$;
REVOKE ALL ON FUNCTION public.atlas_sketch_estimate(bytea) FROM PUBLIC;

-- The closed days that are not counted, or were written to since: an array per partition, newest
-- first.
CREATE OR REPLACE FUNCTION public.atlas_uncounted_days()
RETURNS TABLE (days date[]) LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
    SELECT array_agg(c.day ORDER BY c.day)
    FROM (SELECT p.partition, p.first_day + n AS day
          FROM public.atlas_partitions() p
          CROSS JOIN LATERAL generate_series(
              0, least(p.end_day, (clock_timestamp() AT TIME ZONE 'UTC')::date)
                 - p.first_day - 1) n) c
    WHERE NOT EXISTS (SELECT FROM public.counted_days k WHERE k.day = c.day)
       OR EXISTS (SELECT FROM public.closed_day_writes w WHERE w.day = c.day)
    GROUP BY c.partition
    ORDER BY max(c.day) DESC;
$$;
REVOKE ALL ON FUNCTION public.atlas_uncounted_days() FROM PUBLIC;

-- Counts closed UTC days into attribute_stats and the sketches, in one scan from the first to the
-- last. Returns the number of triples of tenant, attribute and day found. A day to which an open
-- transaction may still be writing is counted, but stays among the uncounted.
CREATE OR REPLACE FUNCTION public.atlas_count_days(days date[])
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off
SET work_mem = '64MB' AS $$
DECLARE
    first_day CONSTANT date := (SELECT min(d) FROM unnest(days) d);
    last_day CONSTANT date := (SELECT max(d) FROM unnest(days) d);
    first_instant CONSTANT timestamptz := first_day::timestamp AT TIME ZONE 'UTC';
    end_instant CONSTANT timestamptz := (last_day + 1)::timestamp AT TIME ZONE 'UTC';
    settled date[];
    triples bigint;
BEGIN
    IF last_day >= (clock_timestamp() AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'day % is not over yet', last_day
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Only closed UTC days are counted.';
    END IF;
    -- Two concurrent counts of one day are both correct, but would collide.
    PERFORM pg_advisory_xact_lock(1635019891, 1002);
    settled := public.atlas_settled_days(days);
    -- Before the scan: it sees what these transactions wrote, and more. A report that is committed
    -- meanwhile is kept, and the day counted again.
    DELETE FROM public.closed_day_writes w WHERE w.day = ANY (settled);
    DELETE FROM public.attribute_stats s WHERE s.day = ANY (days);
    WITH counted AS (
        SELECT v.tenant_id, v.attribute_id, v.entity_id, v.day, count(*) AS points,
               hashint8extended(v.entity_id, 20241121) AS hash
        FROM (SELECT x.tenant_id, x.attribute_id, x.entity_id,
                     (x.ingested_at AT TIME ZONE 'UTC')::date AS day
              FROM public.entity_values_ts x
              WHERE x.ingested_at >= first_instant AND x.ingested_at < end_instant) v
        WHERE v.day = ANY (days)
        GROUP BY v.tenant_id, v.attribute_id, v.entity_id, v.day
    ), daily AS (
        INSERT INTO public.attribute_stats
            (tenant_id, attribute_id, day, distinct_entities, total_values)
        SELECT tenant_id, attribute_id, day, count(*), sum(points) FROM counted
        GROUP BY tenant_id, attribute_id, day
        RETURNING 1
    ), registers AS (
        SELECT tenant_id, attribute_id, (hash & 255)::integer AS register,
               max(57 - length(ltrim(substr((hash::bit(64))::text, 1, 56), '0')))::integer AS rank
        FROM counted GROUP BY 1, 2, 3
    ), sketches AS (
        SELECT p.tenant_id, p.attribute_id, string_agg(
                   set_byte('\x00', 0, greatest(coalesce(r.rank, 0),
                       coalesce(get_byte(k.registers, p.register), 0))), '' ORDER BY p.register)
                   AS registers
        FROM (SELECT DISTINCT tenant_id, attribute_id, i AS register
              FROM registers, generate_series(0, 255) i) p
        LEFT JOIN registers r USING (tenant_id, attribute_id, register)
        LEFT JOIN public.attribute_sketches k USING (tenant_id, attribute_id)
        GROUP BY p.tenant_id, p.attribute_id
    ), kept AS (
        INSERT INTO public.attribute_sketches AS k (tenant_id, attribute_id, registers)
        SELECT tenant_id, attribute_id, registers FROM sketches
        ON CONFLICT (tenant_id, attribute_id) DO UPDATE SET registers = excluded.registers
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM daily) + 0 * (SELECT count(*) FROM kept) INTO triples;
    INSERT INTO public.counted_days (day) SELECT d FROM unnest(settled) d ON CONFLICT DO NOTHING;
    RETURN triples;
END $$;
REVOKE ALL ON FUNCTION public.atlas_count_days(date[]) FROM PUBLIC;

-- Counts one closed UTC day. Returns the number of pairs of tenant and attribute found. Costs a
-- scan of the day.
CREATE OR REPLACE FUNCTION public.atlas_collect_attribute_stats(p_day date)
RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT public.atlas_count_days(ARRAY[p_day]);
$$;
REVOKE ALL ON FUNCTION public.atlas_collect_attribute_stats(date) FROM PUBLIC;

-- Forgets the days whose partitions are gone.
CREATE OR REPLACE FUNCTION public.atlas_forget_dropped_days()
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    dropped date[];
BEGIN
    SELECT array_agg(k.day) INTO dropped FROM public.counted_days k
        WHERE NOT EXISTS (SELECT FROM public.atlas_partitions() p
                          WHERE k.day >= p.first_day AND k.day < p.end_day);
    IF dropped IS NOT NULL THEN
        DELETE FROM public.attribute_stats s WHERE s.day = ANY (dropped);
        DELETE FROM public.counted_days k WHERE k.day = ANY (dropped);
        DELETE FROM public.closed_day_writes w WHERE w.day = ANY (dropped);
    END IF;
END $$;
REVOKE ALL ON FUNCTION public.atlas_forget_dropped_days() FROM PUBLIC;

-- The rows of the view: first counts the closed days that are not counted or were written to since.
-- `SET atlas.count_days = off` leaves that out.
CREATE OR REPLACE FUNCTION public.atlas_attribute_use()
RETURNS TABLE (tenant_id bigint, attribute_id bigint, attribute_name text,
               distinct_entities bigint, total_values bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    uncounted date[];
BEGIN
    IF coalesce(current_setting('atlas.count_days', true), '') <> 'off' THEN
        PERFORM pg_advisory_xact_lock(1635019891, 1002);
        PERFORM public.atlas_forget_dropped_days();
        FOR uncounted IN SELECT u.days FROM public.atlas_uncounted_days() u LOOP
            PERFORM public.atlas_count_days(uncounted);
        END LOOP;
    END IF;
    RETURN QUERY
        SELECT s.tenant_id, s.attribute_id, a.attribute_name::text,
               -- At least those of the largest day, at most those of all days together: exact where
               -- there is only one.
               least(sum(s.distinct_entities)::bigint,
                     greatest(max(s.distinct_entities),
                              max(public.atlas_sketch_estimate(k.registers)))),
               sum(s.total_values)::bigint
        FROM public.attribute_stats s
        JOIN public.attributes a ON a.attribute_id = s.attribute_id
        LEFT JOIN public.attribute_sketches k
            ON k.tenant_id = s.tenant_id AND k.attribute_id = s.attribute_id
        GROUP BY s.tenant_id, s.attribute_id, a.attribute_name;
END $$;
REVOKE ALL ON FUNCTION public.atlas_attribute_use() FROM PUBLIC;

DO $$
BEGIN
    IF to_regclass('public.mv_entity_attribute_stats') IS NULL THEN
        -- With what is counted so far: creating it must not scan all of history.
        PERFORM set_config('atlas.count_days', 'off', true);
        CREATE MATERIALIZED VIEW public.mv_entity_attribute_stats AS
            SELECT u.tenant_id, u.attribute_id,
                   u.attribute_name::varchar(255) COLLATE "C" AS attribute_name,
                   u.distinct_entities, u.total_values
            FROM public.atlas_attribute_use() u;
        PERFORM set_config('atlas.count_days', 'on', true);
    END IF;
END $$;
-- So that REFRESH … CONCURRENTLY works.
CREATE UNIQUE INDEX IF NOT EXISTS mv_entity_attribute_stats_key
    ON public.mv_entity_attribute_stats (tenant_id, attribute_id);
