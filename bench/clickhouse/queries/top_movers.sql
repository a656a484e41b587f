-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/top_movers.sql in ClickHouse's SQL, of one tenant.
WITH halves AS (
    SELECT entity_id, any(external_id) AS entity, avgIf(number, ingested_at < middle) AS before,
           avgIf(number, ingested_at >= middle) AS after, countIf(ingested_at < middle) AS early,
           count() - early AS late
    FROM (
        SELECT entity_id, external_id, number, ingested_at,
               addMicroseconds(
                   parseDateTime64BestEffort($from, 6, 'UTC'),
                   intDiv(toUnixTimestamp64Micro(parseDateTime64BestEffort($to, 6, 'UTC'))
                          - toUnixTimestamp64Micro(parseDateTime64BestEffort($from, 6, 'UTC')),
                          2)) AS middle
        FROM fact_telemetry
        WHERE tenant_id = $tenant AND attribute_name = $attribute AND kind = 'number'
            AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
            AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC'))
    GROUP BY entity_id)
SELECT entity, before, after, after - before AS change,
       round(100 * (after - before) / nullIf(abs(before), 0), 2) AS percent
FROM halves
WHERE early > 0 AND late > 0
ORDER BY abs(after - before) DESC, entity
LIMIT $count
