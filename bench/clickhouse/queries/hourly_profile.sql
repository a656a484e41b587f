-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/hourly_profile.sql in ClickHouse's SQL, of one tenant.
SELECT hour, samples, average, quantiles[1] AS p5, quantiles[2] AS p95
FROM (
    SELECT toHour(ingested_at) AS hour, count() AS samples, avg(number) AS average,
           quantilesExactInclusive(0.05, 0.95)(number) AS quantiles
    FROM fact_telemetry
    WHERE tenant_id = $tenant AND attribute_name = $attribute AND kind = 'number'
        AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
        AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC')
    GROUP BY hour)
ORDER BY hour
