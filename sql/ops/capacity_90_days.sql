-- SPDX-License-Identifier: Apache-2.0
-- Size in 90 days, if history keeps growing as in its last 14 closed days.
--
-- Result   one row: bytes_now bigint, bytes_per_day bigint, bytes_in_90_days bigint, days_measured
--          bigint
SELECT pg_database_size(current_database()) AS bytes_now,
       coalesce(g.bytes_per_day, 0) AS bytes_per_day,
       pg_database_size(current_database()) + 90 * coalesce(g.bytes_per_day, 0)
           AS bytes_in_90_days,
       g.days_measured
FROM (SELECT avg(pg_total_relation_size(format('public.%I', p.partition)::regclass))::bigint
                 AS bytes_per_day,
             count(*) AS days_measured
      FROM public.atlas_partitions() p
      WHERE NOT p.is_month AND p.end_day <= (now() AT TIME ZONE 'UTC')::date
        AND p.first_day >= (now() AT TIME ZONE 'UTC')::date - 14) g;
