-- SPDX-License-Identifier: Apache-2.0
--
-- Tenant skew: entities and values per tenant in the window, and the share of all. A token shows
-- its own tenant.
--
-- $from        timestamp  now-30d  from that day on
-- $to          timestamp  now      up to that day
SELECT t.tenant_name,
       (SELECT count(*) FROM dim_entities e
        WHERE e.tenant_id = t.tenant_id AND e.is_deleted IS NOT TRUE) AS entities,
       CAST(coalesce(sum(s.value_count), 0) AS BIGINT) AS samples,
       round(100.0 * coalesce(sum(s.value_count), 0)
             / nullif(sum(sum(s.value_count)) OVER (), 0), 2) AS percent
FROM dim_tenants t
LEFT JOIN agg_daily_entity_stats s
    ON s.tenant_id = t.tenant_id
    AND s.stat_date >= CAST(CAST($from AS TIMESTAMPTZ) AS DATE)
    AND s.stat_date <= CAST(CAST($to AS TIMESTAMPTZ) AS DATE)
GROUP BY t.tenant_id, t.tenant_name
ORDER BY samples DESC, t.tenant_name
