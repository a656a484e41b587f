-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/new_entities.sql in ClickHouse's SQL, of one tenant.
SELECT toDate(created_at) AS day, entity_type, count() AS entities
FROM dim_entities
WHERE tenant_id = $tenant AND created_at >= parseDateTime64BestEffort($from, 6, 'UTC')
    AND created_at < parseDateTime64BestEffort($to, 6, 'UTC')
GROUP BY day, entity_type
ORDER BY day, entity_type
