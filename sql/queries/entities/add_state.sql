-- SPDX-License-Identifier: Apache-2.0
--
-- Makes the row of current state of an entity that has none: a gateway registered it and has not
-- written its first observation yet, or the row was lost.
--
-- $1 tenant  bigint
-- $2 entity  bigint
-- Result     at most one row, to be ignored
-- Caller     src/catalog/entity_repository.cc
SELECT public.atlas_restore_states(ARRAY[$1::bigint], ARRAY[$2::bigint])
WHERE NOT EXISTS (SELECT FROM public.entity_jsonb WHERE tenant_id = $1 AND entity_id = $2)
