-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/category_volume.sql in ClickHouse's SQL, of one tenant.
SELECT formatDateTime(stat_date, '%Y-%m') AS year_month, attribute_category AS category,
       uniqExact(attribute_id) AS attributes, uniqExact(entity_id) AS entities,
       sum(value_count) AS samples
FROM agg_daily_entity_stats
WHERE tenant_id = $tenant AND stat_date >= toDate(parseDateTime64BestEffort($from, 6, 'UTC'))
    AND stat_date <= toDate(parseDateTime64BestEffort($to, 6, 'UTC'))
GROUP BY year_month, category
ORDER BY year_month, category
