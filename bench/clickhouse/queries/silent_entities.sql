-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/silent_entities.sql in ClickHouse's SQL, of one tenant.
SELECT e.external_id AS entity, e.entity_type, max(s.last_at) AS last_seen
FROM (SELECT * FROM dim_entities WHERE tenant_id = $tenant AND NOT is_deleted) e
LEFT JOIN (SELECT entity_id, last_at FROM agg_daily_entity_stats WHERE tenant_id = $tenant) s
    ON s.entity_id = e.entity_id
GROUP BY e.entity_id, e.external_id, e.entity_type
HAVING last_seen IS NULL OR last_seen < parseDateTime64BestEffort($since, 6, 'UTC')
ORDER BY last_seen NULLS FIRST, entity
LIMIT $count
