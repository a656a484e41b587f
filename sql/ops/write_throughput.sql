-- SPDX-License-Identifier: Apache-2.0
-- Data points written per minute of the last hour.
--
-- Result   minute timestamptz, data_points bigint, points_per_second numeric (over the minute)
SELECT date_trunc('minute', window_start) AS minute,
       sum(data_points) AS data_points,
       round(sum(data_points) / 60, 1) AS points_per_second
FROM public.v_write_throughput
WHERE window_start > now() - interval '1 hour'
GROUP BY 1
ORDER BY 1 DESC;
