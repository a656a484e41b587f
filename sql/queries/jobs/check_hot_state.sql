-- SPDX-License-Identifier: Apache-2.0
--
-- Compares the current state of the next entities with history.
--
-- $1 tenant  bigint   entities after this key
-- $2 entity  bigint
-- $3 limit   bigint
-- Result     tenant_id bigint, entity_id bigint, diverged boolean
-- Caller     src/jobs/reconcile.cc
SELECT tenant_id, entity_id, diverged
FROM public.atlas_check_hot_state($1::bigint, $2::bigint, $3::integer)
