-- SPDX-License-Identifier: Apache-2.0
--
-- Counts closed days of one partition into attribute_stats. Costs a scan from the first to the
-- last.
--
-- $1 days  date[]
-- Result   one row: triples of tenant, attribute and day, bigint
-- Caller   src/jobs/standard_jobs.cc
SELECT public.atlas_count_days($1::date[])
