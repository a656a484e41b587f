-- SPDX-License-Identifier: Apache-2.0
--
-- Anomalies by z-score: values that lie further from the average of their entity than so many
-- standard deviations, furthest first.
--
-- $attribute   numeric    -        a numeric attribute
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
-- $threshold   double     3        standard deviations
-- $count       int        100      at most so many values
SELECT external_id AS entity, ingested_at AS observed_at, number AS value, mean, deviation,
       round((number - mean) / deviation, 3) AS z_score
FROM (
    SELECT external_id, entity_id, ingested_at, number,
           avg(number) OVER (PARTITION BY entity_id) AS mean,
           stddev_samp(number) OVER (PARTITION BY entity_id) AS deviation
    FROM (
        SELECT external_id, entity_id, ingested_at, value_number AS number
        FROM fact_telemetry
        WHERE attribute_name = $attribute AND value_number IS NOT NULL
            AND ingested_at >= CAST($from AS TIMESTAMPTZ)
                AND ingested_at < CAST($to AS TIMESTAMPTZ)))
WHERE deviation > 0 AND abs(number - mean) / deviation > $threshold
ORDER BY abs(number - mean) / deviation DESC, entity, observed_at
LIMIT $count
