-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/type_summary.sql in ClickHouse's SQL, of one tenant.
SELECT e.entity_type AS entity_type, uniqExact(e.entity_id) AS entities,
       uniqExact(s.attribute_id) AS attributes, coalesce(sum(s.value_count), 0) AS samples,
       max(s.last_at) AS last_seen
FROM (SELECT * FROM dim_entities WHERE tenant_id = $tenant AND NOT is_deleted) e
LEFT JOIN (
    SELECT entity_id, attribute_id, value_count, last_at FROM agg_daily_entity_stats
    WHERE tenant_id = $tenant
        AND stat_date >= toDate(parseDateTime64BestEffort($from, 6, 'UTC'))
        AND stat_date <= toDate(parseDateTime64BestEffort($to, 6, 'UTC'))) s
    ON s.entity_id = e.entity_id
GROUP BY e.entity_type
ORDER BY entities DESC, e.entity_type
