-- SPDX-License-Identifier: Apache-2.0
--
-- Silent entities: those that sent nothing since a moment, with the last sign of life that the
-- store knows, longest silence first.
--
-- $since       timestamp  now-1d   silent since then
-- $count       int        1000     at most so many entities
SELECT e.external_id AS entity, e.entity_type, max(s.last_at) AS last_seen
FROM dim_entities e
LEFT JOIN agg_daily_entity_stats s ON s.entity_id = e.entity_id
WHERE e.is_deleted IS NOT TRUE
GROUP BY e.entity_id, e.external_id, e.entity_type
HAVING max(s.last_at) IS NULL OR max(s.last_at) < CAST($since AS TIMESTAMPTZ)
ORDER BY last_seen NULLS FIRST, entity
LIMIT $count
