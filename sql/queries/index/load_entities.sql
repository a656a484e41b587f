-- SPDX-License-Identifier: Apache-2.0
--
-- The next entities of the database by id, of all tenants, with their current state where they have
-- one. Under settings.sql it walks the key and looks each state up by its own.
--
-- $1 after  bigint
-- $2 limit  bigint
-- Result    in the binary format
-- Caller    src/index/feed/initial_load.cc
SELECT e.entity_id, e.tenant_id, e.external_id, e.entity_type, e.created_at, e.is_deleted,
       j.updated_at, j.last_day, j.is_deleted, j.hot_attrs, j.hot_at
FROM public.entities e
LEFT JOIN public.entity_jsonb j ON j.tenant_id = e.tenant_id AND j.entity_id = e.entity_id
WHERE e.entity_id > $1
ORDER BY e.entity_id
LIMIT $2
