-- SPDX-License-Identifier: Apache-2.0
--
-- Deletes old rows of write_throughput.
--
-- Result  one row, to be ignored
-- Caller  src/jobs/standard_jobs.cc
SELECT public.atlas_trim_throughput()
