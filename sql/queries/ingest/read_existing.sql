-- SPDX-License-Identifier: Apache-2.0
--
-- Observations of these entities at exactly these times, as arrays. The time is written as a range:
-- with an equality the planner considers the index on (tenant_id, observed_at) as good as the key,
-- and reads every entity of the tenant that reports at the same time. So it does where statistics
-- are of a partition's first rows, which may be of one entity; the range of one entity, which adds
-- nothing to the equality, is what it always takes to be selective.
--
-- $1 tenants   bigint[]
-- $2 entities  bigint[]
-- $3 times     timestamptz[]
-- $4 first     timestamptz  the earliest of the times: bounds the partitions
-- $5 last      timestamptz  the latest
-- Result       place integer (from 1), attrs integer[], int_values, double_values, decimal_values,
--              text_values; no row where there is no observation
-- Caller       src/ingest/commit/history_reader.cc
SELECT v.place::integer, coalesce(o.attrs, s.attrs), o.int_values, o.double_values,
       o.decimal_values, o.text_values
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) WITH ORDINALITY
     AS v (tenant_id, entity_id, observed_at, place)
CROSS JOIN LATERAL (
    SELECT x.*
    FROM public.observations x
    WHERE x.tenant_id = v.tenant_id AND x.entity_id = v.entity_id
      AND x.entity_id >= v.entity_id AND x.entity_id <= v.entity_id
      AND x.observed_at >= v.observed_at AND x.observed_at <= v.observed_at
      AND x.observed_at >= $4::timestamptz AND x.observed_at <= $5::timestamptz
    OFFSET 0
) AS o
LEFT JOIN public.shapes s ON s.shape_id = o.shape_id
