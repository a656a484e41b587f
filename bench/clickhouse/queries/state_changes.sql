-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/state_changes.sql in ClickHouse's SQL, of one tenant.
SELECT entity, count() AS samples,
       countIf(previous IS NOT NULL AND previous <> value) AS changes,
       argMax(value, ingested_at) AS last_value
FROM (
    SELECT entity_id, external_id AS entity, ingested_at, value,
           lagInFrame(toNullable(value)) OVER (
               PARTITION BY entity_id ORDER BY ingested_at
               ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous
    FROM fact_telemetry
    WHERE tenant_id = $tenant AND attribute_name = $attribute AND kind <> 'none'
        AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
        AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC'))
GROUP BY entity_id, entity
ORDER BY changes DESC, entity
LIMIT $count
