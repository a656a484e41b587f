-- SPDX-License-Identifier: Apache-2.0
--
-- Uptime by state: how long each entity was in each state of an attribute, from its first value
-- in the window to the window's end, and the share of that time.
--
-- $attribute   attribute  -        an attribute with few values, such as status
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
SELECT entity, state, sum(seconds) AS seconds,
       round(100 * sum(seconds) / sum(sum(seconds)) OVER (PARTITION BY entity_id), 2) AS percent
FROM (
    SELECT entity_id, external_id AS entity, value AS state,
           CAST(epoch_us(coalesce(lead(ingested_at) OVER (PARTITION BY entity_id
                                                          ORDER BY ingested_at),
                                  CAST($to AS TIMESTAMPTZ)))
                - epoch_us(ingested_at) AS DOUBLE) / 1e6 AS seconds
    FROM fact_telemetry
    WHERE attribute_name = $attribute AND ingested_at >= CAST($from AS TIMESTAMPTZ)
        AND ingested_at < CAST($to AS TIMESTAMPTZ))
WHERE state IS NOT NULL
GROUP BY entity_id, entity, state
ORDER BY entity, seconds DESC, state
