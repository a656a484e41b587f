-- SPDX-License-Identifier: Apache-2.0
--
-- Distribution of every numeric attribute by the value of another attribute: entities, average,
-- smallest, largest, median, 95th percentile and samples. An entity belongs to the group of its
-- latest value in the window.
--
-- $group       attribute  -        the attribute whose values are the groups
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
-- $samples     int        1        groups with fewer samples are left out
WITH groups AS (
    SELECT entity_id, arg_max(value, ingested_at) AS group_value
    FROM fact_telemetry
    WHERE attribute_name = $group AND ingested_at >= CAST($from AS TIMESTAMPTZ)
        AND ingested_at < CAST($to AS TIMESTAMPTZ)
    GROUP BY entity_id)
SELECT g.group_value, f.attribute_name, count(DISTINCT f.entity_id) AS entities,
       avg(f.number) AS average, min(f.number) AS lowest, max(f.number) AS highest,
       quantile_cont(f.number, [0.5, 0.95])[1] AS median,
       quantile_cont(f.number, [0.5, 0.95])[2] AS p95,
       count(*) AS samples
FROM (
    SELECT entity_id, attribute_name, value_number AS number
    FROM fact_telemetry
    WHERE value_number IS NOT NULL AND attribute_name <> $group
        AND ingested_at >= CAST($from AS TIMESTAMPTZ) AND ingested_at < CAST($to AS TIMESTAMPTZ)) f
JOIN groups g ON g.entity_id = f.entity_id
GROUP BY g.group_value, f.attribute_name
HAVING count(*) >= $samples
ORDER BY g.group_value, f.attribute_name
