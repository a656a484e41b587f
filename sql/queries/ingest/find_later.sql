-- SPDX-License-Identifier: Apache-2.0
--
-- For each (entity, attribute), the latest observation after a given time that has the attribute.
-- The entity is also written as a range for the reason given in read_existing.sql.
--
-- $1 tenants     bigint[]
-- $2 entities    bigint[]
-- $3 attributes  integer[]
-- $4 after       timestamptz[]
-- $5 begin       timestamptz  of the window to search: bounds the partitions
-- $6 end         timestamptz  of the window
-- Result         place bigint (from 1), observed_at bigint (Unix microseconds); no row: none
-- Caller         src/ingest/commit/history_reader.cc
SELECT v.place, (extract(epoch FROM h.observed_at) * 1000000)::bigint
FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::timestamptz[]) WITH ORDINALITY
     AS v (tenant_id, entity_id, attribute_id, after, place)
CROSS JOIN LATERAL (
    SELECT o.observed_at
    FROM public.observations o
    LEFT JOIN public.shapes s ON s.shape_id = o.shape_id
    WHERE o.tenant_id = v.tenant_id AND o.entity_id = v.entity_id
      AND o.entity_id >= v.entity_id AND o.entity_id <= v.entity_id
      AND o.observed_at > v.after
      AND o.observed_at >= $5::timestamptz AND o.observed_at < $6::timestamptz
      AND v.attribute_id = ANY (coalesce(o.attrs, s.attrs))
    ORDER BY o.observed_at DESC
    LIMIT 1
) AS h
