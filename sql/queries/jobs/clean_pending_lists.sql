-- SPDX-License-Identifier: Apache-2.0
--
-- Empties the pending lists of the GIN indexes, which every filter scans.
--
-- Result  one row, to be ignored
-- Caller  src/jobs/standard_jobs.cc
SELECT public.atlas_clean_pending_lists()
