-- SPDX-License-Identifier: Apache-2.0
--
-- The next entities of one tenant by id that have a current state. Under settings.sql it walks the
-- key of the states and looks each entity up by its own.
--
-- $1 after   bigint
-- $2 limit   bigint
-- $3 tenant  bigint
-- Result     as load_entities.sql, in the binary format
-- Caller     src/index/feed/initial_load.cc
SELECT e.entity_id, e.tenant_id, e.external_id, e.entity_type, e.created_at, e.is_deleted,
       j.updated_at, j.last_day, j.is_deleted, j.hot_attrs, j.hot_at
FROM public.entity_jsonb j
JOIN public.entities e ON e.entity_id = j.entity_id
WHERE j.tenant_id = $3 AND j.entity_id > $1
ORDER BY j.entity_id
LIMIT $2
