-- SPDX-License-Identifier: Apache-2.0
--
-- Moves staged rows to history and current state.
--
-- $1 rows  integer  at most this many
-- Result   one row: rows moved; 0 if none can be moved now
-- Caller   src/jobs/standard_jobs.cc
SELECT public.stage_flush($1::integer)
