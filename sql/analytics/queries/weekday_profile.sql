-- SPDX-License-Identifier: Apache-2.0
--
-- Weekday profile of an attribute: average per day of the week (UTC; 0 is Sunday).
--
-- $attribute   numeric    -        a numeric attribute
-- $from        timestamp  now-28d  from that day on
-- $to          timestamp  now      up to that day
SELECT dayofweek(stat_date) AS day_of_week, CAST(sum(value_count) AS BIGINT) AS samples,
       sum(sum_value) / sum(value_count) AS average, min(min_value) AS lowest,
       max(max_value) AS highest
FROM agg_daily_entity_stats
WHERE attribute_name = $attribute AND stat_date >= CAST(CAST($from AS TIMESTAMPTZ) AS DATE)
    AND stat_date <= CAST(CAST($to AS TIMESTAMPTZ) AS DATE)
GROUP BY day_of_week
ORDER BY day_of_week
