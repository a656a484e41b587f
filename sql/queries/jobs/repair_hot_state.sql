-- SPDX-License-Identifier: Apache-2.0
--
-- Repairs the current state of entities from history, under the locks of their shards.
--
-- $1 tenants   bigint[]
-- $2 entities  bigint[]
-- Result       one row: repaired values, bigint
-- Caller       src/jobs/reconcile.cc
SELECT public.atlas_mend_hot_state($1::bigint[], $2::bigint[])
