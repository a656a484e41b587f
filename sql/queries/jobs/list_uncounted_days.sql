-- SPDX-License-Identifier: Apache-2.0
--
-- Days of the last week that are over, have a partition and are not counted yet.
--
-- Result  day text
-- Caller  src/jobs/standard_jobs.cc
SELECT d::text
FROM (SELECT (now() AT TIME ZONE 'UTC')::date - n AS d FROM generate_series(1, 7) AS n) AS days
WHERE EXISTS (SELECT FROM public.atlas_partitions() AS p WHERE d >= p.first_day AND d < p.end_day)
  AND NOT EXISTS (SELECT FROM public.attribute_stats AS s WHERE s.day = d)
ORDER BY d
