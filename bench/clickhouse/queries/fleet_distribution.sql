-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/fleet_distribution.sql in ClickHouse's SQL, of one tenant.
SELECT value, count() AS entities, round(100.0 * count() / sum(count()) OVER (), 2) AS percent
FROM (
    SELECT entity_id, argMax(value, ingested_at) AS value
    FROM fact_telemetry
    WHERE tenant_id = $tenant AND attribute_name = $attribute
        AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
        AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC')
    GROUP BY entity_id)
GROUP BY value
ORDER BY entities DESC, value
