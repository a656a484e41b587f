-- SPDX-License-Identifier: Apache-2.0
--
-- Fleet distribution: how many entities have which value of an attribute, by the latest value of
-- each entity in the window.
--
-- $attribute   attribute  -        the attribute whose values are counted
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
SELECT value, count(*) AS entities,
       round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS percent
FROM (
    SELECT entity_id, arg_max(value, ingested_at) AS value
    FROM fact_telemetry
    WHERE attribute_name = $attribute AND ingested_at >= CAST($from AS TIMESTAMPTZ)
        AND ingested_at < CAST($to AS TIMESTAMPTZ)
    GROUP BY entity_id)
GROUP BY value
ORDER BY entities DESC, value
