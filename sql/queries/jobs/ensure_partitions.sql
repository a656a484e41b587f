-- SPDX-License-Identifier: Apache-2.0
--
-- Creates the partitions from yesterday to some days ahead that do not exist yet.
--
-- $1 days  integer  days ahead
-- Result   one row, to be ignored
-- Caller   src/jobs/standard_jobs.cc
SELECT public.atlas_ensure_partitions(array_agg((now() AT TIME ZONE 'UTC')::date + d))
FROM generate_series(-1, $1::integer) AS d
