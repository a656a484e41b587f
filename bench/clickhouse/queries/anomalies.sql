-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/anomalies.sql in ClickHouse's SQL, of one tenant.
SELECT external_id AS entity, ingested_at AS observed_at, number AS value, mean, deviation,
       round((number - mean) / deviation, 3) AS z_score
FROM (
    SELECT external_id, ingested_at, number, avg(number) OVER w AS mean,
           stddevSamp(number) OVER w AS deviation
    FROM fact_telemetry
    WHERE tenant_id = $tenant AND attribute_name = $attribute AND kind = 'number'
        AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
        AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC')
    WINDOW w AS (PARTITION BY entity_id))
WHERE deviation > 0 AND abs(number - mean) / deviation > $threshold
ORDER BY abs(number - mean) / deviation DESC, entity, observed_at
LIMIT $count
