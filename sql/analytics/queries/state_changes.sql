-- SPDX-License-Identifier: Apache-2.0
--
-- State changes: how often the value of an attribute changed per entity, most often first.
--
-- $attribute   attribute  -        an attribute with few values, such as status
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
-- $count       int        100      at most so many entities
SELECT entity, count(*) AS samples,
       count(*) FILTER (previous IS NOT NULL AND previous <> value) AS changes,
       arg_max(value, ingested_at) AS last_value
FROM (
    SELECT entity_id, external_id AS entity, ingested_at, value,
           lag(value) OVER (PARTITION BY entity_id ORDER BY ingested_at) AS previous
    FROM fact_telemetry
    WHERE attribute_name = $attribute AND has_value
        AND ingested_at >= CAST($from AS TIMESTAMPTZ) AND ingested_at < CAST($to AS TIMESTAMPTZ))
GROUP BY entity_id, entity
ORDER BY changes DESC, entity
LIMIT $count
