-- SPDX-License-Identifier: Apache-2.0
--
-- How much each attribute is used. Counts are exact per closed day. Over several days, distinct
-- entities are estimated by HyperLogLog (Flajolet et al. 2007), because the counts of days do not
-- add up and a scan of months is too expensive.
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

-- Counts one closed UTC day into attribute_stats and the sketches. Returns the number of pairs of
-- tenant and attribute found. Costs a scan of the day.
CREATE OR REPLACE FUNCTION public.atlas_collect_attribute_stats(p_day date)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off
SET work_mem = '64MB' AS $$
DECLARE
    pairs bigint;
    first_instant CONSTANT timestamptz := p_day::timestamp AT TIME ZONE 'UTC';
    end_instant CONSTANT timestamptz := (p_day + 1)::timestamp AT TIME ZONE 'UTC';
BEGIN
    IF p_day >= (clock_timestamp() AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'day % is not over yet', p_day
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Only closed UTC days are counted.';
    END IF;
    -- Two concurrent counts of one day are both correct, but would collide.
    PERFORM pg_advisory_xact_lock(1635019891, 1002);
    WITH counted AS (
        SELECT v.tenant_id, v.attribute_id, v.entity_id, count(*) AS points,
               hashint8extended(v.entity_id, 20241121) AS hash
        FROM public.entity_values_ts v
        WHERE v.ingested_at >= first_instant AND v.ingested_at < end_instant
        GROUP BY v.tenant_id, v.attribute_id, v.entity_id
    ), daily AS (
        INSERT INTO public.attribute_stats AS s
            (tenant_id, attribute_id, day, distinct_entities, total_values)
        SELECT tenant_id, attribute_id, p_day, count(*), sum(points) FROM counted
        GROUP BY tenant_id, attribute_id
        ON CONFLICT (tenant_id, attribute_id, day) DO UPDATE
            SET distinct_entities = excluded.distinct_entities,
                total_values = excluded.total_values
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
    SELECT (SELECT count(*) FROM daily) + 0 * (SELECT count(*) FROM kept) INTO pairs;
    RETURN pairs;
END $$;
REVOKE ALL ON FUNCTION public.atlas_collect_attribute_stats(date) FROM PUBLIC;

CREATE MATERIALIZED VIEW IF NOT EXISTS public.mv_entity_attribute_stats AS
SELECT s.tenant_id, s.attribute_id, a.attribute_name,
       -- Exact if there is only one day.
       CASE count(*) WHEN 1 THEN max(s.distinct_entities)
                     ELSE greatest(max(s.distinct_entities),
                                   max(public.atlas_sketch_estimate(k.registers))) END
           AS distinct_entities,
       sum(s.total_values)::bigint AS total_values
FROM public.attribute_stats s
JOIN public.attributes a ON a.attribute_id = s.attribute_id
LEFT JOIN public.attribute_sketches k
    ON k.tenant_id = s.tenant_id AND k.attribute_id = s.attribute_id
GROUP BY s.tenant_id, s.attribute_id, a.attribute_name;
-- So that REFRESH … CONCURRENTLY works.
CREATE UNIQUE INDEX IF NOT EXISTS mv_entity_attribute_stats_key
    ON public.mv_entity_attribute_stats (tenant_id, attribute_id);
