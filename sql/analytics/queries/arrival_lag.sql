-- SPDX-License-Identifier: Apache-2.0
--
-- Data quality by arrival lag: how long after their observation values arrived, in seconds, per
-- day (UTC).
--
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
-- $late        double     60       a value that took longer, in seconds, is late
SELECT ingested_date AS day, count(*) AS samples,
       quantile_cont(lag, [0.5, 0.95])[1] AS p50, quantile_cont(lag, [0.5, 0.95])[2] AS p95,
       max(lag) AS longest,
       count(*) FILTER (lag > $late) AS late
FROM (
    SELECT ingested_date, CAST(epoch_us(received_at) - epoch_us(observed_at) AS DOUBLE) / 1e6 AS lag
    FROM fact_telemetry
    WHERE has_value AND ingested_at >= CAST($from AS TIMESTAMPTZ)
        AND ingested_at < CAST($to AS TIMESTAMPTZ))
GROUP BY ingested_date
ORDER BY day
