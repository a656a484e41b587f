-- SPDX-License-Identifier: Apache-2.0
--
-- Daily trend of an attribute: values, average, smallest and largest per day (UTC).
--
-- $attribute   numeric    -        a numeric attribute
-- $from        timestamp  now-30d  from that day on
-- $to          timestamp  now      up to that day
SELECT stat_date AS day, count(*) AS entities, CAST(sum(value_count) AS BIGINT) AS samples,
       sum(sum_value) / sum(value_count) AS average, min(min_value) AS lowest,
       max(max_value) AS highest
FROM agg_daily_entity_stats
WHERE attribute_name = $attribute AND stat_date >= CAST(CAST($from AS TIMESTAMPTZ) AS DATE)
    AND stat_date <= CAST(CAST($to AS TIMESTAMPTZ) AS DATE)
GROUP BY stat_date
ORDER BY day
