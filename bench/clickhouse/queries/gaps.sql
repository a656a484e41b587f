-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/gaps.sql in ClickHouse's SQL, of one tenant.
SELECT external_id AS entity, previous AS gap_from, ingested_at AS gap_to,
       (toUnixTimestamp64Micro(ingested_at) - toUnixTimestamp64Micro(previous)) / 1e6 AS seconds
FROM (
    SELECT external_id, ingested_at,
           lagInFrame(toNullable(ingested_at)) OVER (
               PARTITION BY entity_id ORDER BY ingested_at
               ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous
    FROM fact_telemetry
    WHERE tenant_id = $tenant AND attribute_name = $attribute AND kind <> 'none'
        AND ingested_at >= parseDateTime64BestEffort($from, 6, 'UTC')
        AND ingested_at < parseDateTime64BestEffort($to, 6, 'UTC'))
WHERE seconds > $longer
ORDER BY seconds DESC, entity, gap_from
LIMIT $count
