-- SPDX-License-Identifier: Apache-2.0
--
-- The partitions that lie wholly before an age, with the statements that drop them.
--
-- $1 age  double precision  seconds
-- Result  detach_sql text (NULL: already detached), drop_sql text
-- Caller  src/jobs/standard_jobs.cc
SELECT detach_sql, drop_sql FROM public.atlas_old_partitions(make_interval(secs => $1::float8))
