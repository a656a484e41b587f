-- SPDX-License-Identifier: Apache-2.0
--
-- Gaps: intervals without a value of an attribute that are longer than so many seconds, longest
-- first.
--
-- $attribute   attribute  -        the attribute
-- $from        timestamp  now-7d   observed since then
-- $to          timestamp  now      observed before then
-- $longer      double     3600     seconds
-- $count       int        100      at most so many gaps
SELECT external_id AS entity, previous AS gap_from, ingested_at AS gap_to,
       CAST(epoch_us(ingested_at) - epoch_us(previous) AS DOUBLE) / 1e6 AS seconds
FROM (
    SELECT external_id, ingested_at,
           lag(ingested_at) OVER (PARTITION BY entity_id ORDER BY ingested_at) AS previous
    FROM fact_telemetry
    WHERE attribute_name = $attribute AND has_value
        AND ingested_at >= CAST($from AS TIMESTAMPTZ) AND ingested_at < CAST($to AS TIMESTAMPTZ))
WHERE epoch_us(ingested_at) - epoch_us(previous) > $longer * 1e6
ORDER BY seconds DESC, entity, gap_from
LIMIT $count
