-- SPDX-License-Identifier: Apache-2.0
--
-- Counts one closed day into attribute_stats. Costs a scan of the day.
--
-- $1 day  date
-- Result  one row: pairs of tenant and attribute, bigint
-- Caller  src/jobs/standard_jobs.cc
SELECT public.atlas_collect_attribute_stats($1::date)
