-- SPDX-License-Identifier: Apache-2.0
--
-- Of the next entities of one tenant by name, those that have no current state yet, and the last
-- one, so that the caller knows from where to go on. Under settings.sql it walks the key.
--
-- $1 after   text
-- $2 limit   bigint
-- $3 tenant  bigint
-- Result     as load_entities.sql, in the binary format
-- Caller     src/index/feed/initial_load.cc
WITH part AS MATERIALIZED (
    SELECT entity_id, tenant_id, external_id, entity_type, created_at, is_deleted
    FROM public.entities
    WHERE tenant_id = $3 AND external_id > $1
    ORDER BY external_id
    LIMIT $2
)
SELECT e.entity_id, e.tenant_id, e.external_id, e.entity_type, e.created_at, e.is_deleted,
       j.updated_at, j.last_day, j.is_deleted, j.hot_attrs, j.hot_at
FROM part e
LEFT JOIN public.entity_jsonb j ON j.tenant_id = e.tenant_id AND j.entity_id = e.entity_id
WHERE j.entity_id IS NULL OR e.external_id = (SELECT max(external_id) FROM part)
ORDER BY e.external_id
