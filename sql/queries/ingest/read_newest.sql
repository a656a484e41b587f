-- SPDX-License-Identifier: Apache-2.0
--
-- The newest observation of each entity within one day: one step back from the end of its key
-- range. The entity is also written as a range for the reason given in read_existing.sql.
--
-- $1 tenants   bigint[]
-- $2 entities  bigint[]
-- $3 begin     timestamptz  of the day
-- $4 end       timestamptz  of the next
-- Result       place bigint (from 1), observed_at bigint (Unix microseconds)
-- Caller       src/ingest/commit/history_reader.cc
SELECT v.place, (extract(epoch FROM n.observed_at) * 1000000)::bigint
FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS v (tenant_id, entity_id, place)
CROSS JOIN LATERAL (
    SELECT o.observed_at
    FROM public.observations o
    WHERE o.tenant_id = v.tenant_id AND o.entity_id = v.entity_id
      AND o.entity_id >= v.entity_id AND o.entity_id <= v.entity_id
      AND o.observed_at >= $3::timestamptz AND o.observed_at < $4::timestamptz
    ORDER BY o.observed_at DESC
    LIMIT 1
) AS n
