-- SPDX-License-Identifier: Apache-2.0
--
-- sql/analytics/queries/tenant_skew.sql in ClickHouse's SQL, of one tenant.
SELECT t.tenant_name,
       (SELECT count() FROM dim_entities WHERE tenant_id = $tenant AND NOT is_deleted) AS entities,
       coalesce(sum(s.value_count), 0) AS samples,
       round(100.0 * coalesce(sum(s.value_count), 0)
             / nullIf(sum(sum(s.value_count)) OVER (), 0), 2) AS percent
FROM (SELECT * FROM dim_tenants WHERE tenant_id = $tenant) t
LEFT JOIN (
    SELECT tenant_id, value_count FROM agg_daily_entity_stats
    WHERE tenant_id = $tenant
        AND stat_date >= toDate(parseDateTime64BestEffort($from, 6, 'UTC'))
        AND stat_date <= toDate(parseDateTime64BestEffort($to, 6, 'UTC'))) s
    ON s.tenant_id = t.tenant_id
GROUP BY t.tenant_id, t.tenant_name
ORDER BY samples DESC, t.tenant_name
