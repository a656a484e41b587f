-- SPDX-License-Identifier: Apache-2.0
--
-- Summary by entity type: entities, attributes and values in the window.
--
-- $from        timestamp  now-30d  from that day on
-- $to          timestamp  now      up to that day
SELECT e.entity_type, count(DISTINCT e.entity_id) AS entities,
       count(DISTINCT s.attribute_id) AS attributes,
       CAST(coalesce(sum(s.value_count), 0) AS BIGINT) AS samples, max(s.last_at) AS last_seen
FROM dim_entities e
LEFT JOIN agg_daily_entity_stats s
    ON s.entity_id = e.entity_id
    AND s.stat_date >= CAST(CAST($from AS TIMESTAMPTZ) AS DATE)
    AND s.stat_date <= CAST(CAST($to AS TIMESTAMPTZ) AS DATE)
WHERE e.is_deleted IS NOT TRUE
GROUP BY e.entity_type
ORDER BY entities DESC, e.entity_type
