-- SPDX-License-Identifier: Apache-2.0
--
-- Hourly profile of an attribute: average and spread per hour of the day (UTC).
--
-- $attribute   numeric    -        a numeric attribute
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
SELECT ingested_hour AS hour, count(*) AS samples, avg(number) AS average,
       quantile_cont(number, [0.05, 0.95])[1] AS p5, quantile_cont(number, [0.05, 0.95])[2] AS p95
FROM (
    SELECT ingested_hour, value_number AS number
    FROM fact_telemetry
    WHERE attribute_name = $attribute AND value_number IS NOT NULL
        AND ingested_at >= CAST($from AS TIMESTAMPTZ) AND ingested_at < CAST($to AS TIMESTAMPTZ))
GROUP BY ingested_hour
ORDER BY hour
