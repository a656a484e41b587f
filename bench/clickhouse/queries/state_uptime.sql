-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/state_uptime.sql in ClickHouse's SQL, of one tenant.
SELECT entity, state, sum(took) AS seconds,
       round(100 * sum(took) / sum(sum(took)) OVER (PARTITION BY entity_id), 2) AS percent
FROM (
    SELECT entity_id, external_id AS entity, kind, value AS state,
           (toUnixTimestamp64Micro(coalesce(
                leadInFrame(toNullable(ingested_at)) OVER (
                    PARTITION BY entity_id ORDER BY ingested_at
                    ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING),
                parseDateTime64BestEffort($to, 6, 'UTC')))
            - toUnixTimestamp64Micro(ingested_at)) / 1e6 AS took
    FROM fact_telemetry
    WHERE tenant_id = $tenant AND attribute_name = $attribute
        AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
        AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC'))
WHERE kind <> 'none'
GROUP BY entity_id, entity, state
ORDER BY entity, seconds DESC, state
