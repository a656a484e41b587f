-- SPDX-License-Identifier: Apache-2.0
--
-- Makes the rows of current state that the next entities lack.
--
-- $1 entity  bigint   entities after this id
-- $2 limit   bigint
-- Result     one row: last_entity bigint, NULL after the last entity; restored integer
-- Caller     src/jobs/standard_jobs.cc
SELECT last_entity, restored FROM public.atlas_restore_missing_states($1::bigint, $2::integer)
