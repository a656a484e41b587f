-- SPDX-License-Identifier: Apache-2.0
-- Data points of the last hour by source: gateways, stage_flush, SQL sessions.
--
-- Result   source text, data_points bigint, share numeric (percent), last_window timestamptz
SELECT CASE WHEN source LIKE 'sql %' THEN 'sql sessions' ELSE source END AS source,
       sum(data_points) AS data_points,
       round(100 * sum(data_points) / sum(sum(data_points)) OVER (), 1) AS share,
       max(window_start) AS last_window
FROM public.write_throughput
WHERE window_start > now() - interval '1 hour'
GROUP BY 1
ORDER BY 2 DESC;
