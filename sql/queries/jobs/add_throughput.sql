-- SPDX-License-Identifier: Apache-2.0
--
-- Adds data points to the current ten seconds of a source.
--
-- $1 source  text
-- $2 points  bigint
-- Caller     src/jobs/standard_jobs.cc
INSERT INTO public.write_throughput AS w (window_start, source, data_points)
VALUES (to_timestamp(floor(extract(epoch FROM clock_timestamp()) / 10) * 10), $1, $2)
ON CONFLICT (window_start, source)
DO UPDATE SET data_points = w.data_points + excluded.data_points
