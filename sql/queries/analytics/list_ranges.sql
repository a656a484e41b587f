-- SPDX-License-Identifier: Apache-2.0
--
-- The ranges of time that have a partition of observations.
--
-- Result   from bigint, until bigint: Unix microseconds, ascending
-- Caller   src/analytics/loader_source.cc
SELECT (extract(epoch FROM first_day::timestamp) * 1000000)::bigint,
       (extract(epoch FROM end_day::timestamp) * 1000000)::bigint
FROM public.atlas_partitions() ORDER BY first_day
