-- SPDX-License-Identifier: Apache-2.0
--
-- The rows as typed data points. `no_partition` lists the days that cannot have a partition. A
-- double attribute stores integers that no double holds as ints, with all their digits. Reasons
-- are the error codes of the API. The caller holds the shard locks.
CREATE OR REPLACE FUNCTION public.atlas_resolve(batch public.entity_values_pending[],
                                                arrived_at timestamptz, no_partition date[])
RETURNS public.atlas_point[] LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT array_agg(ROW(
            r.arrival, r.tenant_id, r.entity_id, r.observed_at, r.attribute_id,
            CASE WHEN r.type IN ('int', 'bool', 'timestamp') OR r.is_exact THEN 1
                 WHEN r.type = 'double' THEN 2
                 WHEN r.type = 'decimal' THEN 3 WHEN r.type IN ('string', 'json') THEN 4 END,
            CASE WHEN r.reason IS NULL THEN
                CASE WHEN r.type = 'int' OR r.is_exact THEN r.number::bigint
                     WHEN r.type = 'bool' THEN r.flag::integer::bigint
                     WHEN r.type = 'timestamp' THEN public.atlas_micros(r.instant) END END,
            CASE WHEN r.reason IS NULL AND r.type = 'double' AND NOT r.is_exact
                 THEN coalesce(r.value_double, r.number::float8) END,
            CASE WHEN r.reason IS NULL AND r.type = 'decimal' THEN r.number END,
            CASE WHEN r.reason IS NULL AND r.type IN ('string', 'json') THEN r.content END,
            r.type, r.hot_name, r.reason)::public.atlas_point)
        FROM (
            SELECT c.*, CASE
                WHEN c.fault IS NOT NULL THEN c.fault
                WHEN c.is_null THEN NULL
                WHEN c.type IS NULL THEN 'attribute_limit'
                WHEN num_nonnulls(c.number, c.flag, c.instant, c.content) = 0 THEN 'wrong_type'
                WHEN c.number IN ('NaN', 'Infinity', '-Infinity') THEN 'not_representable'
                WHEN c.type = 'int' AND (c.number <> trunc(c.number) OR c.number NOT BETWEEN
                    -9223372036854775808 AND 9223372036854775807) THEN 'not_representable'
                WHEN c.type = 'decimal' AND (abs(c.number) >= 1e1000 OR scale(c.number) > 1000)
                    THEN 'not_representable'
                WHEN c.type = 'double' AND NOT c.is_exact AND CASE
                    WHEN c.value_double IS NULL THEN NOT public.atlas_fits_double(c.number)
                    ELSE c.value_double IN ('NaN', 'Infinity', '-Infinity') END
                    THEN 'not_representable'
                WHEN c.type = 'timestamp' AND NOT c.instant BETWEEN '0001-01-01 00:00:00+00'
                    AND '9999-12-31 23:59:59.999999+00' THEN 'not_representable'
                WHEN octet_length(c.content) > 1048576 THEN 'value_too_large' END AS reason
            FROM (SELECT d.*, d.type = 'double' AND d.value_double IS NULL
                             AND d.number = trunc(d.number)
                             AND abs(d.number) < 9223372036854775808
                             AND NOT public.atlas_fits_double(d.number) AS is_exact
                  FROM public.atlas_classify(batch, arrived_at, no_partition) d) c
            OFFSET 0) r);
END $$;
REVOKE ALL ON FUNCTION public.atlas_resolve(public.entity_values_pending[], timestamptz, date[])
    FROM PUBLIC;
