-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/daily_trend.sql in ClickHouse's SQL, of one tenant.
SELECT stat_date AS day, count() AS entities, sum(value_count) AS samples,
       sum(sum_value) / sum(value_count) AS average, min(min_value) AS lowest,
       max(max_value) AS highest
FROM agg_daily_entity_stats
WHERE tenant_id = $tenant AND attribute_name = $attribute
    AND stat_date >= toDate(parseDateTime64BestEffort($from, 6, 'UTC'))
    AND stat_date <= toDate(parseDateTime64BestEffort($to, 6, 'UTC'))
GROUP BY stat_date
ORDER BY day
