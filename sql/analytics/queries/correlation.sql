-- SPDX-License-Identifier: Apache-2.0
--
-- Correlation of two attributes: Pearson's coefficient of their hourly averages per entity, over
-- the hours in which it has both.
--
-- $attribute   numeric    -        a numeric attribute
-- $other       numeric    -        another one
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
-- $hours       int        10       entities with fewer hours are left out
SELECT entity, count(*) AS hours, round(corr(one, two), 6) AS correlation
FROM (
    SELECT entity_id, any_value(external_id) AS entity, ingested_date, ingested_hour,
           avg(value_number) FILTER (attribute_name = $attribute) AS one,
           avg(value_number) FILTER (attribute_name = $other) AS two
    FROM fact_telemetry
    WHERE attribute_name IN ($attribute, $other) AND value_number IS NOT NULL
        AND ingested_at >= CAST($from AS TIMESTAMPTZ) AND ingested_at < CAST($to AS TIMESTAMPTZ)
    GROUP BY entity_id, ingested_date, ingested_hour)
WHERE one IS NOT NULL AND two IS NOT NULL
GROUP BY entity_id, entity
HAVING count(*) >= $hours
ORDER BY abs(corr(one, two)) DESC NULLS LAST, entity
