-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/distribution_by_group.sql in ClickHouse's SQL, of one tenant.
WITH groups AS (
    SELECT entity_id, argMax(value, ingested_at) AS group_value
    FROM fact_telemetry
    WHERE tenant_id = $tenant AND attribute_name = $group
        AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
        AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC')
    GROUP BY entity_id)
SELECT group_value, attribute_name, entities, average, lowest, highest, quantiles[1] AS median,
       quantiles[2] AS p95, samples
FROM (
    SELECT g.group_value AS group_value, f.attribute_name AS attribute_name,
           uniqExact(f.entity_id) AS entities, avg(f.number) AS average, min(f.number) AS lowest,
           max(f.number) AS highest, quantilesExactInclusive(0.5, 0.95)(f.number) AS quantiles,
           count() AS samples
    FROM (
        SELECT entity_id, attribute_name, number
        FROM fact_telemetry
        WHERE tenant_id = $tenant AND kind = 'number' AND attribute_name <> $group
            AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
            AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC')) f
    JOIN groups g ON g.entity_id = f.entity_id
    GROUP BY group_value, attribute_name
    HAVING samples >= $samples)
ORDER BY group_value, attribute_name
