-- SPDX-License-Identifier: Apache-2.0
--
-- The current state of entities, read under the locks of their shards. One lookup by key per
-- entity: a hash join over the whole table takes twenty times as long.
--
-- $1 tenants   bigint[]
-- $2 entities  bigint[]
-- Result       place bigint (from 1), hot_attrs text, hot_at text, last_day integer (days since
--              1970), is_deleted boolean; no row where there is none
-- Caller       src/ingest/commit/history_reader.cc
SELECT v.place, j.hot_attrs, j.hot_at, j.last_day, j.is_deleted
FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS v (tenant_id, entity_id, place)
CROSS JOIN LATERAL (
    SELECT x.hot_attrs::text, x.hot_at::text, x.last_day - date '1970-01-01' AS last_day,
           x.is_deleted
    FROM public.entity_jsonb x
    WHERE x.tenant_id = v.tenant_id AND x.entity_id = v.entity_id
    OFFSET 0
) AS j
