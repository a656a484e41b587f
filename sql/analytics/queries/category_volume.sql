-- SPDX-License-Identifier: Apache-2.0
--
-- Volume by category of attributes and month.
--
-- $from        timestamp  now-365d from that day on
-- $to          timestamp  now      up to that day
SELECT strftime(stat_date, '%Y-%m') AS year_month, attribute_category AS category,
       count(DISTINCT attribute_id) AS attributes, count(DISTINCT entity_id) AS entities,
       CAST(sum(value_count) AS BIGINT) AS samples
FROM agg_daily_entity_stats
WHERE stat_date >= CAST(CAST($from AS TIMESTAMPTZ) AS DATE)
    AND stat_date <= CAST(CAST($to AS TIMESTAMPTZ) AS DATE)
GROUP BY year_month, category
ORDER BY year_month, category
