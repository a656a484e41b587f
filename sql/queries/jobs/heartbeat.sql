-- SPDX-License-Identifier: Apache-2.0
--
-- Writes a heartbeat, so that an idle database still shows its lag.
--
-- Result  one row, to be ignored
-- Caller  src/jobs/standard_jobs.cc
SELECT public.atlas_heartbeat('primary')
