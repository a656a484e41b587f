-- SPDX-License-Identifier: Apache-2.0
--
-- Top movers: the entities whose average of an attribute changed most between the first and the
-- second half of the window.
--
-- $attribute   numeric    -        a numeric attribute
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
-- $count       int        20       at most so many entities
WITH halves AS (
    SELECT entity_id, any_value(external_id) AS entity,
           avg(value_number) FILTER (ingested_at < middle) AS before,
           avg(value_number) FILTER (ingested_at >= middle) AS after
    FROM fact_telemetry,
         (SELECT CAST($from AS TIMESTAMPTZ)
                 + (CAST($to AS TIMESTAMPTZ) - CAST($from AS TIMESTAMPTZ)) / 2 AS middle)
    WHERE attribute_name = $attribute AND value_number IS NOT NULL
        AND ingested_at >= CAST($from AS TIMESTAMPTZ) AND ingested_at < CAST($to AS TIMESTAMPTZ)
    GROUP BY entity_id)
SELECT entity, before, after, after - before AS change,
       round(100 * (after - before) / nullif(abs(before), 0), 2) AS percent
FROM halves
WHERE before IS NOT NULL AND after IS NOT NULL
ORDER BY abs(after - before) DESC, entity
LIMIT $count
