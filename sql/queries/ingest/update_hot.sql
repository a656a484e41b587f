-- SPDX-License-Identifier: Apache-2.0
--
-- Writes changed hot values of entities, under the locks of their shards.
--
-- $1 tenants   bigint[]
-- $2 entities  bigint[]
-- $3 changed   text[]     JSON objects of the new values by attribute name
-- $4 removed   text[]     text[] literals of the names whose value is removed
-- $5 hot_at    text[]     JSON objects of the times (Unix microseconds) of both
-- $6 last_day  integer[]  days since 1970
-- Caller       src/ingest/commit/commit_transaction.cc
UPDATE public.entity_jsonb j
SET hot_attrs = (j.hot_attrs || v.changed::jsonb) - v.removed::text[],
    hot_at = j.hot_at || v.hot_at::jsonb,
    updated_at = now(),
    last_day = greatest(j.last_day, date '1970-01-01' + v.last_day)
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[])
     AS v (tenant_id, entity_id, changed, removed, hot_at, last_day)
WHERE j.tenant_id = v.tenant_id AND j.entity_id = v.entity_id
