-- SPDX-License-Identifier: Apache-2.0
--
-- Records a new day on which entities reported; nothing else of their state changed. last_day is in
-- no index, so the new version of the row stays on its page.
--
-- $1 tenants   bigint[]
-- $2 entities  bigint[]
-- $3 last_day  integer[]  days since 1970
-- Caller       src/ingest/commit/commit_transaction.cc
UPDATE public.entity_jsonb j
SET last_day = date '1970-01-01' + v.last_day
FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS v (tenant_id, entity_id, last_day)
WHERE j.tenant_id = v.tenant_id AND j.entity_id = v.entity_id
