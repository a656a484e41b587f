-- SPDX-License-Identifier: Apache-2.0
--
-- New entities: registered per day (UTC) and type.
--
-- $from        timestamp  now-30d  registered since then
-- $to          timestamp  now      registered before then
SELECT CAST(created_at AS DATE) AS day, entity_type, count(*) AS entities
FROM dim_entities
WHERE created_at >= CAST($from AS TIMESTAMPTZ) AND created_at < CAST($to AS TIMESTAMPTZ)
GROUP BY day, entity_type
ORDER BY day, entity_type
