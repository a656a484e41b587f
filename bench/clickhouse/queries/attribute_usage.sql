-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/attribute_usage.sql in ClickHouse's SQL, of one tenant.
SELECT a.attribute_name, a.type, a.attribute_category AS category,
       coalesce(sum(s.value_count), 0) AS samples, uniqExact(s.entity_id) AS entities,
       min(s.first_at) AS first_seen, max(s.last_at) AS last_seen
FROM (SELECT * FROM dim_attributes WHERE tenant_id = $tenant) a
LEFT JOIN (
    SELECT attribute_id, entity_id, value_count, first_at, last_at FROM agg_daily_entity_stats
    WHERE tenant_id = $tenant
        AND stat_date >= toDate(parseDateTime64BestEffort($from, 6, 'UTC'))
        AND stat_date <= toDate(parseDateTime64BestEffort($to, 6, 'UTC'))) s
    ON s.attribute_id = a.attribute_id
GROUP BY a.attribute_id, a.attribute_name, a.type, a.attribute_category
ORDER BY samples DESC, a.attribute_name
