-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/arrival_lag.sql in ClickHouse's SQL, of one tenant.
SELECT day, samples, quantiles[1] AS p50, quantiles[2] AS p95, longest, late
FROM (
    SELECT toDate(ingested_at) AS day, count() AS samples,
           quantilesExactInclusive(0.5, 0.95)(lag) AS quantiles, max(lag) AS longest,
           countIf(lag > $late) AS late
    FROM (
        SELECT ingested_at,
               (toUnixTimestamp64Micro(received_at) - toUnixTimestamp64Micro(ingested_at)) / 1e6
                   AS lag
        FROM fact_telemetry
        WHERE tenant_id = $tenant AND kind <> 'none'
            AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
            AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC'))
    GROUP BY day)
ORDER BY day
