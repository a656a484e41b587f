-- SPDX-License-Identifier: Apache-2.0
--
-- Attribute usage: values and entities per attribute in the window, and when it was seen first
-- and last.
--
-- $from        timestamp  now-30d  from that day on
-- $to          timestamp  now      up to that day
SELECT a.attribute_name, a.type, a.attribute_category AS category,
       CAST(coalesce(sum(s.value_count), 0) AS BIGINT) AS samples,
       count(DISTINCT s.entity_id) AS entities, min(s.first_at) AS first_seen,
       max(s.last_at) AS last_seen
FROM dim_attributes a
LEFT JOIN agg_daily_entity_stats s
    ON s.attribute_id = a.attribute_id
    AND s.stat_date >= CAST(CAST($from AS TIMESTAMPTZ) AS DATE)
    AND s.stat_date <= CAST(CAST($to AS TIMESTAMPTZ) AS DATE)
GROUP BY a.attribute_id, a.attribute_name, a.type, a.attribute_category
ORDER BY samples DESC, attribute_name
